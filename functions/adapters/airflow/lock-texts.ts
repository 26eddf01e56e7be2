import { APPLICATION } from '../sql/session.ts';

/** What the scheduling loop needs; waits on anything else hold nobody up. Tables of either version; absent ones do no harm. */
export const TABLES = [
  ...['dag', 'dag_run', 'task_instance', 'job', 'slot_pool', 'serialized_dag', 'dag_version', 'dag_code'],
  ...['trigger', 'backfill', 'backfill_dag_run', 'asset_dag_run_queue', 'dataset_dag_run_queue'],
];
const TABLE_LIST = TABLES.map((name) => `'${name}'`).join(', ');

/** Airflow's lock of the critical section, as `pg_try_advisory_xact_lock(2)` takes it; other forms of the number are another lock. */
const CRITICAL_SECTION = "l.locktype = 'advisory' AND l.classid = 0 AND l.objid = 2 AND l.objsubid = 1";

/** More holders tell nothing new. */
export const MOST_HELD = 20;
/** More sessions than that in one queue tell nothing new. */
export const MOST_WAITING = 200;
const MOST_ROWS = 400;

/**
 * One row per session that waits or is waited for: `blocked_by` lists whom it waits for, `kind` and `locked` on what. Chains
 * are followed in `lock-graph.ts`. `pg_locks` is read once; `pg_blocking_pids` stops the lock manager, so it is called for
 * waiting sessions only. `waitstart` came with 14, hence by way of JSON.
 *
 * And one row per transaction that holds what others would pass by, with `held`. A row is locked by writing into it, which takes a
 * transaction number; without one a transaction has locked no row, whatever its lock on the table. Numbers also tell
 * which is the oldest, where ages are hidden. VACUUM and its like (SHARE UPDATE EXCLUSIVE) and serializable
 * readers keep nobody from rows.
 */
export const POSTGRES_LOCKS = `
WITH locks AS (
  SELECT COALESCE(pid, 0) AS pid, virtualtransaction, locktype, database, relation, classid, objid, objsubid, transactionid, mode,
         granted, CASE WHEN NOT granted THEN to_jsonb(l) ->> 'waitstart' END AS since
  FROM pg_locks l
), waiting AS (
  SELECT pid, locktype, database, relation, since, pg_blocking_pids(pid) AS blocked_by
  FROM locks WHERE NOT granted ORDER BY since LIMIT ${MOST_WAITING}
), here AS (
  SELECT oid FROM pg_database WHERE datname = current_database()
), watched AS (
  SELECT to_regclass(name)::oid AS oid, name FROM unnest(ARRAY[${TABLE_LIST}]) AS name
), places AS (
  -- Who waits for a row waits for the transaction of its holder, and meanwhile holds a lock on the tuple, which names the table.
  SELECT w.pid, COALESCE(w.relation, (
    SELECT t.relation FROM locks t
    WHERE t.pid = w.pid AND t.granted AND t.locktype = 'tuple' AND t.database = h.oid LIMIT 1)) AS relation
  FROM waiting w CROSS JOIN here h
  WHERE w.database = h.oid OR w.database IS NULL
), takings AS (
  SELECT l.pid, l.virtualtransaction, COALESCE(v.name, l.locktype) AS name, age(l.transactionid) AS old,
         l.mode NOT IN ('RowShareLock', 'RowExclusiveLock') AS is_whole
  FROM locks l LEFT JOIN watched v ON v.oid = l.relation AND l.database = (SELECT oid FROM here)
  WHERE l.granted AND l.pid <> pg_backend_pid() AND (
    l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock'
    OR ${CRITICAL_SECTION} AND l.database = (SELECT oid FROM here)
    OR l.locktype = 'relation' AND v.oid IS NOT NULL AND l.mode NOT IN ('AccessShareLock', 'ShareUpdateExclusiveLock', 'SIReadLock'))
), holders AS (
  SELECT pid, virtualtransaction, string_agg(DISTINCT name, ',') FILTER (WHERE old IS NULL) AS held
  FROM takings GROUP BY pid, virtualtransaction
  HAVING bool_or(old IS NULL AND is_whole) OR bool_or(old IS NULL) AND bool_or(old IS NOT NULL)
  ORDER BY MAX(old) DESC NULLS FIRST LIMIT ${MOST_HELD}
), involved AS (
  SELECT pid FROM waiting UNION SELECT unnest(blocked_by) FROM waiting UNION SELECT pid FROM holders
)
SELECT i.pid AS id, d.held, d.virtualtransaction AS transaction,
       CAST(EXTRACT(EPOCH FROM (clock_timestamp() - a.xact_start)) AS double precision) AS transaction_s,
       array_to_string(w.blocked_by, ',') AS blocked_by,
       CASE WHEN p.pid IS NOT NULL THEN w.locktype END AS kind,
       (SELECT v.name FROM watched v
        WHERE v.oid = COALESCE((SELECT x.indrelid FROM pg_index x WHERE x.indexrelid = p.relation), p.relation)) AS locked,
       (SELECT string_agg(DISTINCT v.name, ',') FROM locks t CROSS JOIN here h JOIN watched v ON v.oid = t.relation
        WHERE w.locktype = 'transactionid' AND t.pid = i.pid AND t.granted AND t.database = h.oid
          AND t.mode IN ('RowShareLock', 'RowExclusiveLock')) AS touched,
       CAST(EXTRACT(EPOCH FROM (clock_timestamp() - CAST(w.since AS timestamptz))) AS double precision) AS waited_s,
       a.usename AS user_name, host(a.client_addr) AS address, a.application_name AS application, a.state,
       CAST(EXTRACT(EPOCH FROM (clock_timestamp() - a.query_start)) AS double precision) AS query_age_s,
       i.pid = pg_backend_pid() OR (a.usename = current_user AND a.application_name = '${APPLICATION}') AS is_ours
FROM involved i
LEFT JOIN waiting w ON w.pid = i.pid
LEFT JOIN holders d ON d.pid = i.pid
LEFT JOIN places p ON p.pid = i.pid
LEFT JOIN pg_stat_activity a ON a.pid = i.pid
LIMIT ${MOST_ROWS}`;
