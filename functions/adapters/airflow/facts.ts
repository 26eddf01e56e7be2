import type { BlastRadius, JobRow, JobsFacts, PoolTasks, ProgressFacts } from '../../core/observation.ts';
import { type ComponentName, JOB_TYPES } from '../../core/target.ts';
import type { Row } from '../sql/session.ts';

const COMPONENT_OF = new Map<unknown, ComponentName>(
  (Object.entries(JOB_TYPES) as [ComponentName, string][]).map(([name, type]) => [type, name]),
);

/** @param uptime the answer to the question of its own, where the engine needs one. */
export function jobsOf(rows: readonly Row[], uptime: readonly Row[]): JobsFacts {
  const said = rows[0]?.uptime_s ?? uptime[0]?.Value;
  return {
    rows: rows.flatMap((row) => jobOf(row) ?? []),
    databaseUptimeSeconds: said === undefined || said === null ? null : Number(said),
    databaseNow: null,
    replica: null,
  };
}

function jobOf(row: Row): JobRow | null {
  const component = COMPONENT_OF.get(row.job_type);
  if (component === undefined) return null;
  return {
    id: number(row, 'id'),
    component,
    hostname: text(row.hostname),
    state: text(row.state),
    heartbeatAgeSeconds: number(row, 'heartbeat_age_s'),
    startedSecondsAgo: numberOrNull(row, 'started_ago_s'),
  };
}

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

const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value));

/** Drivers give counts, sums and MySQL's decimals as texts. */
function numberOrNull(row: Row, column: string): number | null {
  const value = row[column];
  if (value === null || value === undefined) return null;
  const parsed = Number(value);
  if (!Number.isFinite(parsed)) throw new Error(`column ${column} holds no number`);
  return parsed;
}

function number(row: Row, column: string): number {
  const value = numberOrNull(row, column);
  if (value === null) throw new Error(`column ${column} is empty`);
  return value;
}
