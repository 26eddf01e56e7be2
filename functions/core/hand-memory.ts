import { LIMITS } from './policy.ts';
import { type DurationMs, type EpochMs, SECOND_MS } from './time.ts';
import type { InHand } from './work.ts';

/** What is remembered of one scheduler's tasks, since what it has finished is nowhere to be read. */
export interface HandMemory {
  /** When it queued and started last, as far as any look has seen. */
  readonly queuedAt: EpochMs | null;
  readonly startedAt: EpochMs | null;
  /** In how many looks it had queued something new. */
  readonly queued: number;
  /**
   * How many looks in a row it was passed over: work waited that anybody could take, a peer took some, and it, with nothing in hand,
   * did not. And the most of them that a queueing of its own has ever ended.
   */
  readonly passed: number;
  readonly passedMost: number;
  /** The look that was counted last. */
  readonly countedAt: EpochMs | null;
  /** Since when what it queued ages and it starts nothing. */
  readonly stuckSince: EpochMs | null;
  /** When its aged tasks were last seen overtaken. */
  readonly overtakenAt: EpochMs | null;
}

const NOTHING_SEEN: HandMemory = {
  queuedAt: null,
  startedAt: null,
  queued: 0,
  passed: 0,
  passedMost: 0,
  countedAt: null,
  stuckSince: null,
  overtakenAt: null,
};

/** One look at what a scheduler does, beside its peers. */
export interface WorkSeen {
  readonly own: InHand;
  readonly peers: readonly InHand[];
  readonly isOvertaken: boolean;
  /** Work waits that any scheduler could take. */
  readonly waits: boolean;
  /** Nothing else explains what it does not do: it beats as always, and so does the database. */
  readonly isCalm: boolean;
  readonly at: EpochMs;
}

/** By how much the same moment may seem to move between two looks, each of which takes seconds at most. */
const BLUR_MS: DurationMs = 2 * LIMITS.probeDeadlineMs;

/** A moment so many seconds before the look. */
const momentOf = (seconds: number | null, at: EpochMs): EpochMs | null =>
  seconds === null ? null : at - seconds * SECOND_MS;

const later = (one: EpochMs | null, other: EpochMs | null): EpochMs | null =>
  one === null || other === null ? (one ?? other) : Math.max(one, other);

export function rememberHand(before: HandMemory | null, seen: WorkSeen): HandMemory {
  const was = before ?? NOTHING_SEEN;
  const { own, at } = seen;
  const queuedAt = later(was.queuedAt, momentOf(own.newestQueuedSeconds, at));
  const startedAt = later(was.startedAt, momentOf(own.newestStartSeconds, at));
  const isAnew = queuedAt !== null && (was.queuedAt === null || queuedAt - was.queuedAt > BLUR_MS);
  const isStuck = own.agedTasks > 0 && !hasStarted(own, startedAt, at);
  const counted = { ...was, ...countOf(was, seen, isAnew) };
  return {
    ...counted,
    queuedAt,
    startedAt,
    queued: was.queued + (isAnew ? 1 : 0),
    stuckSince: isStuck ? (was.stuckSince ?? at) : null,
    overtakenAt: seen.isOvertaken ? at : was.overtakenAt,
  };
}

/** It started something after the oldest of what ages was queued: then its executor works, and that task has its own reasons. */
function hasStarted(own: InHand, startedAt: EpochMs | null, at: EpochMs): boolean {
  const oldestAt = momentOf(own.oldestAgedSeconds, at);
  return startedAt !== null && oldestAt !== null && startedAt + BLUR_MS >= oldestAt;
}

function countOf(
  was: HandMemory,
  { own, peers, waits, isCalm, at }: WorkSeen,
  isAnew: boolean,
): Pick<HandMemory, 'passed' | 'passedMost' | 'countedAt'> {
  const { passed, countedAt } = was;
  // Whoever has a task in hand is no idle hand, and its slots may be taken by right.
  if (isAnew || own.tasks > 0)
    return { passed: 0, passedMost: Math.max(was.passedMost, passed), countedAt: at };
  const sinceMs = countedAt === null ? null : at - countedAt;
  // Looks of one tick are seconds apart and count once; a clock that jumped back begins anew.
  if (sinceMs !== null && sinceMs >= 0 && sinceMs < LIMITS.workCountedEveryMs)
    return { passed, passedMost: was.passedMost, countedAt };
  const took = peers.some(
    ({ newestQueuedSeconds: newest }) =>
      // Less than nothing is a clock that is ahead, by which a moment is new for too long.
      sinceMs !== null && newest !== null && newest >= 0 && newest * SECOND_MS + BLUR_MS < sinceMs,
  );
  const isPassed = took && waits && isCalm;
  return { passed: passed + (isPassed ? 1 : 0), passedMost: was.passedMost, countedAt: at };
}
