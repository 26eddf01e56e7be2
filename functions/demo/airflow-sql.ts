/** Two DAGs to schedule, in the tables of Airflow 3. */
export const SEED = `
INSERT INTO dag (dag_id, is_paused, is_stale, exceeds_max_non_backfill, has_import_errors, max_active_runs, next_dagrun_create_after)
VALUES ('orders', false, false, false, false, 16, now()), ('invoices', false, false, false, false, 16, now());
INSERT INTO dag_version (dag_id, version_number) VALUES ('orders', 1), ('invoices', 1);`;

/** The read-only role of the documentation. */
export const readerRole = (password: string): string => `
CREATE ROLE scheduler_watchdog LOGIN PASSWORD '${password}' CONNECTION LIMIT 4;
ALTER ROLE scheduler_watchdog SET default_transaction_read_only = on;
GRANT SELECT (id, job_type, hostname, state, start_date, latest_heartbeat, end_date) ON job TO scheduler_watchdog;
GRANT SELECT (dag_id, is_paused, is_stale, exceeds_max_non_backfill, has_import_errors, max_active_runs,
              next_dagrun_create_after) ON dag TO scheduler_watchdog;
GRANT SELECT (dag_id, run_id, state, run_type, run_after, queued_at, last_scheduling_decision) ON dag_run TO scheduler_watchdog;
GRANT SELECT (dag_id, run_id, state, pool, pool_slots, queued_dttm, scheduled_dttm, start_date, queued_by_job_id, task_id, queue)
  ON task_instance TO scheduler_watchdog;
GRANT SELECT (pool, slots) ON slot_pool TO scheduler_watchdog;
GRANT SELECT (dag_id) ON dag_version TO scheduler_watchdog;
GRANT SELECT ON alembic_version TO scheduler_watchdog;`;

/** A new scheduler fails the rows of dead ones and takes their tasks over, as Airflow does at its start; then it writes its own. */
export const START = `
WITH dead AS (
  UPDATE job SET state = 'failed'
  WHERE job_type = 'SchedulerJob' AND state = 'running' AND latest_heartbeat < now() - interval '5 seconds' RETURNING id
)
UPDATE task_instance SET state = 'scheduled', scheduled_dttm = now(), queued_by_job_id = NULL
WHERE state IN ('queued', 'running') AND queued_by_job_id IN (SELECT id FROM dead);`;

export const NEW_JOB = `
INSERT INTO job (state, job_type, start_date, latest_heartbeat, executor_class, hostname, unixname)
VALUES ('running', 'SchedulerJob', now(), now(), 'LocalExecutor', $1, 'airflow') RETURNING id`;

/** One turn of the scheduling loop: beat, create and decide runs, move tasks. One message, so a stopped client holds no lock. */
export const turnOf = (job: number): string => `
BEGIN;
UPDATE job SET latest_heartbeat = now() WHERE id = ${job};
WITH due AS (
  UPDATE dag SET next_dagrun_create_after = now() + interval '2 seconds' WHERE next_dagrun_create_after <= now() RETURNING dag_id
), made AS (
  INSERT INTO dag_run (dag_id, run_id, run_type, state, run_after, queued_at)
  SELECT dag_id, 'scheduled__' || to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS'), 'scheduled', 'queued', now(), now() FROM due
  RETURNING dag_id, run_id
)
INSERT INTO task_instance (dag_id, run_id, task_id, state, pool, pool_slots, scheduled_dttm, updated_at)
SELECT dag_id, run_id, task, 'scheduled', 'default_pool', 1, now(), now() FROM made, unnest(ARRAY['extract', 'load']) AS task;
UPDATE dag_run SET state = 'running', start_date = now() WHERE state = 'queued';
UPDATE task_instance SET state = 'success', end_date = now()
WHERE state = 'running' AND start_date < now() - interval '1200 milliseconds';
UPDATE task_instance SET state = 'running', start_date = now() WHERE state = 'queued';
UPDATE task_instance SET state = 'queued', queued_dttm = now(), queued_by_job_id = ${job} WHERE state = 'scheduled';
UPDATE dag_run r SET state = 'success', end_date = now()
WHERE r.state = 'running' AND NOT EXISTS (
  SELECT 1 FROM task_instance t WHERE t.dag_id = r.dag_id AND t.run_id = r.run_id AND t.state <> 'success');
UPDATE dag_run SET last_scheduling_decision = now() WHERE state = 'running';
COMMIT;
SELECT (SELECT count(*) FROM dag_run WHERE state = 'running')::int AS runs,
       (SELECT count(*) FROM task_instance WHERE state = 'success')::int AS done`;

export const endOf = (job: number): string =>
  `UPDATE job SET state = 'success', end_date = now() WHERE id = ${job}`;

/** The question that Airflow's own health server asks. */
export const HEALTH = `
SELECT state = 'running' AND latest_heartbeat > now() - make_interval(secs => $2) AS alive
FROM job WHERE job_type = 'SchedulerJob' AND hostname = $1 ORDER BY latest_heartbeat DESC LIMIT 1`;
