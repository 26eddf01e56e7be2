import type { Candidate, Judged } from './decision.ts';
import { isProven } from './decision.ts';
import { type FleetHolds, type FleetPicture, fleetHolds } from './fleet.ts';
import type { GuardFacts } from './guards.ts';
import { isNodeWell } from './node.ts';
import type { TargetLooks } from './patient.ts';
import type { PodFact } from './pod.ts';
import type { Route } from './routing-rules.ts';
import { matchesSelector } from './selector.ts';
import type { FleetState, TargetState } from './state.ts';
import type { Target } from './target.ts';
import type { DurationMs, EpochMs } from './time.ts';

/** What a decision needs beyond one target's own looks. */
export interface StepFacts {
  readonly now: EpochMs;
  /** The moment the schedule meant. */
  readonly scheduledAt: EpochMs;
  /** How long after that moment the tick began. */
  readonly lateMs: DurationMs;
  /** Time between the starts of two ticks. */
  readonly slotMs: DurationMs;
  /** false: nothing is removed, saved or sent. */
  readonly acting: boolean;
  /** Every target by its newest look. */
  readonly picture: FleetPicture;
  readonly fleet: FleetState;
  /** Why this tick doubts itself. */
  readonly doubts: readonly string[];
  /** By pod uid: running tasks that would die with it; only where the policy asks, null where it could not be learned. */
  readonly tasksRunning: Readonly<Record<string, number | null>>;
  readonly channels: readonly Route[];
  /** Where reports of incidents can be read, ending in a slash; null or left out where they cannot. */
  readonly reportsUrl?: string | null;
  /** For looks that are judged again: what was known then and cannot be worked out from them. */
  readonly recorded?: Recorded;
}

export interface Recorded {
  readonly fleet: FleetHolds;
  /** By pod uid; labels themselves are not kept. */
  readonly labelsMatch: Readonly<Record<string, boolean | null>>;
}

interface Subjects {
  readonly target: Target;
  readonly judged: readonly Judged[];
  readonly state: TargetState;
  readonly looks: TargetLooks;
}

/** Everything the guards are asked with, for one candidate. */
export function guardFacts(
  candidate: Candidate,
  { target, judged, state, looks }: Subjects,
  facts: StepFacts,
): GuardFacts {
  const { patient, cause } = candidate;
  const { pod, policy } = patient;
  const workload = looks.workloads[pod.uid];
  const component = target.components.find((one) => one.name === pod.component);
  return {
    now: facts.now,
    policy,
    cause,
    acting: facts.acting,
    pause: state.pause,
    approval: state.approval,
    causes: judged
      .filter(
        (other) => other.patient.pod.component === pod.component || other.verdict.cause === 'database-down',
      )
      .map((other) => other.verdict.cause),
    databaseRecovering: patient.database.kind === 'recovering' ? patient.database.why : null,
    fleet: facts.recorded?.fleet ?? fleetHeld(candidate, target, looks, facts),
    workload: workload?.kind === 'answered' ? workload : null,
    canLandElsewhere: canLandElsewhere(pod, looks),
    pod,
    labelsMatch:
      component === undefined
        ? null
        : facts.recorded === undefined
          ? matchesSelector(component.selector, pod.labels)
          : (facts.recorded.labelsMatch[pod.uid] ?? null),
    startedMsAgo: patient.ageMs,
    remediations: state.remediations,
    tasksRunning: facts.tasksRunning[pod.uid] ?? null,
    tickLateMs: facts.lateMs,
    proven: isProven(state, candidate),
    doubts: facts.doubts,
    streak: state.pods[pod.uid]?.streak ?? null,
    resumedAt: state.resumedAt,
  };
}

/** Only nodes that our pods are on are known; on one of them a peer of it runs already, so that another may. */
function canLandElsewhere({ owner, node }: PodFact, { nodes }: TargetLooks): boolean | null {
  if (nodes?.kind !== 'answered') return null;
  return (
    owner?.kind === 'ReplicaSet' &&
    Object.entries(nodes.byName).some(
      ([name, fact]) => name !== node && isNodeWell(fact) && fact.isSchedulable,
    )
  );
}

export function fleetHeld(
  subject: Judged,
  target: Target,
  looks: TargetLooks,
  { picture, fleet, now }: Pick<StepFacts, 'picture' | 'fleet' | 'now'>,
): FleetHolds {
  return fleetHolds(picture, fleet, {
    target: target.id,
    workload: workloadKey(subject, target, looks),
    now,
  });
}

/** Names the workload of a pod across targets: two documents may speak of one Deployment. */
export function workloadKey({ patient: { pod } }: Judged, target: Target, looks: TargetLooks): string {
  const workload = looks.workloads[pod.uid];
  const name = workload?.kind === 'answered' ? workload.name : (pod.owner?.name ?? pod.name);
  const { cluster } = target;
  const where = cluster.kind === 'eks' ? `${cluster.region}/${cluster.name}` : (cluster.context ?? 'default');
  return `${where}/${target.namespace}/${name}`;
}
