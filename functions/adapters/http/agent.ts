import type { ConnectionOptions } from 'node:tls';
import { LIMITS } from '../../core/policy.ts';
import { Agent, type Dispatcher } from './undici.ts';

/** A socket still connecting outlives an aborted request; it is given up when no probe can be waiting for it any more. */
export function createAgent(tls: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername'> = {}): Agent {
  return new Agent({ connect: { ...tls, timeout: LIMITS.probeDeadlineMs } });
}

export interface RenewableAgent {
  readonly dispatcher: Dispatcher;
  /** Later requests use new connections; those on their way may end. */
  renew(): void;
  destroy(): Promise<void>;
}

/** An agent whose kept connections can be given up while it stays in use. */
export function createRenewableAgent(): RenewableAgent {
  let agent = createAgent();
  return {
    get dispatcher() {
      return agent;
    },
    renew() {
      const old = agent;
      agent = createAgent();
      old.close().catch(() => undefined);
    },
    destroy: () => agent.destroy(),
  };
}
