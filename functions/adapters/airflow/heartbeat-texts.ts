import { COMPONENT_TABLE } from '../../core/component.ts';
import type { Engine } from '../sql/connection.ts';
import { AGE } from './sql.ts';

const TYPES = Object.values(COMPONENT_TABLE)
  .map(({ jobType }) => `'${jobType}'`)
  .join(', ');

/** Without the filter on types, 2.x lists every running task under the scheduler's hostname. */
const rowsOf = (age: (moment: string) => string, state: string, days: number, limit: number): string => `
(SELECT id, job_type, hostname, state, ${age('latest_heartbeat')} AS heartbeat_age_s, ${age('start_date')} AS started_ago_s
 FROM job
 WHERE job_type IN (${TYPES}) AND ${state} AND latest_heartbeat > CURRENT_TIMESTAMP(6) - INTERVAL '${days}' DAY
 ORDER BY latest_heartbeat DESC
 LIMIT ${limit})`;

/**
 * A row that still says `running` is told for a week, so that a death behind a long pause is judged; one that ended is history
 * after a day. Limits of their own: thousands of ended rows must not push out the one that matters.
 */
const heartbeatsOf = (age: (moment: string) => string): string =>
  `${rowsOf(age, "state = 'running'", 7, 150)}
UNION ALL${rowsOf(age, "COALESCE(state, '') <> 'running'", 1, 50)}`;

/** The server's own facts stand in every row, and in an empty one when there is no job. */
const withServer = (server: string, age: (moment: string) => string): string => `
SELECT j.*, s.*
FROM (SELECT ${server}) s
LEFT JOIN (${heartbeatsOf(age)}) j ON true
ORDER BY j.heartbeat_age_s`;

const NOW: Readonly<Record<Engine, string>> = {
  postgres: 'CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS double precision) AS now_ms',
  mysql: 'UNIX_TIMESTAMP(SYSDATE(6)) * 1000 AS now_ms',
};

const UPTIME_AND_ROLE = `${AGE.postgres('pg_postmaster_start_time()')} AS uptime_s, pg_is_in_recovery() AS is_replica`;
const REPLAYED = `CASE WHEN pg_is_in_recovery() THEN ${AGE.postgres('pg_last_xact_replay_timestamp()')} END AS replayed_s`;
/** A replica is known by not being writable; the words differ between servers and versions, so both are asked as texts. */
const READ_ONLY = "CONCAT(@@global.read_only, ' ', @@global.innodb_read_only) AS read_only";

/**
 * Each asks the server less about itself than the one before, for servers that refuse: Aurora's readers know that they are
 * replicas but not when they last replayed, and rights to functions can be revoked. The heartbeats are the same in all.
 */
export const HEARTBEATS: Readonly<Record<Engine, readonly [string, ...string[]]>> = {
  postgres: [
    withServer(`${NOW.postgres}, ${UPTIME_AND_ROLE}, ${REPLAYED}`, AGE.postgres),
    withServer(`${NOW.postgres}, ${UPTIME_AND_ROLE}`, AGE.postgres),
    withServer(NOW.postgres, AGE.postgres),
  ],
  mysql: [withServer(`${NOW.mysql}, ${READ_ONLY}`, AGE.mysql), withServer(NOW.mysql, AGE.mysql)],
};

/** Questions of their own on MySQL. The first needs no right, the second REPLICATION CLIENT (MariaDB: REPLICA MONITOR). */
export const UPTIME = "SHOW GLOBAL STATUS LIKE 'Uptime'";
export const REPLICATION = 'SHOW REPLICA STATUS';
