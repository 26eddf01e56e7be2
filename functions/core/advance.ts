import { isWell, type RemovableCause } from './cause.ts';
import type { Judged, Subject } from './decision.ts';
import { ageMsOf, type TargetLooks } from './patient.ts';
import type { PodFact, RemovalAnswer } from './pod.ts';
import { LIMITS } from './policy.ts';
import { type Aftermath, type Outcome, type Remediation, settle, tookEffect } from './remediation.ts';
import type { PodMemory, Standing, TargetState } from './state.ts';
import { extendStreak } from './streak.ts';
import type { ComponentName, Target } from './target.ts';
import { type EpochMs, HOUR_MS, SECOND_MS } from './time.ts';

/** Remembers one round of looks: streaks, standings, what was seen well, the database's outages. Pure. */
export function noteLook(
  state: TargetState,
  target: Target,
  looks: TargetLooks,
  judged: readonly Judged[],
  now: EpochMs,
): TargetState {
  const pods: Record<string, PodMemory> = {};
  for (const { patient, verdict } of judged) {
    const before = state.pods[patient.pod.uid];
    const age = ageMsOf(patient.heartbeat);
    const fresh = age !== null && Math.abs(age) <= patient.limit.limitMs;
    pods[patient.pod.uid] = {
      name: patient.pod.name,
      component: patient.pod.component,
      seenBeating: (before?.seenBeating ?? false) || fresh,
      streak: extendStreak(before?.streak ?? null, verdict, now, target.policy),
      standing: standing(before?.standing ?? null, verdict.cause, verdict.why, now),
      unwellSince: isWell(verdict.cause) ? null : (before?.unwellSince ?? now),
    };
  }
  return {
    ...state,
    pods,
    blind: null,
    proven: proven(state, looks, judged, now),
    database: database(state, looks, now),
  };
}

/** The target as a whole could not be seen; everything else stays as it was. */
export function noteBlind(state: TargetState, why: string, now: EpochMs): TargetState {
  return { ...state, blind: standing(state.blind, 'blind', why, now) };
}

function standing(before: Standing | null, cause: Standing['cause'], why: string, now: EpochMs): Standing {
  return before !== null && before.cause === cause ? { ...before, why } : { cause, since: now, why };
}

function proven(
  state: TargetState,
  looks: TargetLooks,
  judged: readonly Judged[],
  now: EpochMs,
): TargetState['proven'] {
  const heartbeat: Partial<Record<ComponentName, EpochMs>> = { ...state.proven.heartbeat };
  for (const { patient, verdict } of judged) {
    const age = ageMsOf(patient.heartbeat);
    if (age !== null && Math.abs(age) <= patient.limit.limitMs && isWell(verdict.cause))
      heartbeat[patient.pod.component] = now;
  }
  const answers = [...Object.values(looks.own), ...looks.urls.map(({ look }) => look)];
  const well = answers.find((look) => look.kind === 'answered' && look.says === 'healthy');
  const motion = judged.find(({ patient }) => patient.motion !== null)?.patient.motion;
  return {
    heartbeat,
    http: well?.kind === 'answered' ? { at: now, from: well.from } : state.proven.http,
    progress: motion != null && motion.kind !== 'waiting' ? now : state.proven.progress,
  };
}

function database(state: TargetState, looks: TargetLooks, now: EpochMs): TargetState['database'] {
  if (looks.jobs === null) return state.database;
  if (looks.jobs.kind === 'unreachable') return { downSince: state.database.downSince ?? now, backAt: null };
  if (state.database.downSince !== null) return { downSince: null, backAt: now };
  return state.database;
}

/** Adds this tick's healthy ages to what `auto` learns from; once a tick, so that re-looks do not weigh more. */
export function learnAges(state: TargetState, judged: readonly Judged[]): TargetState {
  const healthyAges: Partial<Record<ComponentName, readonly number[]>> = { ...state.healthyAges };
  for (const { patient, verdict } of judged) {
    const age = ageMsOf(patient.heartbeat);
    if (!isWell(verdict.cause) || age === null || age < 0) continue;
    const known = healthyAges[patient.pod.component] ?? [];
    healthyAges[patient.pod.component] = [...known, Math.round(age / 100) / 10].slice(
      -LIMITS.healthyAgesKept,
    );
  }
  return { ...state, healthyAges };
}

/** The durable note that comes before every removal; a resumed one keeps its first moment, so the cool-down does too. */
export function addIntent(
  state: TargetState,
  subject: Subject,
  details: {
    readonly why: string;
    readonly now: EpochMs;
    readonly lastAliveAt: EpochMs | null;
    readonly highestJobId: number | null;
    readonly knownUids: readonly string[];
  },
): TargetState {
  const earlier = state.remediations.find((past) => past.uid === subject.uid && past.outcome === null);
  const intent: Remediation = {
    uid: subject.uid,
    pod: subject.pod,
    component: subject.component,
    cause: subject.cause,
    why: details.why,
    intendedAt: earlier?.intendedAt ?? details.now,
    firstBadAt: state.pods[subject.uid]?.streak?.firstAt ?? details.now,
    lastAliveAt: earlier?.lastAliveAt ?? details.lastAliveAt,
    highestJobId: earlier?.highestJobId ?? details.highestJobId,
    knownUids: earlier?.knownUids ?? details.knownUids,
    attempts: (earlier?.attempts ?? 0) + 1,
    answer: null,
    outcome: null,
  };
  const others = state.remediations.filter((past) => past !== earlier);
  return { ...state, remediations: [...others, intent] };
}

export function addAnswer(state: TargetState, uid: string, answer: RemovalAnswer, now: EpochMs): TargetState {
  return {
    ...state,
    remediations: state.remediations.map((past) =>
      past.uid === uid && past.outcome === null ? { ...past, answer: { ...answer, at: now } } : past,
    ),
  };
}

export interface Settled {
  readonly remediation: Remediation;
  readonly outcome: Outcome;
}

/** Looks for the outcome of every open removal and forgets old ones. A run that died after its intent is found out here. */
export function settleAll(
  state: TargetState,
  target: Target,
  looks: TargetLooks,
  judged: readonly Judged[],
  now: EpochMs,
): { readonly state: TargetState; readonly settled: readonly Settled[] } {
  const settled: Settled[] = [];
  const kept = state.remediations.filter(
    (past) =>
      past.outcome === null || now - past.intendedAt < Math.max(24 * HOUR_MS, target.policy.budget.perMs),
  );
  const remediations = kept.map((past) => {
    if (past.outcome !== null) return past;
    const remediation = answerFromLooks(past, looks, now);
    const aftermath = aftermathOf(remediation, looks, judged, now);
    const outcome =
      settle(remediation, aftermath, {
        recoveryLimitMs: target.policy.recoveryLimitMs,
        stuckTerminatingMs: LIMITS.stuckTerminatingMs,
      }) ?? givenUp(remediation, now);
    if (outcome === null) return remediation;
    settled.push({ remediation, outcome });
    return { ...remediation, outcome };
  });
  return { state: { ...state, remediations }, settled };
}

/** Nobody can see whether an open removal helped: after its time that is a failure, too, and a person has to look. */
export function settleUnseen(
  state: TargetState,
  target: Target,
  why: string,
  now: EpochMs,
): { readonly state: TargetState; readonly settled: readonly Settled[] } {
  const settled: Settled[] = [];
  const remediations = state.remediations.map((past) => {
    const since = past.answer?.at ?? past.intendedAt;
    if (past.outcome !== null || now - since <= target.policy.recoveryLimitMs) return past;
    const detail = `its recovery could not be seen: ${why}`;
    const outcome: Outcome = { kind: 'not-recovered', at: now, detail, replacement: null };
    settled.push({ remediation: past, outcome });
    return { ...past, outcome };
  });
  return { state: { ...state, remediations }, settled };
}

/** The run that wrote the intent may have died before it could note the answer: the pod itself tells it. */
function answerFromLooks(past: Remediation, looks: TargetLooks, now: EpochMs): Remediation {
  if (past.answer !== null && past.answer.kind !== 'failed') return past;
  const pod = looks.pods.find((other) => other.uid === past.uid);
  if (pod !== undefined && pod.terminatingSince === null) return past;
  const detail = 'the answer was not recorded, but the pod is gone or terminating';
  return {
    ...past,
    answer: { kind: pod === undefined ? 'already-gone' : 'deleted', status: null, detail, at: now },
  };
}

function givenUp(past: Remediation, now: EpochMs): Outcome | null {
  const open = past.answer?.kind !== 'forbidden' && past.attempts < LIMITS.removalAttempts;
  if (tookEffect(past) || (open && now - past.intendedAt < LIMITS.intentResumeMs)) return null;
  const detail = `the removal was never carried out: ${past.answer?.detail ?? 'the run died before it was answered'}`;
  return { kind: 'not-recovered', at: now, detail, replacement: null };
}

function aftermathOf(
  past: Remediation,
  looks: TargetLooks,
  judged: readonly Judged[],
  now: EpochMs,
): Aftermath {
  const old = looks.pods.find((pod) => pod.uid === past.uid);
  const isNew = (pod: PodFact) => pod.component === past.component && !past.knownUids.includes(pod.uid);
  const fresh = judged.filter(({ patient }) => isNew(patient.pod) && patient.pod.terminatingSince === null);
  const entry = fresh.find(({ verdict }) => isWell(verdict.cause)) ?? fresh[0];
  return {
    now,
    oldPod: old === undefined ? 'gone' : old.terminatingSince === null ? 'there' : 'terminating',
    oldGraceMs: (old?.graceSeconds ?? 30) * SECOND_MS,
    replacement: entry === undefined ? null : proofOf(entry, past),
  };
}

function proofOf({ patient, verdict }: Judged, past: Remediation): NonNullable<Aftermath['replacement']> {
  const { heartbeat, motion, pod, limit } = patient;
  const age = ageMsOf(heartbeat);
  const jobId = heartbeat?.kind === 'answered' ? heartbeat.jobId : null;
  const byDatabase = heartbeat?.kind === 'answered' && heartbeat.source === 'database';
  return {
    name: pod.name,
    uid: pod.uid,
    running: pod.phase === 'Running' && pod.container?.state === 'running',
    newRow: byDatabase ? jobId !== null && (past.highestJobId === null || jobId > past.highestJobId) : null,
    freshHeartbeat: heartbeat === null ? null : age !== null && age <= limit.limitMs,
    workMoves: motion === null || pod.component !== 'scheduler' ? null : motion.kind !== 'waiting',
    healthy: isWell(verdict.cause),
  };
}

/** Whether any streak of the target is on its way to a removal. */
export function suspects(
  state: TargetState,
): readonly { readonly uid: string; readonly cause: RemovableCause }[] {
  return Object.entries(state.pods).flatMap(([uid, pod]) =>
    pod.streak === null ? [] : [{ uid, cause: pod.streak.cause }],
  );
}
