import type { Judged, Subject } from './decision.ts';
import type { TargetLooks } from './patient.ts';
import type { RemovalAnswer } from './pod.ts';
import type { Remediation } from './remediation.ts';
import type { TargetState } from './state.ts';
import type { EpochMs } from './time.ts';

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
    curedAt: null,
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

/** What must be remembered of the world before a removal, to prove its outcome afterwards. */
export function originsOf(subject: Judged, looks: TargetLooks, judged: readonly Judged[], now: EpochMs) {
  const { silentMs } = subject.patient;
  const rows = looks.jobs?.kind === 'answered' ? looks.jobs.rows : [];
  return {
    lastAliveAt: silentMs === null ? null : now - silentMs,
    highestJobId: rows.length === 0 ? null : rows.reduce((most, row) => Math.max(most, row.id), 0),
    knownUids: judged.map(({ patient }) => patient.pod.uid),
  };
}
