import { isIdleCause } from './component.ts';
import type { Judged, Subject } from './decision.ts';
import type { TargetLooks } from './patient.ts';
import type { RemovalAnswer } from './pod.ts';
import { hadNoEffect, type Remediation } from './remediation.ts';
import type { TargetState } from './state.ts';
import { type EpochMs, SECOND_MS } from './time.ts';

/**
 * The durable note that comes before every removal; a resumed one keeps its first moment, so the cool-down does too. It spends the
 * approval in the same save, whatever becomes of the removal.
 */
export function addIntent(
  state: TargetState,
  subject: Subject,
  details: {
    readonly why: string;
    readonly now: EpochMs;
    readonly node?: string | null;
    readonly lastAliveAt: EpochMs | null;
    readonly highestJobId: number | null;
    readonly knownUids: readonly string[];
  },
): TargetState {
  const ofThis = state.remediations.filter((past) => past.uid === subject.uid);
  // What Kubernetes refused is tried anew, and counts from now on.
  const earlier = ofThis.find((past) => past.outcome === null && !hadNoEffect(past));
  const intent: Remediation = {
    uid: subject.uid,
    pod: subject.pod,
    component: subject.component,
    cause: subject.cause,
    node: earlier?.node ?? details.node ?? null,
    why: details.why,
    intendedAt: earlier?.intendedAt ?? details.now,
    firstBadAt: state.pods[subject.uid]?.streak?.firstAt ?? details.now,
    lastAliveAt: earlier?.lastAliveAt ?? details.lastAliveAt,
    highestJobId: earlier?.highestJobId ?? details.highestJobId,
    knownUids: earlier?.knownUids ?? details.knownUids,
    attempts: (earlier?.attempts ?? 0) + 1,
    answer: null,
    outcome: null,
    curedAt: null,
  };
  const others = state.remediations.filter(
    (past) => past !== earlier && !(ofThis.includes(past) && hadNoEffect(past)),
  );
  return { ...state, approval: null, remediations: [...others, intent] };
}

export function addAnswer(state: TargetState, uid: string, answer: RemovalAnswer, now: EpochMs): TargetState {
  return {
    ...state,
    remediations: state.remediations.map((past) =>
      past.uid === uid && past.outcome === null ? { ...past, answer: { ...answer, at: now } } : past,
    ),
  };
}

/** What must be remembered of the world before a removal, to prove its outcome afterwards. */
export function originsOf(subject: Judged, looks: TargetLooks, judged: readonly Judged[], now: EpochMs) {
  const rows = looks.jobs?.kind === 'answered' ? looks.jobs.rows : [];
  return {
    node: subject.patient.pod.node,
    lastAliveAt: lastLifeOf(subject, now),
    highestJobId: rows.length === 0 ? null : rows.reduce((most, row) => Math.max(most, row.id), 0),
    knownUids: judged.map(({ patient }) => patient.pod.uid),
  };
}

/** When it last did its work, where a witness knows: its last beat, or for one that beats and does nothing the last thing it did. */
export function lastLifeOf({ patient: { silentMs, motion }, verdict }: Judged, now: EpochMs): EpochMs | null {
  if (isIdleCause(verdict.cause))
    return motion?.kind === 'waiting' ? Math.round(now - motion.forSeconds * SECOND_MS) : null;
  return silentMs === null ? null : now - silentMs;
}
