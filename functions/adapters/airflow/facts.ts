import type { BlastRadius, PoolTasks, ProgressFacts } from '../../core/observation.ts';
import type { Row } from '../sql/session.ts';
import { number, numberOrNull, text } from './row.ts';

export function progressOf(schema: 2 | 3, row: Row, tasks: readonly Row[]): ProgressFacts {
  return {
    schema,
    liveDags: number(row, 'live_dags'),
    runningRuns: number(row, 'running_runs'),
    runningDags: number(row, 'running_dags'),
    decidedAgoSeconds: numberOrNull(row, 'decided_ago_s'),
    startableDags: number(row, 'startable_dags'),
    startableForSeconds: numberOrNull(row, 'startable_for_s'),
    overdueDags: number(row, 'overdue_dags'),
    overdueForSeconds: numberOrNull(row, 'overdue_for_s'),
    pools: tasks.map(poolOf),
  };
}

function poolOf(row: Row): PoolTasks {
  return {
    state: text(row.state) as PoolTasks['state'],
    pool: text(row.pool),
    slots: numberOrNull(row, 'slots'),
    tasks: number(row, 'tasks'),
    dags: number(row, 'dags'),
    slotsAsked: number(row, 'slots_asked'),
    oldestSeconds: numberOrNull(row, 'oldest_s'),
    lastQueuedAgoSeconds: numberOrNull(row, 'last_queued_ago_s'),
  };
}

export function blastRadiusFrom(rows: readonly Row[]): BlastRadius {
  const count = (state: string) => {
    const row = rows.find((candidate) => candidate.state === state);
    return row === undefined ? 0 : number(row, 'tasks');
  };
  return { running: count('running'), queued: count('queued') };
}
