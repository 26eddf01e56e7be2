import type { HandMemory } from './hand-memory.ts';
import type { PoolTasks, ProgressFacts } from './observation.ts';
import { LIMITS, type Policy } from './policy.ts';
import { type EpochMs, formatDuration, SECOND_MS } from './time.ts';
import type { InHand } from './work.ts';

/** One scheduler of several that does nothing while its peers work. */
export type Standstill =
  /** What it queued is never started. */
  | { readonly kind: 'starts-nothing'; readonly why: string }
  /** It takes none of the work that waits: its executor has lost its slots. */
  | { readonly kind: 'queues-nothing'; readonly why: string };

/** All that one scheduler is judged by beside its peers. */
export interface Beside {
  readonly memory: HandMemory;
  readonly own: InHand;
  /** Each peer that lives; an empty list convicts nobody. */
  readonly peers: readonly InHand[];
  readonly progress: ProgressFacts;
  readonly policy: Policy;
  readonly at: EpochMs;
}

/**
 * Peers on the same database are the comparison: whatever the workers, pools, limits and priorities are, they are theirs as well.
 * A peer that does as little convicts nobody. null: it works, or something innocent may explain that it does not.
 */
export function standstillOf(beside: Beside): Standstill | null {
  if (beside.peers.length === 0) return null;
  return startsNothing(beside) ?? queuesNothing(beside);
}

const limitMsOf = ({ stallLimitMs }: Policy) => Math.max(stallLimitMs, LIMITS.waitingTasksLeastMs);

function startsNothing({ memory, own, peers, progress, policy, at }: Beside): Standstill | null {
  const { startedAt, stuckSince, overtakenAt } = memory;
  const limitMs = limitMsOf(policy);
  const oldestMs = (own.oldestAgedSeconds ?? 0) * SECOND_MS;
  // Tasks of one moment may have been lost together with the broker's message; those of several moments have the same executor.
  const spreadMs = oldestMs - (own.youngestAgedSeconds ?? 0) * SECOND_MS;
  const isMany = own.agedTasks >= LIMITS.agedTasksLeast && spreadMs >= LIMITS.agedSpreadMs;
  const isSeveral = own.agedDags >= 2 || progress.liveDags === 1;
  if (!isMany || !isSeveral || oldestMs <= limitMs) return null;
  // Who never started anything is told apart from whose workers were never there by nothing.
  if (startedAt === null || stuckSince === null || at - stuckSince < limitMs) return null;
  // A worker for these very tasks is there, and to a peer it comes.
  if (overtakenAt === null || overtakenAt < stuckSince || at - overtakenAt > limitMs) return null;
  if (peers.some(({ agedTasks }) => agedTasks > 0)) return null;
  const since = formatDuration(at - startedAt);
  return {
    kind: 'starts-nothing',
    why: `${own.agedTasks} task(s) that it queued wait for up to ${formatDuration(oldestMs)} and it has started none for ${since}, while the same tasks, queued later by a peer, run`,
  };
}

function queuesNothing({ memory, own, peers, progress, policy, at }: Beside): Standstill | null {
  const { queuedAt, queued, passed, passedMost } = memory;
  const limitMs = limitMsOf(policy);
  // With tasks in hand its slots may be taken by right; without having been seen at work it may never have been its work.
  if (own.tasks > 0 || queuedAt === null || queued < LIMITS.queueingsSeenLeast) return null;
  if (at - queuedAt <= limitMs) return null;
  const needed = LIMITS.passedOverLooks * (peers.length + 1);
  if (passed < needed || passed < LIMITS.passedOverFactor * passedMost) return null;
  const isEachAtWork = peers.every(
    ({ newestQueuedSeconds: newest }) => newest !== null && newest * SECOND_MS <= limitMs,
  );
  const pool = openWork(progress, limitMs / SECOND_MS);
  if (!isEachAtWork || pool === null) return null;
  return {
    kind: 'queues-nothing',
    why: `it has nothing in hand and queued last ${formatDuration(at - queuedAt)} ago, while in ${passed} looks since then work waited and its peer(s) took some; ${pool.tasks} task(s) wait in pool "${pool.pool}" with room`,
  };
}

/**
 * Scheduled tasks of several DAGs in a pool that has room for the largest of them. That they wait may have honest reasons of their
 * own (priorities, `max_active_tasks`), which bind all schedulers alike: it convicts nobody by itself.
 */
export function openWork({ pools, liveDags }: ProgressFacts, leastSeconds: number): PoolTasks | null {
  for (const pool of pools) {
    const { state, slots, oldestSeconds, dags } = pool;
    if (state !== 'scheduled' || slots === null || oldestSeconds === null) continue;
    if (oldestSeconds < leastSeconds || (dags < 2 && liveDags !== 1)) continue;
    const taken = pools
      .filter((one) => one.pool === pool.pool && one.state !== 'scheduled')
      .reduce((sum, one) => sum + one.slotsAsked, 0);
    // One task may ask for more slots than the others; every other asks for at least one.
    const largestAsk = pool.slotsAsked - pool.tasks + 1;
    if (slots === -1 || slots - taken >= largestAsk) return pool;
  }
  return null;
}
