import type { ConnectionOptions } from 'node:tls';
import { LIMITS } from '../../core/policy.ts';
import { foreignLookup, foreignOnly } from './forbidden-addresses.ts';
import { directOrThroughProxy, type ProxyOf } from './proxy.ts';
import { Agent, connector, type Dispatcher } from './undici.ts';

/** Whom connections may go to: anybody, or only what is not this machine and its surroundings. */
export type Reach = 'any' | 'foreign';

/** A socket still connecting outlives an aborted request; it is given up when no probe can be waiting for it any more. */
export function createAgent(
  tls: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername'> = {},
  reach: Reach = 'any',
  proxyOf: ProxyOf | null = null,
): Agent {
  const options = { ...tls, timeout: LIMITS.probeDeadlineMs };
  // Behind a proxy nobody here sees where a name leads to: what may not lead everywhere is asked directly.
  if (reach === 'any')
    return new Agent({ connect: proxyOf === null ? options : directOrThroughProxy(options, proxyOf) });
  return new Agent({ connect: foreignOnly(connector({ ...options, lookup: foreignLookup() })) });
}

export interface RenewableAgent {
  readonly dispatcher: Dispatcher;
  /** Later requests use new connections; those on their way may end. */
  renew(): void;
  destroy(): Promise<void>;
}

/** An agent whose kept connections can be given up while it stays in use. */
export function createRenewableAgent(proxyOf: ProxyOf | null = null): RenewableAgent {
  const create = () => createAgent({}, 'any', proxyOf);
  let agent = create();
  return {
    get dispatcher() {
      return agent;
    },
    renew() {
      const old = agent;
      agent = create();
      old.close().catch(() => undefined);
    },
    destroy: () => agent.destroy(),
  };
}
