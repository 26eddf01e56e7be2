import { COMPONENT_TABLE } from '../../core/component.ts';
import type { JobRow, JobsFacts } from '../../core/observation.ts';
import { COMPONENTS, type ComponentName } from '../../core/target.ts';
import type { EpochMs } from '../../core/time.ts';
import type { Row } from '../sql/session.ts';
import type { Visit } from '../sql/visit.ts';
import { HEARTBEATS, REPLICATION, UPTIME } from './heartbeat-texts.ts';
import { type Reading, read } from './reading.ts';
import { known, number, numberOrNull, text } from './row.ts';

/** The heartbeats, and what the server says of itself: the first are worth more, and stand without the second. */
export async function readJobs(open: Visit): Promise<Reading<JobsFacts>> {
  const [first, ...simpler] = HEARTBEATS[open.engine];
  let reading = await read(open, () => askJobs(open, first));
  for (const question of simpler) {
    if (!isRefused(reading)) return reading;
    reading = await read(open, () => askJobs(open, question));
  }
  return reading;
}

const isRefused = (reading: Reading<JobsFacts>): boolean =>
  reading.kind === 'unreadable' && (reading.cause === 'forbidden' || reading.cause === 'unexpected');

async function askJobs({ engine, query }: Visit, question: string): Promise<JobsFacts> {
  const rows = await query(question);
  const server = rows[0] ?? {};
  return {
    rows: rows.flatMap((row) => jobOf(row) ?? []),
    databaseNow: momentOf(server.now_ms),
    ...(engine === 'postgres' ? postgresServer(server) : await mysqlServer(query, server)),
  };
}

/** Whole milliseconds; null for what no calendar has. */
function momentOf(value: unknown): EpochMs | null {
  const ms = known(value);
  return ms === null || Math.abs(ms) > LAST_MOMENT_MS ? null : Math.floor(ms);
}

/** The last moment of a `Date` (ECMA-262, time values). */
const LAST_MOMENT_MS: EpochMs = 8.64e15;

type ServerFacts = Pick<JobsFacts, 'databaseUptimeSeconds' | 'replica'>;

const postgresServer = (server: Row): ServerFacts => ({
  databaseUptimeSeconds: known(server.uptime_s),
  replica: server.is_replica === true ? { replayedSecondsAgo: notNegative(known(server.replayed_s)) } : null,
});

/** MariaDB 12 has words for it, of which several forbid to write. */
const IS_READ_ONLY = /\b(1|ON|NO_LOCK\w*)\b/i;

async function mysqlServer(query: Visit['query'], server: Row): Promise<ServerFacts> {
  const uptime = await query(UPTIME).catch(() => []);
  const databaseUptimeSeconds = known(uptime[0]?.Value);
  if (!IS_READ_ONLY.test(text(server.read_only))) return { databaseUptimeSeconds, replica: null };
  const [status = {}] = await query(REPLICATION).catch(() => []);
  const behind = known(status.Seconds_Behind_Source ?? status.Seconds_Behind_Master);
  return { databaseUptimeSeconds, replica: { replayedSecondsAgo: notNegative(behind) } };
}

/** The other server's clock may be ahead of this one's. */
const notNegative = (seconds: number | null): number | null =>
  seconds === null ? null : Math.max(0, seconds);

const COMPONENT_OF = new Map<unknown, ComponentName>(
  COMPONENTS.map((name) => [COMPONENT_TABLE[name].jobType, name]),
);

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
