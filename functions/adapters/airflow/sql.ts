import type { Engine } from '../sql/connection.ts';
import type { Schema } from './schema.ts';

/** The texts for one engine and one schema; proved on real 2.11.2 and 3.3.2 databases with a million rows. */
export interface Texts {
  readonly progress: string;
  readonly tasks: string;
}

/** The age of a moment in seconds, computed by the database: its clock is the one that schedulers on several nodes share. */
export const AGE: Readonly<Record<Engine, (moment: string) => string>> = {
  postgres: (moment) => `CAST(EXTRACT(EPOCH FROM (CURRENT_TIMESTAMP(6) - ${moment})) AS double precision)`,
  mysql: (moment) => `TIMESTAMPDIFF(MICROSECOND, ${moment}, CURRENT_TIMESTAMP(6)) / 1000000`,
};

/** Unfinished tasks that one scheduler queued. */
export const blastRadiusOf = (jobId: number): string => `
SELECT state, COUNT(*) AS tasks
FROM task_instance
WHERE state IN ('queued', 'running') AND queued_by_job_id = ${Math.trunc(jobId)}
GROUP BY state`;

const known = new Map<string, Texts>();

/** Built once per engine and schema, not per look. */
export function textsFor(engine: Engine, schema: Schema): Texts {
  const key = `${engine} ${JSON.stringify(schema)}`;
  const texts = known.get(key) ?? { progress: progressOf(engine, schema), tasks: tasksOf(engine, schema) };
  known.set(key, texts);
  return texts;
}

/**
 * One row. `dag_run` is summed up before it meets `dag`: joined directly it costs MariaDB up to two seconds instead of 5 ms.
 * `dag_version` stands for `serialized_dag` in 3.x, which has no index on dag_id there.
 */
function progressOf(engine: Engine, schema: Schema): string {
  const age = AGE[engine];
  const due = schema.version === 2 ? 'execution_date' : 'run_after';
  const limit = 'COALESCE(d.max_active_runs, 16)';
  // In 3.2 and later a DAG at its limit keeps its date and carries this flag; without the term it would be overdue for ever.
  const full = schema.hasExceedsMax ? 'AND d.exceeds_max_non_backfill = false' : '';
  const overdue = `d.next_dagrun_create_after < CURRENT_TIMESTAMP(6) AND COALESCE(d.has_import_errors, false) = false ${full}
    AND COALESCE(r.unfinished, 0) < ${limit}`;
  return `
SELECT COUNT(*) AS live_dags,
       COALESCE(SUM(r.running), 0) AS running_runs,
       COUNT(CASE WHEN r.running > 0 THEN 1 END) AS running_dags,
       ${age('MAX(r.decided)')} AS decided_ago_s,
       COUNT(CASE WHEN r.running < ${limit} AND r.oldest_queued IS NOT NULL THEN 1 END) AS startable_dags,
       ${age(`MIN(CASE WHEN r.running < ${limit} THEN r.oldest_queued END)`)} AS startable_for_s,
       COUNT(CASE WHEN ${overdue} THEN 1 END) AS overdue_dags,
       ${age(`MIN(CASE WHEN ${overdue} THEN d.next_dagrun_create_after END)`)} AS overdue_for_s
FROM dag d
LEFT JOIN (
  SELECT dag_id,
         COUNT(*) AS unfinished,
         COUNT(CASE WHEN state = 'running' THEN 1 END) AS running,
         MAX(CASE WHEN state = 'running' AND ${due} <= CURRENT_TIMESTAMP(6) THEN last_scheduling_decision END) AS decided,
         MIN(CASE WHEN state = 'queued' AND ${due} <= CURRENT_TIMESTAMP(6) THEN queued_at END) AS oldest_queued
  FROM dag_run
  WHERE state IN ('queued', 'running') AND run_type <> 'backfill'
  GROUP BY dag_id
) r ON r.dag_id = d.dag_id
WHERE d.is_paused = false AND ${seen(schema)}
  AND EXISTS (SELECT 1 FROM ${schema.version === 2 ? 'serialized_dag' : 'dag_version'} s WHERE s.dag_id = d.dag_id)`;
}

/** Tasks of paused DAGs or finished runs stay `scheduled` for ever and must not count. EXISTS keeps Postgres off all of `dag_run`. */
function tasksOf(engine: Engine, schema: Schema): string {
  const age = AGE[engine];
  // Before 2.5 nothing tells since when a task is scheduled.
  const scheduled = schema.version === 3 ? 't.scheduled_dttm' : schema.hasUpdatedAt ? 't.updated_at' : 'NULL';
  const since = `CASE t.state WHEN 'queued' THEN t.queued_dttm WHEN 'scheduled' THEN ${scheduled} ELSE t.start_date END`;
  return `
SELECT t.state, t.pool, p.slots, COUNT(*) AS tasks, COUNT(DISTINCT t.dag_id) AS dags, SUM(t.pool_slots) AS slots_asked,
       ${age(`MIN(${since})`)} AS oldest_s, ${age('MAX(t.queued_dttm)')} AS last_queued_ago_s
FROM task_instance t
LEFT JOIN slot_pool p ON p.pool = t.pool
WHERE t.state IN ('queued', 'running')
   OR (t.state = 'scheduled' AND EXISTS (
        SELECT 1 FROM dag_run r JOIN dag d ON d.dag_id = r.dag_id
        WHERE r.dag_id = t.dag_id AND r.run_id = t.run_id AND r.state = 'running' AND d.is_paused = false AND ${seen(schema)}))
GROUP BY t.state, t.pool, p.slots
ORDER BY t.state, t.pool
LIMIT 200`;
}

const seen = ({ version }: Schema): string => (version === 2 ? 'd.is_active = true' : 'd.is_stale = false');
