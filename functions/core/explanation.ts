import { type Cause, isRemovable } from './cause.ts';
import type { Decision, Judged } from './decision.ts';
import { keyOfDecision } from './decision.ts';
import { type Fact, factsOf } from './explained-facts.ts';
import { type Limit, limitOfPod, limitsOfPolicy } from './explained-limits.ts';
import { type MatchedRow, matchedRows, type NearRow, nearRows } from './explained-rows.ts';
import { guardFacts, type StepFacts } from './guard-facts.ts';
import { askGuards, GUARDS, type GuardAnswer } from './guards.ts';
import { type Replayable, replay } from './replay.ts';
import type { Concluded } from './step.ts';
import { isComplete } from './streak.ts';
import type { Target } from './target.ts';
import { formatDuration, isoOf } from './time.ts';

/** Why one decision was made, out of what the ledger keeps of it. */
export interface Explanation {
  readonly target: string;
  readonly tick: string;
  /** When the look was made. */
  readonly at: string;
  readonly decision: Decision;
  /** What the tick itself decided. */
  readonly recorded: string;
  /** The looks as kept lead to that very decision. */
  readonly isReplayed: boolean;
  readonly limits: readonly Limit[];
  readonly pods: readonly ExplainedPod[];
  /** What a judge has seen that is not kept. */
  readonly notKept: readonly string[];
}

export interface ExplainedPod {
  readonly pod: string;
  readonly uid: string;
  readonly component: string;
  readonly cause: Cause;
  readonly why: string;
  readonly facts: readonly Fact[];
  readonly limit: Limit;
  readonly rows: readonly MatchedRow[];
  readonly near: readonly NearRow[];
  /** null: a pod of this cause is never removed, so no guard is asked. */
  readonly guards: readonly GuardAnswer[] | null;
  /** What would have to change for another decision about it. */
  readonly wouldChange: readonly string[];
}

export function explanationOf(target: Target, kept: Replayable): Explanation {
  const { concluded, facts } = replay(target, kept);
  const { decision, looked } = concluded;
  return {
    target: target.id,
    tick: kept.tick,
    at: isoOf(kept.at),
    decision,
    recorded: kept.recording.decided,
    isReplayed: keyOfDecision(decision) === kept.recording.decided,
    limits: limitsOfPolicy(kept.recording.policy),
    pods: looked.judged.map((entry) => explainedPod(entry, concluded, facts)),
    notKept: notKeptOf(kept),
  };
}

function explainedPod(entry: Judged, { looked, state }: Concluded, facts: StepFacts): ExplainedPod {
  const { patient, verdict } = entry;
  const { pod } = patient;
  const near = nearRows(patient);
  const guards = guardsOf(entry, { looked, state }, facts);
  return {
    pod: pod.name,
    uid: pod.uid,
    component: pod.component,
    cause: verdict.cause,
    why: verdict.why,
    facts: factsOf(patient),
    limit: limitOfPod(patient),
    rows: matchedRows(patient),
    near,
    guards,
    wouldChange: wouldChange(entry, { looked, state }, guards, near),
  };
}

type Step = Pick<Concluded, 'looked' | 'state'>;

function guardsOf(
  { patient, verdict }: Judged,
  { looked, state }: Step,
  facts: StepFacts,
): readonly GuardAnswer[] | null {
  const { cause } = verdict;
  const { target, judged, looks } = looked;
  if (looks === null || !isRemovable(cause, patient.policy)) return null;
  // Guards were asked before the intent of this very step was noted.
  const before = { ...state, remediations: looked.state.remediations };
  const known = guardFacts({ patient, verdict, cause }, { target, judged, looks, state: before }, facts);
  return askGuards(known);
}

function wouldChange(
  { patient, verdict }: Judged,
  { looked }: Step,
  guards: readonly GuardAnswer[] | null,
  near: readonly NearRow[],
): readonly string[] {
  const rows = near.map(({ change, id, cause }) => `${change}: ${cause} (row ${id})`);
  if (guards === null) return rows;
  const { policy, pod } = patient;
  const streak = looked.state.pods[pod.uid]?.streak ?? null;
  const missing = isComplete(streak, policy)
    ? []
    : [
        `more looks like this one: ${streak?.count ?? 0} of ${policy.failures}${verdict.needsMs === 0 ? '' : `, over ${formatDuration(verdict.needsMs)} at least`}`,
      ];
  const held = guards.flatMap(({ code, why }) => (why === null ? [] : [`${code}: ${GUARDS[code].cure}`]));
  const passed = missing.length === 0 && held.length === 0;
  const guarded = passed ? ['any guard that says no would have held the removal'] : [];
  return [...missing, ...held, ...guarded, ...rows];
}

const ALWAYS_LEFT_OUT = [
  'labels of pods (only whether they matched the selector) and addresses of health URLs',
  'the looks of a tick before its last one: of them only the numbers of the trail',
  'how many pods each component should have; what other targets were like (only what they held)',
  'texts beyond 200 characters, more than 20 pods, 30 job rows and 10 waits for locks',
];

function notKeptOf({ trail = [], looks }: Replayable): readonly string[] {
  const earlier =
    trail.length > 1 ? [`${trail.length - 1} earlier look(s) of this tick, but for numbers`] : [];
  const kubelet = looks.kubelet === null ? ["why kubelet's events were not read"] : [];
  return [...earlier, ...kubelet, ...ALWAYS_LEFT_OUT];
}
