import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { WatchdogError } from '../../core/errors.ts';
import { quote } from '../../core/redact.ts';
import { MINUTE_MS } from '../../core/time.ts';
import { createAgent } from '../http/agent.ts';
import { boundedRequest } from '../http/request.ts';
import { describeAwsError } from './errors.ts';
import type { Credentials } from './presign.ts';

export interface InvokeOptions {
  readonly credentials: Credentials;
  readonly region: () => Promise<string>;
  /** Stands in for Lambda's own address, as AWS_ENDPOINT_URL_LAMBDA does for the SDK. */
  readonly endpoint: string | null;
}

/** Longer than the function itself may take. */
const DEADLINE_MS = 2 * MINUTE_MS;
/** Lambda's own limit for an answer. */
const MAX_BYTES = 6 * 1024 * 1024;

/** Invokes a function and waits for its answer. One signed request, so that no SDK client is needed for one command. */
export function createInvoke({ credentials, region, endpoint }: InvokeOptions) {
  return async (name: string, event: object): Promise<unknown> => {
    const where = await region().catch((error: unknown) => {
      throw refused(name, describeAwsError(error));
    });
    const url = new URL(
      endpoint ?? `https://lambda.${where}.amazonaws.com${where.startsWith('cn-') ? '.cn' : ''}`,
    );
    const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
    const body = JSON.stringify(event);
    const signer = new SignatureV4({ service: 'lambda', region: where, credentials, sha256: Sha256 });
    const signed = await signer
      .sign({
        method: 'POST',
        protocol: url.protocol,
        hostname: url.hostname,
        path,
        headers: { host: url.host, 'content-type': 'application/json' },
        body,
      })
      .catch((error: unknown) => {
        throw refused(name, describeAwsError(error));
      });
    const dispatcher = createAgent();
    try {
      const told = await boundedRequest({
        url: `${url.origin}${path}`,
        method: 'POST',
        headers: signed.headers,
        body,
        dispatcher,
        deadlineMs: DEADLINE_MS,
        maxBytes: MAX_BYTES,
      });
      if (told.kind !== 'answer') throw refused(name, told.detail);
      if (told.status !== 200) throw refused(name, `${told.status}: ${quote(told.body, 300)}`);
      // A function that threw is a 200 with this header.
      if (told.headers['x-amz-function-error'] !== undefined)
        throw refused(name, `it failed: ${quote(told.body, 600)}`);
      return JSON.parse(told.body);
    } finally {
      await dispatcher.destroy();
    }
  };
}

function refused(name: string, why: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_FUNCTION',
    what: `the function ${name} did not answer (${why})`,
    notDone: 'nothing was examined',
    run: 'Check its name, region and who you are: `aws lambda get-function --function-name NAME`; you need lambda:InvokeFunction.',
  });
}
