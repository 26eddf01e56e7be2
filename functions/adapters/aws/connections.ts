import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { SECOND_MS } from '../../core/time.ts';

/** What every AWS client is made with. */
export interface AwsSettings {
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly httpAgent: HttpAgent;
    readonly httpsAgent: HttpsAgent;
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
}

export interface AwsConnections {
  readonly settings: AwsSettings;
  /** Closes kept connections: while a function is frozen, the other side may forget them without a word. */
  drop(): void;
}

/** One pool of connections for all AWS clients. The SDK retries throttling and broken connections by itself; three tries with
 *  these limits end within a tick. */
export function createAwsConnections(): AwsConnections {
  const options = { keepAlive: true, maxSockets: 50 };
  const httpAgent = new HttpAgent(options);
  const httpsAgent = new HttpsAgent(options);
  return {
    settings: {
      maxAttempts: 3,
      requestHandler: {
        httpAgent,
        httpsAgent,
        connectionTimeout: SECOND_MS,
        requestTimeout: 3 * SECOND_MS,
        throwOnRequestTimeout: true,
      },
    },
    drop() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}
