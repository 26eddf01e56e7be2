import { NO_AGES } from './ages.ts';
import type { Candidate, Decision, Judged } from './decision.ts';
import { heartbeatLimit } from './heartbeat.ts';
import { NOTHING, type Notification } from './notification.ts';
import { isLiving } from './patient.ts';
import type { RemovalAnswer } from './pod.ts';
import { LIMITS } from './policy.ts';
import type { TargetState } from './state.ts';
import { COMPONENTS } from './target.ts';
import { type EpochMs, formatDuration, isoOf, MINUTE_MS, SECOND_MS } from './time.ts';

/** What one rehearsal came to, as the ledger keeps it. Nothing was removed. */
export interface DrillBody {
  readonly by: string;
  /** Null where nothing could be seen; `why` says why then. */
  readonly pod: string | null;
  readonly uid: string | null;
  readonly why: string | null;
  /** What a tick would have decided, had this pod been dead. */
  readonly decision: Decision | null;
  /** The API server's answer to the dry run. */
  readonly answer: RemovalAnswer | null;
  readonly told: readonly DrillDelivery[];
}

export interface DrillDelivery {
  readonly channel: string;
  readonly step: 'opened' | 'resolved';
  readonly answer: 'delivered' | 'later' | 'refused';
  readonly detail: string | null;
}

export function drillSentence({ pod, why, decision, answer, told }: DrillBody): string {
  if (pod === null) return `nothing could be rehearsed: ${why}`;
  const would = decision?.kind === 'hold' ? `it would be held (${decision.code})` : 'it would be removed';
  const reached = [
    ...new Set(told.filter((one) => one.answer === 'delivered').map(({ channel }) => channel)),
  ];
  return `had ${pod} been dead, ${would}; dry run: ${answer === null ? 'not tried' : dryRunWord(answer)}; told ${reached.join(', ') || 'nobody'}`;
}

/** A dry run's `deleted` is no deletion. */
export const dryRunWord = ({ kind }: RemovalAnswer): string => (kind === 'deleted' ? 'let through' : kind);

/** Everything that a drill is there to prove went through. A hold is no failure: it is what the policy says. */
export function isPassed({ answer, told }: DrillBody): boolean {
  return answer?.kind === 'deleted' && told.every((one) => one.answer === 'delivered');
}

/** The pod that is rehearsed on, as if it were dead: the oldest of the first component that has one, so a scheduler if there is one. */
export function pretendedDead(judged: readonly Judged[]): Candidate | null {
  const living = judged.filter(({ patient }) => isLiving(patient.pod));
  const order = ({ patient: { pod } }: Judged) => COMPONENTS.indexOf(pod.component);
  const [chosen] = living.toSorted(
    (a, b) => order(a) - order(b) || a.patient.pod.createdAt - b.patient.pod.createdAt,
  );
  if (chosen === undefined) return null;
  const verdict = { cause: 'dead', why: 'DRILL: taken for dead', rule: 'drill', needsMs: 0 } as const;
  return { patient: chosen.patient, verdict, cause: 'dead' };
}

/** As many looks behind it as a removal needs, also of a tick that doubts itself. */
export function withCompleteStreak(state: TargetState, { patient }: Candidate, now: EpochMs): TargetState {
  const { pod, policy } = patient;
  const memory = state.pods[pod.uid];
  if (memory === undefined) return state;
  const streak = {
    cause: 'dead',
    count: policy.failures * LIMITS.selfLooksFactor,
    firstAt: now - LIMITS.selfLastsMs,
    lastAt: now,
    needsMs: 0,
    inDoubt: false,
  } as const;
  return { ...state, pods: { ...state.pods, [pod.uid]: { ...memory, streak } } };
}

/** What would have happened when, by this target's own policy and what was learned of it. */
export function timetableOf(candidate: Candidate, state: TargetState, decision: Decision): readonly string[] {
  const { pod, policy, limit } = candidate.patient;
  const { from } = heartbeatLimit(policy, state.ages[pod.component] ?? NO_AGES);
  const seenMs = limit.limitMs + MINUTE_MS;
  const lookedMs = (policy.failures - 1) * LIMITS.relookEveryMs;
  const agreeMs = seenMs + lookedMs;
  const found = [
    `0s  ${pod.name} wedges`,
    `${formatDuration(limit.limitMs)}  its heartbeat is too old (${from})`,
    `by ${formatDuration(seenMs)}  a tick of a minute sees it`,
  ];
  const agreed = `by ${formatDuration(agreeMs)}  ${policy.failures} looks agree and the incident opens`;
  if (decision.kind === 'hold') return [...found, `${agreed}; nothing is removed: ${decision.code}`];
  return [
    ...found,
    `${agreed}; DELETE with its uid`,
    `by ${formatDuration(agreeMs + pod.graceSeconds * SECOND_MS)}  its grace period of ${pod.graceSeconds}s is over`,
    `by ${formatDuration(agreeMs + policy.recoveryLimitMs)}  its replacement has proved itself, or the alert escalates`,
  ];
}

export interface DrillMessage {
  readonly target: string;
  readonly pod: string;
  readonly by: string;
  readonly decision: Decision;
  readonly answer: RemovalAnswer;
}

/** Two messages that nobody can take for an alert: the second ends what the first may have opened. */
export function drillMessages(drill: DrillMessage, now: EpochMs): readonly [Notification, Notification] {
  const { target, pod, by, decision, answer } = drill;
  const incident = `drill-${target}-${isoOf(now).replace(/[:.]/g, '-')}`;
  const would = decision.kind === 'hold' ? `held (${decision.code}): ${decision.why}` : 'removed';
  const shared = {
    incident,
    target,
    at: now,
    page: incident,
    endsPage: null,
    severity: 'info',
    fields: [],
    about: { ...NOTHING, pod },
    links: [],
  } as const;
  return [
    {
      ...shared,
      id: `${incident}/1`,
      kind: 'opened',
      title: `DRILL: ${target}: had ${pod} been dead`.slice(0, 150),
      text: `DRILL, nothing is wrong and nothing was removed. ${by} rehearses: it would have been ${would}. Dry run: ${dryRunWord(answer)} (${answer.detail}).`.slice(
        0,
        600,
      ),
    },
    {
      ...shared,
      id: `${incident}/2`,
      kind: 'resolved',
      title: `DRILL: ${target}: over`.slice(0, 150),
      text: 'DRILL, nothing was wrong and nothing was removed.',
    },
  ];
}
