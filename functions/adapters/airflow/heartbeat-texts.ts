import { JOB_TYPES } from '../../core/target.ts';
import type { Engine } from '../sql/connection.ts';
import { AGE } from './sql.ts';

const TYPES = Object.values(JOB_TYPES)
  .map((type) => `'${type}'`)
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

/** `plain` is for servers that refuse a question about themselves: Aurora's replicas do not know when they last replayed. */
export interface HeartbeatTexts {
  readonly full: string;
  readonly plain: string;
}

export const HEARTBEATS: Readonly<Record<Engine, HeartbeatTexts>> = {
  postgres: {
    full: withServer(
      `${NOW.postgres}, ${AGE.postgres('pg_postmaster_start_time()')} AS uptime_s,
  pg_is_in_recovery() AS is_replica,
  CASE WHEN pg_is_in_recovery() THEN ${AGE.postgres('pg_last_xact_replay_timestamp()')} END AS replayed_s`,
      AGE.postgres,
    ),
    plain: withServer(NOW.postgres, AGE.postgres),
  },
  mysql: {
    // A replica is known by not being writable; the words differ between servers and versions, so both are asked as texts.
    full: withServer(
      `${NOW.mysql}, CONCAT(@@global.read_only, ' ', @@global.innodb_read_only) AS read_only`,
      AGE.mysql,
    ),
    plain: withServer(NOW.mysql, AGE.mysql),
  },
};

/** Questions of their own on MySQL. The first needs no right, the second REPLICATION CLIENT (MariaDB: REPLICA MONITOR). */
export const UPTIME = "SHOW GLOBAL STATUS LIKE 'Uptime'";
export const REPLICATION = 'SHOW REPLICA STATUS';
