import { isOf } from './locks.ts';
import type { DatabaseClient, LocksFacts, Look } from './observation.ts';
import type { PodFact } from './pod.ts';

/**
 * Whoever waits is one of these pods and waits for one of them: what is locked is their own doing, and ends with the one that holds it.
 * However short the wait: that they are stuck is not said here.
 */
export function isAmongThemselves(pods: readonly PodFact[], locks: Look<LocksFacts> | null): boolean {
  if (locks?.kind !== 'answered') return false;
  const areTheirs = (clients: readonly DatabaseClient[]) =>
    clients.every((client) => pods.some((pod) => isOf(pod, client)));
  return (
    locks.waits.length > 0 && locks.waits.every(({ waiting, holders }) => areTheirs([waiting, ...holders]))
  );
}
