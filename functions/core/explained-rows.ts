import type { Cause } from './cause.ts';
import { DIAGNOSIS, judge } from './diagnosis.ts';
import { isFresh, isStale, type Patient } from './patient.ts';
import { formatDuration } from './time.ts';

/** A row of the decision table that the facts match. The first one names the cause. */
export interface MatchedRow {
  readonly id: string;
  readonly cause: Cause;
  readonly seen: string;
  readonly why: string;
  readonly isChosen: boolean;
}

/** All rows that match, in the table's order: behind the first one they are what would have been said without it. */
export function matchedRows(patient: Patient): readonly MatchedRow[] {
  const { rule } = judge(patient);
  return DIAGNOSIS.flatMap(({ id, cause, seen, match }) => {
    const why = match(patient);
    return why === null ? [] : [{ id, cause, seen, why, isChosen: id === rule }];
  });
}

/** One fact that would have been another, and the row that the same table would then have come to. */
export interface NearRow {
  readonly change: string;
  readonly id: string;
  readonly cause: Cause;
}

interface Change {
  readonly change: string;
  readonly patient: Patient;
}

/** Rows that are one fact away, found by asking the table itself. Changes that leave the row as it is are no news. */
export function nearRows(patient: Patient): readonly NearRow[] {
  const { rule } = judge(patient);
  return changesOf(patient).flatMap(({ change, patient: other }) => {
    const verdict = judge(other);
    return verdict.rule === rule ? [] : [{ change, id: verdict.rule, cause: verdict.cause }];
  });
}

function changesOf(patient: Patient): readonly Change[] {
  const { limit, database, own, workload, pod, motion, ageMs, policy } = patient;
  const limitText = formatDuration(limit.limitMs);
  const given = (applies: boolean, change: string, facts: Partial<Patient>): readonly Change[] =>
    applies ? [{ change, patient: { ...patient, ...facts } }] : [];
  return [
    ...given(isStale(patient), `a heartbeat younger than ${limitText}`, { silentMs: 0 }),
    ...given(isFresh(patient), `no heartbeat for longer than ${limitText}`, { silentMs: limit.limitMs + 1 }),
    ...given(
      own !== null && !(own.kind === 'answered' && own.says === 'healthy'),
      'its own health server saying healthy',
      {
        own: answer(patient, 'healthy'),
      },
    ),
    ...given(
      own !== null && !(own.kind === 'answered' && own.says === 'unhealthy'),
      'its own health server saying unhealthy',
      {
        own: answer(patient, 'unhealthy'),
      },
    ),
    ...given(motion?.kind === 'waiting', 'work that moves', {
      motion: { kind: 'moving', decidedAgoSeconds: 1, why: 'work moves' },
    }),
    ...given(
      motion !== null && motion.kind !== 'waiting',
      `work that waits for longer than ${formatDuration(policy.stallLimitMs)}`,
      {
        motion: { kind: 'waiting', forSeconds: policy.stallLimitMs / 1_000, why: 'work waits' },
      },
    ),
    ...given(database.kind !== 'up' && database.kind !== 'none', 'a database that is well', {
      database: { kind: 'up' },
    }),
    ...given(database.kind === 'up', 'a database that does not answer', {
      database: { kind: 'down', why: 'it does not answer' },
    }),
    ...given(workload?.kind === 'answered' && workload.rollingOut !== null, 'no rollout', { workload: null }),
    ...given(pod.terminatingSince !== null, 'a pod that is not terminating', {
      pod: { ...pod, terminatingSince: null },
    }),
    ...given(patient.waiting !== null || patient.skipping !== null, "nobody else's locks", {
      waiting: null,
      skipping: null,
    }),
    ...given(patient.stalePeer, 'no stale peer', { stalePeer: false }),
    ...given(patient.companionBack !== null, 'no companion that has just come back', { companionBack: null }),
    ...given(
      ageMs < policy.startupGraceMs,
      `a container older than ${formatDuration(policy.startupGraceMs)}`,
      {
        ageMs: Math.max(policy.startupGraceMs, policy.stallLimitMs) + 1,
      },
    ),
  ];
}

function answer({ serverNow }: Patient, says: 'healthy' | 'unhealthy'): Patient['own'] {
  const status = says === 'healthy' ? 200 : 503;
  return {
    kind: 'answered',
    at: serverNow,
    tookMs: 0,
    from: 'scheduler',
    status,
    says,
    database: null,
    components: {},
  };
}
