import type { Companions } from '../../../functions/core/companions.ts';
import type {
  DatabaseClient,
  HeldLock,
  JobRow,
  JobsFacts,
  LocksFacts,
  LockWait,
  Look,
} from '../../../functions/core/observation.ts';
import { type EpochMs, HOUR_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { type Beater, beatSkewOf, lastOf, secondLastOf } from './beater.ts';
import { parsingOf, triggersOf } from './companions-look.ts';
import { HINDRANCES, type SimPod, type SimTarget } from './model.ts';
import { progressOf } from './progress-look.ts';
import { workOf } from './work-look.ts';

export interface DatabaseLooks {
  readonly jobs: Look<JobsFacts>;
  readonly progress: Look<ReturnType<typeof progressOf>>;
  readonly locks: Look<LocksFacts>;
  readonly companions: Companions;
  readonly work: Look<ReturnType<typeof workOf>>;
}

/** What the row shows: Airflow 3 writes the beat before the last. */
export function writtenBeat(target: SimTarget, beat: Beater, at: EpochMs): EpochMs {
  return target.airflow === '2' ? lastOf(beat, at) : secondLastOf(beat, at);
}

/** @param lookedAt by the watchdog's clock; @param at the moment whose truth is told */
export function answersOf(target: SimTarget, at: EpochMs, lookedAt: EpochMs, tookMs: number): DatabaseLooks {
  const { database } = target;
  const timing = { at: lookedAt, tookMs };
  if (database.mode === 'down' || database.mode === 'frozen') {
    const cause = database.mode === 'down' ? 'refused' : 'timeout';
    const look = { ...timing, kind: 'unreachable', cause, detail: `the database: ${cause}` } as const;
    return {
      jobs: look,
      progress: look,
      locks: look,
      companions: { triggers: look, parsing: look },
      work: look,
    };
  }
  const no = (cause: 'forbidden' | 'locked', detail: string) =>
    ({ ...timing, kind: 'unreadable', cause, detail }) as const;
  const denied = no('forbidden', 'permission denied');
  const locked = database.mode === 'locked' ? no('locked', 'canceling statement due to lock timeout') : null;
  const known = at - database.lagMs;
  return {
    jobs: database.denied === 'all' ? denied : { ...timing, kind: 'answered', ...jobsOf(target, at, known) },
    progress:
      locked ??
      (database.denied === 'none'
        ? { ...timing, kind: 'answered', ...progressOf(target, at, known) }
        : denied),
    companions: {
      triggers:
        locked ??
        (database.denied === 'none'
          ? { ...timing, kind: 'answered', ...triggersOf(target, at, known) }
          : denied),
      parsing:
        locked ??
        (database.denied === 'none'
          ? { ...timing, kind: 'answered', ...parsingOf(target, at, known) }
          : denied),
    },
    work:
      locked ??
      (database.denied === 'none' ? { ...timing, kind: 'answered', ...workOf(target, at, known) } : denied),
    locks: !database.locksReadable ? denied : { ...timing, kind: 'answered', ...locksOf(target, at) },
  };
}

function jobsOf(target: SimTarget, at: EpochMs, known: EpochMs): JobsFacts {
  const { database } = target;
  const databaseNow = at + database.skewMs;
  const rows: JobRow[] = [];
  for (const pod of target.pods) {
    const row = rowOf(target, pod, databaseNow, known);
    if (row !== null) rows.push(row);
  }
  if (target.oldRows.length > 0) {
    target.oldRows = target.oldRows.filter((row) => at - row.endedAt < 24 * HOUR_MS).slice(-150);
    for (const row of target.oldRows) rows.push(oldRow(row, databaseNow, at));
  }
  rows.sort((a, b) => a.heartbeatAgeSeconds - b.heartbeatAgeSeconds);
  return {
    rows,
    databaseUptimeSeconds: (at - database.startedAt) / SECOND_MS,
    databaseNow,
    replica: database.lagMs === 0 ? null : { replayedSecondsAgo: database.lagMs / SECOND_MS },
  };
}

function rowOf(target: SimTarget, pod: SimPod, databaseNow: EpochMs, known: EpochMs): JobRow | null {
  if (pod.startedAt === null || pod.container !== 'running') return null;
  const beatAt = writtenBeat(target, pod.beat, known);
  if (beatAt === -Infinity) return null;
  const heartbeatAgeSeconds = (databaseNow - beatAt - beatSkewOf(pod)) / SECOND_MS;
  return {
    id: pod.jobId,
    component: pod.component,
    hostname: pod.name,
    state: pod.rowState,
    heartbeatAgeSeconds,
    startedSecondsAgo: (databaseNow - pod.startedAt - 5_000 - pod.startSkewMs) / SECOND_MS,
  };
}

function oldRow(row: SimTarget['oldRows'][number], databaseNow: EpochMs, at: EpochMs): JobRow {
  return {
    id: row.id,
    component: row.component,
    hostname: row.hostname,
    state: at - row.endedAt > 290_000 ? row.state : 'running',
    heartbeatAgeSeconds: (databaseNow - row.beatAt) / SECOND_MS,
    startedSecondsAgo: (databaseNow - row.startAt) / SECOND_MS,
  };
}

/** Who holds, and who waits for that. A wedged holder shows its pod's address only where we may see it. */
function locksOf(target: SimTarget, at: EpochMs): LocksFacts {
  const { stranger } = target.database;
  const pod = target.pods.find((one) => one.wedge?.kind === 'holding');
  if (stranger === null && pod === undefined) return { waits: [], held: [] };
  const since = stranger?.since ?? pod?.wedge?.at ?? at;
  const isHidden = target.database.hidesAddresses;
  const holder: DatabaseClient =
    stranger !== null
      ? client(900, 'analyst', isHidden ? null : '10.255.0.9', 'psql', at - since, isHidden)
      : client(800, 'airflow', isHidden ? null : (pod?.ip ?? null), 'airflow', at - since, isHidden);
  const seconds = (at - since) / SECOND_MS;
  const held: HeldLock = {
    on: 'dag_run',
    holder,
    transaction: `${holder.id}/${since}`,
    transactionSeconds: isHidden ? null : seconds,
  };
  const waits = target.pods
    .filter((one) => (one.hindered & HINDRANCES.locks) !== 0 && one.container === 'running')
    .map(
      (one): LockWait => ({
        waiting: client(
          100 + one.jobId,
          'airflow',
          isHidden ? null : one.ip,
          'airflow',
          at - since,
          isHidden,
        ),
        waitedSeconds: seconds,
        on: 'dag_run',
        holders: [holder],
      }),
    );
  return { waits, held: [held] };
}

function client(
  id: number,
  user: string,
  address: string | null,
  application: string,
  ageMs: number,
  isHidden: boolean,
): DatabaseClient {
  if (isHidden) return { id, user, address: null, application: null, state: null, queryAgeSeconds: null };
  return { id, user, address, application, state: 'active', queryAgeSeconds: ageMs / SECOND_MS };
}
