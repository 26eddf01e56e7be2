import { isWell } from './cause.ts';
import type { Judged } from './decision.ts';
import { jobIdOf } from './heartbeat.ts';
import { isFresh, isLiving, type TargetLooks } from './patient.ts';
import type { PodFact } from './pod.ts';
import { LIMITS } from './policy.ts';
import type { Motion } from './progress.ts';
import { type Aftermath, type Outcome, type Remediation, settle, tookEffect } from './remediation.ts';
import { isFailure } from './removal-findings.ts';
import type { TargetState } from './state.ts';
import type { Target } from './target.ts';
import { type EpochMs, HOUR_MS, SECOND_MS } from './time.ts';

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
      past.outcome === null ||
      now - past.intendedAt < Math.max(24 * HOUR_MS, target.policy.budget.perMs) ||
      isLastFailure(past, state),
  );
  const remediations = kept.map((past) => {
    if (past.outcome !== null) return cured(past, judged, now);
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

/** What was not cured is remembered until it is, or every day would begin with another removal. */
function isLastFailure(past: Remediation, state: TargetState): boolean {
  if (!isFailure(past, state) || !tookEffect(past)) return false;
  const { cause, component } = past;
  return state.remediations.findLast((one) => one.cause === cause && one.component === component) === past;
}

/** A removal that had not cured it is made good once its component is whole and well again. */
function cured(past: Remediation, judged: readonly Judged[], now: EpochMs): Remediation {
  if (past.outcome?.kind === 'recovered' || past.curedAt !== null) return past;
  const living = judged.filter(({ patient: { pod } }) => pod.component === past.component && isLiving(pod));
  const isBack = living.some(
    ({ patient: { pod } }) => pod.uid === past.uid || !past.knownUids.includes(pod.uid),
  );
  return isBack && living.every(({ verdict }) => isWell(verdict.cause)) ? { ...past, curedAt: now } : past;
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
  const fresh = judged.filter(({ patient }) => isNew(patient.pod) && isLiving(patient.pod));
  const entry = fresh.find(({ verdict }) => isWell(verdict.cause)) ?? fresh[0];
  return {
    now,
    oldPod: old === undefined ? 'gone' : old.terminatingSince === null ? 'there' : 'terminating',
    oldGraceMs: (old?.graceSeconds ?? 30) * SECOND_MS,
    replacement: entry === undefined ? null : proofOf(entry, past),
  };
}

/** What was parsed before the replacement began is none of its work. */
function isOfThisLife(motion: Motion, { cause }: Remediation, { ageMs }: Judged['patient']): boolean {
  if (cause !== 'not-parsing' || motion.kind !== 'moving' || motion.decidedAgoSeconds === null) return true;
  return motion.decidedAgoSeconds * SECOND_MS <= ageMs;
}

function proofOf({ patient, verdict }: Judged, past: Remediation): NonNullable<Aftermath['replacement']> {
  const { heartbeat, motion, pod } = patient;
  const jobId = jobIdOf(heartbeat);
  const byDatabase = heartbeat?.kind === 'answered' && heartbeat.source === 'database';
  return {
    name: pod.name,
    uid: pod.uid,
    running: pod.phase === 'Running' && pod.container?.state === 'running',
    newRow: byDatabase ? jobId !== null && (past.highestJobId === null || jobId > past.highestJobId) : null,
    freshHeartbeat: heartbeat === null ? null : isFresh(patient),
    workMoves: motion === null ? null : motion.kind !== 'waiting' && isOfThisLife(motion, past, patient),
    healthy: isWell(verdict.cause),
  };
}
