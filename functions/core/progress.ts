import type { PoolTasks, ProgressFacts } from './observation.ts';
import { LIMITS, type Policy } from './policy.ts';
import { SECOND_MS } from './time.ts';

/** Whether work moves. `waiting` names the witness that has seen nothing move for the limit. */
export type Motion =
  | { readonly kind: 'moving'; readonly decidedAgoSeconds: number | null; readonly why: string }
  | { readonly kind: 'idle'; readonly why: string }
  | { readonly kind: 'waiting'; readonly forSeconds: number; readonly why: string };

/**
 * Reads both witnesses of the deployment's progress. Each limb convicts only where nothing innocent explains it:
 * a run is decided about every second whatever its tasks do; a backlog is no stall while decisions are fresh; tasks wait for
 * honest reasons as long as any other task is on its way; and one DAG may be broken by itself, so several must agree.
 */
export function motionOf(facts: ProgressFacts, policy: Policy): Motion {
  const limitSeconds = policy.stallLimitMs / SECOND_MS;
  const decidedAgo = facts.decidedAgoSeconds;
  const decides = facts.runningRuns > 0 && decidedAgo !== null && decidedAgo <= limitSeconds;
  const agree = (dags: number) => dags >= 2 || (dags === 1 && facts.liveDags === 1);

  if (agree(facts.runningDags) && decidedAgo !== null && decidedAgo > limitSeconds) {
    return waiting(
      decidedAgo,
      `${facts.runningRuns} running DAG run(s), the last decision ${seconds(decidedAgo)} ago`,
    );
  }
  const startable = facts.startableForSeconds;
  if (!decides && agree(facts.startableDags) && startable !== null && startable > limitSeconds) {
    return waiting(startable, `a queued DAG run could have started ${seconds(startable)} ago`);
  }
  const overdue = facts.overdueForSeconds;
  if (!decides && agree(facts.overdueDags) && overdue !== null && overdue > limitSeconds) {
    return waiting(overdue, `${facts.overdueDags} DAG(s) overdue, for up to ${seconds(overdue)}`);
  }
  const stuck = stuckTasks(
    facts.pools,
    Math.max(limitSeconds, LIMITS.waitingTasksLeastMs / SECOND_MS),
    agree,
  );
  if (stuck !== null) return stuck;

  const onTheWay = facts.pools.reduce((sum, pool) => sum + (pool.slots === 0 ? 0 : pool.tasks), 0);
  if (facts.runningRuns === 0 && facts.startableDags === 0 && onTheWay === 0 && facts.overdueDags === 0) {
    return { kind: 'idle', why: `nothing to do for ${facts.liveDags} live DAG(s)` };
  }
  const decided = decidedAgo === null ? '' : `, last decision ${seconds(decidedAgo)} ago`;
  return {
    kind: 'moving',
    decidedAgoSeconds: decidedAgo,
    why: `${facts.runningRuns} running DAG run(s)${decided}`,
  };
}

/** Scheduled tasks in a pool with room while no task at all is queued or running: no limit of Airflow explains that. */
function stuckTasks(
  pools: readonly PoolTasks[],
  limitSeconds: number,
  agree: (dags: number) => boolean,
): Motion | null {
  if (pools.some((pool) => pool.state !== 'scheduled')) return null;
  for (const pool of pools) {
    if (pool.slots === null || pool.oldestSeconds === null || pool.oldestSeconds <= limitSeconds) continue;
    // One task may ask for more slots than the pool has; every other asks for at least one.
    const largestAsk = pool.slotsAsked - pool.tasks + 1;
    if (pool.slots !== -1 && pool.slots < largestAsk) continue;
    if (!agree(pool.dags)) continue;
    return waiting(
      pool.oldestSeconds,
      `${pool.tasks} task(s) scheduled for up to ${seconds(pool.oldestSeconds)} in pool "${pool.pool}" with room, none queued or running`,
    );
  }
  return null;
}

function waiting(forSeconds: number, why: string): Motion {
  return { kind: 'waiting', forSeconds, why };
}

function seconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
}
