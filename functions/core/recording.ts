import { candidatesOf } from './decision.ts';
import { fleetHeld, type Recorded, type StepFacts } from './guard-facts.ts';
import { clean } from './kept-looks.ts';
import type { Policy } from './policy.ts';
import type { LookedAt } from './remember.ts';
import { matchesSelector } from './selector.ts';
import type { TargetState } from './state.ts';
import type { Concluded } from './step.ts';

/** What is remembered of a target, as far as a verdict and its guards depend on it. */
type Memory = Pick<
  TargetState,
  'pods' | 'proven' | 'ages' | 'database' | 'heldSince' | 'sickSince' | 'remediations' | 'pause' | 'resumedAt'
>;

/** Everything besides the looks themselves that one decision was made from: with both it can be made again. */
export interface Recording {
  /** The policy in force. */
  readonly policy: Policy;
  /** What was remembered before the look. */
  readonly memory: Memory;
  readonly at: LookedAt;
  readonly facts: Pick<StepFacts, 'now' | 'scheduledAt' | 'lateMs' | 'slotMs' | 'doubts' | 'tasksRunning'>;
  readonly recorded: Recorded;
  /** What was decided, by `keyOfDecision`. */
  readonly decided: string;
}

const PODS_KEPT = 20;
const REMEDIATIONS_KEPT = 30;

/** null: nothing was seen, and so there is nothing to judge again. */
export function recordingOf(
  from: { readonly state: TargetState; readonly at: LookedAt },
  { looked, state }: Concluded,
  facts: StepFacts,
): Recording | null {
  const { target, looks, judged } = looked;
  const first = candidatesOf(judged, looked.state)[0] ?? judged[0];
  if (looks === null || first === undefined) return null;
  const { now, scheduledAt, lateMs, slotMs, doubts, tasksRunning } = facts;
  const labelsMatch = judged.slice(0, PODS_KEPT).map(({ patient: { pod } }) => {
    const component = target.components.find(({ name }) => name === pod.component);
    return [pod.uid, component !== undefined && matchesSelector(component.selector, pod.labels)] as const;
  });
  return {
    policy: target.policy,
    memory: clean(memoryOf(from.state)),
    at: from.at,
    facts: { now, scheduledAt, lateMs, slotMs, doubts: clean(doubts), tasksRunning },
    recorded: {
      fleet: fleetHeld(first, target, looks, facts),
      labelsMatch: Object.fromEntries(labelsMatch),
    },
    decided: state.decided,
  };
}

function memoryOf(state: TargetState): Memory {
  const { proven, ages, database, heldSince, sickSince, remediations, pause, resumedAt } = state;
  const pods = Object.entries(state.pods)
    .slice(0, PODS_KEPT)
    .map(([uid, { memory: _growth, ...pod }]) => [uid, pod] as const);
  return {
    pods: Object.fromEntries(pods),
    proven,
    ages,
    database,
    heldSince,
    sickSince,
    remediations: remediations
      .slice(-REMEDIATIONS_KEPT)
      .map((past) => ({ ...past, knownUids: past.knownUids.slice(0, PODS_KEPT) })),
    pause,
    resumedAt,
  };
}
