import type { Cause, RemovableCause } from './cause.ts';
import type { PodFact, WorkloadFact } from './pod.ts';
import { LIMITS, type Policy } from './policy.ts';
import { type Remediation, tookEffect } from './remediation.ts';
import type { Pause } from './state.ts';
import { type EpochMs, formatDuration, isoOf } from './time.ts';

export const HOLD_CODES = [
  'watch-mode',
  'not-acting',
  'paused',
  'blind',
  'database-down',
  'database-recovering',
  'storm',
  'rolling-out',
  'starting',
  'not-owned',
  'label-mismatch',
  'terminating',
  'peer-recovering',
  'cool-down',
  'budget-spent',
  'tasks-running',
  'late-tick',
  'lost-race',
  'unproven',
] as const;
export type HoldCode = (typeof HOLD_CODES)[number];

export interface Hold {
  readonly code: HoldCode;
  readonly why: string;
}

/** What must be known before a pod may go. null is "could not be learned" and always holds. */
export interface GuardFacts {
  readonly now: EpochMs;
  readonly policy: Policy;
  readonly cause: RemovableCause;
  /** false: `check` without `--act`. */
  readonly acting: boolean;
  readonly pause: Pause | null;
  /** Causes of all pods of the same component at the last look, and `database-down` of any other; null when unreadable. */
  readonly causes: readonly Cause[] | null;
  readonly databaseRecovering: string | null;
  readonly fleet: {
    readonly sick: number;
    readonly targets: number;
    readonly stormUntil: EpochMs | null;
  } | null;
  readonly workload: WorkloadFact | null;
  readonly pod: PodFact | null;
  /** The pod still carries every label of the component's selector. */
  readonly labelsMatch: boolean | null;
  readonly startedMsAgo: number | null;
  readonly remediations: readonly Remediation[];
  /** Running tasks that die with the pod; only asked for when the policy wants it. */
  readonly tasksRunning: number | null;
  /** How long after its minute the tick began. */
  readonly tickLateMs: number;
  readonly proven: boolean;
}

type Guard = (facts: GuardFacts) => string | null;

/** One guard per code, in the order in which they are asked; `lost-race` is decided by the compare-and-set itself. */
export const GUARDS: Readonly<
  Record<Exclude<HoldCode, 'lost-race'>, { readonly meaning: string; readonly holds: Guard }>
> = {
  'watch-mode': {
    meaning: 'the target only watches (`mode: watch`)',
    holds: ({ policy }) =>
      policy.mode === 'watch' ? 'mode is watch; set policy.mode: remediate to let it act' : null,
  },
  'not-acting': {
    meaning: '`check` was run without `--act`',
    holds: ({ acting }) => (acting ? null : 'this run only looks; --act would remove the pod'),
  },
  paused: {
    meaning: 'a person or a deploy asked for a pause',
    holds: ({ pause, workload, now }) => {
      if (pause !== null && pause.until > now)
        return `paused by ${pause.by} until ${isoOf(pause.until)}: ${pause.reason}`;
      return workload?.paused != null
        ? `the workload is annotated scheduler-watchdog/paused: ${workload.paused}`
        : null;
    },
  },
  blind: {
    meaning: 'part of the target cannot be seen',
    holds: ({ causes }) => {
      if (causes === null) return 'the pods of this target could not be read';
      return causes.includes('blind') ? 'another pod of this target cannot be judged' : null;
    },
  },
  'database-down': {
    meaning: 'the metadata database is the one that is sick',
    holds: ({ causes }) =>
      causes?.includes('database-down') === true ? 'the database is sick for part of this target' : null,
  },
  'database-recovering': {
    meaning: 'the database came back only just now',
    holds: ({ databaseRecovering }) => databaseRecovering,
  },
  storm: {
    meaning: 'too many targets are sick at once: suspect what they share, or us',
    holds: ({ fleet, now }) => {
      if (fleet === null) return 'how many other targets are sick is not known';
      if (isStorm(fleet.sick, fleet.targets))
        return `${fleet.sick} of ${fleet.targets} targets are sick at once`;
      return fleet.stormUntil !== null && fleet.stormUntil > now
        ? `a storm ended only just now; cool-down until ${isoOf(fleet.stormUntil)}`
        : null;
    },
  },
  'rolling-out': {
    meaning: 'its workload is mid-rollout',
    holds: ({ workload }) => {
      if (workload === null) return 'whether its workload is mid-rollout could not be read';
      return workload.rollingOut;
    },
  },
  starting: {
    meaning: 'the container is younger than the start-up grace',
    holds: ({ startedMsAgo, policy }) => {
      if (startedMsAgo === null) return 'when its container started is not known';
      return startedMsAgo < policy.startupGraceMs
        ? `its container is only ${formatDuration(startedMsAgo)} old`
        : null;
    },
  },
  'not-owned': {
    meaning: 'no controller would replace the pod',
    holds: ({ pod }) => {
      if (pod === null) return 'the pod could not be read';
      const kind = pod.owner?.kind;
      return kind === 'ReplicaSet' || kind === 'StatefulSet'
        ? null
        : 'no ReplicaSet or StatefulSet would replace it';
    },
  },
  'label-mismatch': {
    meaning: 'the pod no longer carries the labels of the selector',
    holds: ({ labelsMatch }) => {
      if (labelsMatch === null) return 'its labels could not be compared with the selector';
      return labelsMatch ? null : 'its labels do not match the selector';
    },
  },
  terminating: {
    meaning: 'the pod is being terminated already',
    holds: ({ pod }) => (pod?.terminatingSince == null ? null : 'it is terminating already'),
  },
  'peer-recovering': {
    meaning: 'another pod of the target was removed and has not proved its recovery',
    holds: ({ remediations, pod }) => {
      const open = remediations.find((past) => past.outcome === null && past.uid !== pod?.uid);
      return open === undefined
        ? null
        : `${open.pod} was removed ${isoOf(open.intendedAt)} and its recovery is not proved yet`;
    },
  },
  'cool-down': {
    meaning: 'the last intent is too recent',
    holds: ({ remediations, policy, pod, now }) => {
      const last = remediations.at(-1);
      if (last === undefined || isResumable(last, pod, now)) return null;
      const left = last.intendedAt + policy.cooldownMs - now;
      return left > 0
        ? `the last removal was meant ${formatDuration(now - last.intendedAt)} ago; ${formatDuration(left)} to go`
        : null;
    },
  },
  'budget-spent': {
    meaning: 'as many removals as the window allows: a person is needed',
    holds: ({ remediations, policy, pod, now }) => {
      const { removals, perMs } = policy.budget;
      const spent = remediations.filter(
        (past) => now - past.intendedAt < perMs && !isResumable(past, pod, now),
      ).length;
      return spent >= removals
        ? `${spent} removal(s) in the last ${formatDuration(perMs)}; a person is needed`
        : null;
    },
  },
  'tasks-running': {
    meaning: 'running tasks would die with the pod and the policy protects them',
    holds: ({ policy, tasksRunning }) => {
      if (policy.tasksRunning === 'ignore') return null;
      if (tasksRunning === null) return 'how many tasks run inside it could not be learned';
      return tasksRunning > 0 ? `${tasksRunning} running task(s) would die with it` : null;
    },
  },
  'late-tick': {
    meaning: 'the tick runs later than one slot after its minute',
    holds: ({ tickLateMs }) =>
      tickLateMs > LIMITS.lateTickMs
        ? `this tick began ${formatDuration(tickLateMs)} after its minute`
        : null,
  },
  unproven: {
    meaning: 'the signal that convicts was never seen well for this target',
    holds: ({ proven, cause }) =>
      proven ? null : `the signal behind "${cause}" was never seen well for this target`,
  },
};

/** All guards that say no, in order. An empty list lets the removal pass. */
export function holdsOf(facts: GuardFacts): readonly Hold[] {
  const holds: Hold[] = [];
  for (const code of HOLD_CODES) {
    if (code === 'lost-race') continue;
    const why = GUARDS[code].holds(facts);
    if (why !== null) holds.push({ code, why });
  }
  return holds;
}

/** More than the set share of at least the set number of targets. */
export function isStorm(sick: number, targets: number): boolean {
  return sick >= LIMITS.stormAtLeast && sick > targets * LIMITS.stormShare;
}

/** An intent for this very pod whose run died, or whose delete was not answered: the same removal may be tried again. */
export function isResumable(past: Remediation, pod: PodFact | null, now: EpochMs): boolean {
  if (pod === null || past.uid !== pod.uid || past.outcome !== null || tookEffect(past)) return false;
  if (past.answer?.kind === 'forbidden') return false;
  return past.attempts < LIMITS.removalAttempts && now - past.intendedAt < LIMITS.intentResumeMs;
}
