import type { PoolTasks, ProgressFacts } from '../../../functions/core/observation.ts';
import { type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { lastOf } from './beater.ts';
import type { SimTarget } from './model.ts';

/** Work comes in the first third of each hour where it comes in bursts. */
const BURST_MS = 20 * MINUTE_MS;

/** Since when there has been work to do, or null. */
export function busySince(target: SimTarget, at: EpochMs): EpochMs | null {
  const { kind } = target.traffic;
  if (kind === 'busy') return 0;
  if (kind === 'idle') return null;
  const began = at - (at % HOUR_MS);
  return at - began < BURST_MS ? began : null;
}

/** @param known the moment up to which the database that is asked has heard of anything */
export function progressOf(target: SimTarget, at: EpochMs, known: EpochMs): ProgressFacts {
  const { traffic, decisions } = target;
  const decidedAt = lastOf(decisions, known);
  const stands = decisions.stopped;
  // What was begun before the decisions ended is still open, though no more work would have come by now.
  const since = busySince(target, stands ? decidedAt : at) ?? (stands ? busySince(target, at) : null);
  const broken = traffic.brokenAt === null ? 0 : 1;
  const seconds = (from: EpochMs) => Math.max(0, (at - from) / SECOND_MS);
  const runs = since === null || (stands && since > decidedAt) ? 0 : Math.min(3, traffic.liveDags);
  const runningRuns = runs + broken;
  const decided = runs > 0 ? decidedAt : (traffic.brokenAt ?? 0);
  const late = lateDags(target, at, decidedAt);
  return {
    schema: target.airflow === '2' ? 2 : 3,
    liveDags: traffic.liveDags,
    runningRuns,
    // Each run is another DAG's; the broken one is one of them where there are no more.
    runningDags: Math.min(runningRuns, traffic.liveDags),
    decidedAgoSeconds: runningRuns === 0 ? null : seconds(Math.max(decided, -8.64e15)),
    startableDags: 0,
    startableForSeconds: null,
    overdueDags: late.count,
    overdueForSeconds: late.count === 0 ? null : seconds(late.since),
    pools: poolsOf(target, at, known, runs),
  };
}

function lateDags(target: SimTarget, at: EpochMs, decidedAt: EpochMs) {
  const { traffic, decisions } = target;
  const alone = traffic.overdueAt === null ? 0 : 1;
  const comes = busySince(target, at);
  if (!decisions.stopped || comes === null) return { count: alone, since: traffic.overdueAt ?? at };
  const since = Math.max(decidedAt, comes) + MINUTE_MS;
  if (at < since) return { count: alone, since: traffic.overdueAt ?? at };
  const count = Math.min(traffic.liveDags, 1 + Math.floor((at - since) / (2 * MINUTE_MS)) + alone);
  return { count, since: Math.min(since, traffic.overdueAt ?? since) };
}

function poolsOf(target: SimTarget, at: EpochMs, known: EpochMs, runs: number): readonly PoolTasks[] {
  const { traffic, queueing, decisions } = target;
  if (runs === 0 && traffic.poolFullAt === null && traffic.starvedAt === null) return NO_POOLS;
  const pools: PoolTasks[] = [];
  const queuedAt = lastOf(queueing, known);
  const queuedAgo = Math.max(0, (at - Math.max(queuedAt, at - HOUR_MS)) / SECOND_MS);
  const standsFor = queueing.stopped ? queuedAgo : 0;
  // What ran when queueing ended is through some minutes later.
  if (runs > 0 && standsFor < 240) pools.push(pool('running', 'default_pool', 128, runs, 30, queuedAgo));
  if (runs > 0 && queueing.stopped && !decisions.stopped)
    pools.push(pool('scheduled', 'default_pool', 128, runs, standsFor, queuedAgo));
  const waitsSince = backlogSince(target);
  if (runs > 0 && !queueing.stopped && waitsSince !== null)
    pools.push(pool('scheduled', 'default_pool', 128, 3, (at - waitsSince) / SECOND_MS, queuedAgo));
  if (traffic.poolFullAt !== null) {
    const forSeconds = (at - traffic.poolFullAt) / SECOND_MS;
    pools.push(
      pool('scheduled', 'narrow', 2, 30, forSeconds, queuedAgo),
      pool('running', 'narrow', 2, 2, forSeconds, queuedAgo),
    );
  }
  return pools;
}

/** Since when work waits in the pool that has room: its own limits keep it, or one scheduler of several takes none. */
function backlogSince({ traffic, pods }: SimTarget): EpochMs | null {
  const slotless = pods.find(({ wedge }) => wedge?.kind === 'no-queue')?.wedge?.at ?? null;
  return traffic.starvedAt ?? slotless;
}

const NO_POOLS: readonly PoolTasks[] = [];

function pool(
  state: PoolTasks['state'],
  name: string,
  slots: number,
  tasks: number,
  oldestSeconds: number,
  lastQueuedAgoSeconds: number,
): PoolTasks {
  const dags = name === 'narrow' ? 1 : tasks;
  return { state, pool: name, slots, tasks, dags, slotsAsked: tasks, oldestSeconds, lastQueuedAgoSeconds };
}
