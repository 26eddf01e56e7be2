import { MOST_HELD, MOST_WAITING } from './lock-texts.ts';

/** The session's columns of either side of a wait. */
const client = (side: string, prefix = ''): string =>
  ['user', 'host', 'command', 'time'].map((name) => `${side}.${prefix}${name} AS ${side}_${name}`).join(', ');

/**
 * One row per waiting session and blocking session. MariaDB runs what stands in `M!`, MySQL from 8.0.1 what stands in `!80001`,
 * which MariaDB skips: there the same facts moved to the performance schema. InnoDB writes its moments in the server's own zone,
 * whatever the session's; MariaDB can be asked in that zone, and what makes no sense is dropped in `locks.ts`.
 */
export const ROW_LOCKS = `/*M! SET STATEMENT time_zone = 'SYSTEM' FOR */
SELECT r.trx_mysql_thread_id AS waiting_id, b.trx_mysql_thread_id AS blocking_id,
       CONNECTION_ID() AS own_id, DATABASE() AS here,
       /*M! l.lock_table */ /*!80001 CONCAT('\`', l.object_schema, '\`.\`', l.object_name, '\`') */ AS place,
       TIMESTAMPDIFF(SECOND, r.trx_wait_started, NOW()) AS waited_s, 'idle in transaction' AS idle,
       ${client('waiting')}, ${client('blocking')}
FROM
/*M! information_schema.innodb_lock_waits w
JOIN information_schema.innodb_trx r ON r.trx_id = w.requesting_trx_id
JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_trx_id
LEFT JOIN information_schema.innodb_locks l ON l.lock_id = w.requested_lock_id */
/*!80001 performance_schema.data_lock_waits w
JOIN information_schema.innodb_trx r ON r.trx_id = w.requesting_engine_transaction_id
JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_engine_transaction_id
LEFT JOIN performance_schema.data_locks l ON l.engine_lock_id = w.requesting_engine_lock_id */
LEFT JOIN information_schema.processlist waiting ON waiting.id = r.trx_mysql_thread_id
LEFT JOIN information_schema.processlist blocking ON blocking.id = b.trx_mysql_thread_id
ORDER BY r.trx_wait_started
LIMIT ${5 * MOST_WAITING}`;

/**
 * The same columns for locks on whole tables (LOCK TABLES, ALTER TABLE) and for GET_LOCK, which InnoDB knows nothing of. MariaDB
 * keeps them only with its performance schema on. Whoever holds any lock on the table is taken for a blocker: what blocks a
 * reader behind a waiting ALTER is the reader before it, which the chain leads to. Nothing says since when they wait.
 */
export const TABLE_LOCKS = `
SELECT DISTINCT waiting.processlist_id AS waiting_id, blocking.processlist_id AS blocking_id,
       CONNECTION_ID() AS own_id, DATABASE() AS here, 'idle' AS idle, ${client('waiting', 'processlist_')},
       ${client('blocking', 'processlist_')}, IF(p.object_type = 'TABLE', 'table', 'advisory') AS kind,
       CONCAT('\`', p.object_schema, '\`.\`', p.object_name, '\`') AS place
FROM performance_schema.metadata_locks p
JOIN performance_schema.metadata_locks g ON g.object_type = p.object_type AND g.object_schema <=> p.object_schema
  AND g.object_name = p.object_name AND g.owner_thread_id <> p.owner_thread_id AND g.lock_status = 'GRANTED'
JOIN performance_schema.threads waiting ON waiting.thread_id = p.owner_thread_id
JOIN performance_schema.threads blocking ON blocking.thread_id = g.owner_thread_id
WHERE p.lock_status = 'PENDING' AND (p.object_type = 'TABLE' AND p.object_schema = DATABASE()
  OR p.object_type = 'USER LEVEL LOCK' AND waiting.processlist_db = DATABASE())
LIMIT ${5 * MOST_WAITING}`;

/**
 * One row per transaction that has locked rows; on MySQL per table of ours in it. MariaDB names no table: what `HELD_TABLES` says of
 * the session, or else the database it is in, tells whether it is one of ours. Moments are in the server's own zone here too.
 */
export const HELD_ROWS = `
SELECT t.trx_mysql_thread_id AS blocking_id, CONCAT(t.trx_mysql_thread_id, ' ', t.trx_started) AS transaction,
       CONNECTION_ID() AS own_id, DATABASE() AS here, blocking.db AS session_db, 'idle in transaction' AS idle, ${client('blocking')},
       /*M! NULL */ /*!80001 CONCAT('\`', l.object_schema, '\`.\`', l.object_name, '\`') */ AS place,
       TIMESTAMPDIFF(SECOND, t.trx_started, CONVERT_TZ(NOW(), @@session.time_zone, 'SYSTEM')) AS transaction_s
FROM information_schema.innodb_trx t
/*!80001 JOIN (
  SELECT DISTINCT engine_transaction_id, object_schema, object_name FROM performance_schema.data_locks
  WHERE lock_type = 'RECORD' AND lock_status = 'GRANTED' AND object_schema = DATABASE()
) l ON l.engine_transaction_id = t.trx_id */
LEFT JOIN information_schema.processlist blocking ON blocking.id = t.trx_mysql_thread_id
WHERE t.trx_rows_locked > 0 AND t.trx_mysql_thread_id <> CONNECTION_ID()
ORDER BY t.trx_started
LIMIT ${5 * MOST_HELD}`;

/**
 * Who has written to, or locked rows of, which table, for as long as the transaction lasts; and who holds a GET_LOCK of Airflow's,
 * which has names where Postgres has numbers (`airflow_MIGRATIONS`).
 */
export const HELD_TABLES = `
SELECT DISTINCT blocking.processlist_id AS blocking_id, CONCAT('lock of ', blocking.processlist_id) AS transaction,
       CONNECTION_ID() AS own_id, DATABASE() AS here, 'idle' AS idle, ${client('blocking', 'processlist_')},
       IF(g.object_type = 'TABLE', 'table', 'advisory') AS kind,
       CONCAT('\`', g.object_schema, '\`.\`', g.object_name, '\`') AS place
FROM performance_schema.metadata_locks g
JOIN performance_schema.threads blocking ON blocking.thread_id = g.owner_thread_id
WHERE g.lock_status = 'GRANTED' AND blocking.processlist_id <> CONNECTION_ID() AND (
  g.object_type = 'TABLE' AND g.lock_type = 'SHARED_WRITE'
  OR g.object_type = 'USER LEVEL LOCK' AND g.object_name LIKE 'airflow%' AND blocking.processlist_db = DATABASE())
LIMIT ${5 * MOST_WAITING}`;
