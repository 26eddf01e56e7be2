import type { ConnectionOptions } from 'node:tls';
import { Agent } from 'undici';
import { LIMITS } from '../../core/policy.ts';

/** A socket still connecting outlives an aborted request; it is given up when no probe can be waiting for it any more. */
export function createAgent(tls: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername'> = {}): Agent {
  return new Agent({ connect: { ...tls, timeout: LIMITS.probeDeadlineMs } });
}
