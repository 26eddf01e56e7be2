import type { DatabaseClient, LockWait } from '../../core/observation.ts';

/** A session that waits for a lock, or that others wait for. */
export interface LockSession {
  readonly client: DatabaseClient;
  /** One of the watchdog's own. */
  readonly isOurs: boolean;
  readonly blockedBy: readonly number[];
  /** Set when it waits for something that schedulers need. */
  readonly wait: Pick<LockWait, 'on' | 'waitedSeconds'> | null;
}

/** Enough to see what is going on; the rest is counted by nobody. */
const MOST_WAITS = 20;
const MOST_HOLDERS = 5;

/** The longest waits first, each with the ends of its chain. A wait that only our own session causes ends with our look. */
export function lockWaits(sessions: ReadonlyMap<number, LockSession>): readonly LockWait[] {
  const waiting = [...sessions.values()].filter(({ wait, isOurs }) => wait !== null && !isOurs);
  waiting.sort((a, b) => (b.wait?.waitedSeconds ?? 0) - (a.wait?.waitedSeconds ?? 0));
  const waits: LockWait[] = [];
  for (const { client, wait } of waiting) {
    const holders = holdersOf(client.id, sessions);
    if (wait !== null && holders.length > 0) waits.push({ waiting: client, ...wait, holders });
    if (waits.length === MOST_WAITS) break;
  }
  return waits;
}

function holdersOf(id: number, sessions: ReadonlyMap<number, LockSession>): readonly DatabaseClient[] {
  const reached = reachedFrom(id, sessions);
  const ends = reached.filter(({ blockedBy }) => blockedBy.length === 0);
  // In a circle, which the server is about to break, nobody is an end: then whom it waits for directly.
  const direct = sessions.get(id)?.blockedBy.flatMap((next) => sessions.get(next) ?? []) ?? [];
  const holders = ends.length > 0 ? ends : direct.filter(({ client }) => client.id !== id);
  return holders
    .filter(({ isOurs }) => !isOurs)
    .slice(0, MOST_HOLDERS)
    .map(({ client }) => client);
}

/** Everybody whom the session waits for, directly or by way of others; once each, so that a circle ends. */
function reachedFrom(id: number, sessions: ReadonlyMap<number, LockSession>): readonly LockSession[] {
  const seen = new Set([id]);
  const reached: LockSession[] = [];
  // A set can grow while it is walked.
  for (const one of seen) {
    const session = sessions.get(one);
    if (session === undefined) continue;
    if (one !== id) reached.push(session);
    for (const next of session.blockedBy) seen.add(next);
  }
  return reached;
}
