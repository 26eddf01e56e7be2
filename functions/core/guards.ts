import { type Approval, whyNotApproved } from './approval.ts';
import { spentOf } from './budget.ts';
import type { Cause, RemovableCause } from './cause.ts';
import { isReplaceable, type PodFact, type WorkloadFact } from './pod.ts';
import { LIMITS, type Policy } from './policy.ts';
import { whyNotQuiet } from './quiet.ts';
import { hadNoEffect, type Remediation, tookEffect } from './remediation.ts';
import { inForce, type Pause, type Streak } from './state.ts';
import { isCompleteInDoubt } from './streak.ts';
import { type EpochMs, formatDuration, isoOf } from './time.ts';

/**
 * In the order in which they are asked: the first one that holds is the one a person can act on. A person is asked last, so that
 * nobody is asked for what another guard would hold all the same.
 */
export const HOLD_CODES = [
  'watch-mode',
  'not-acting',
  'paused',
  'not-owned',
  'label-mismatch',
  'node-sick',
  'blind',
  'database-down',
  'database-recovering',
  'storm',
  'repairs-failing',
  'not-cured',
  'rolling-out',
  'starting',
  'terminating',
  'peer-recovering',
  'cool-down',
  'budget-spent',
  'tasks-running',
  'not-quiet',
  'unproven',
  'late-tick',
  'self-degraded',
  'fleet-budget',
  'awaiting-approval',
  'lost-race',
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
  /** What a person has let go, for `mode: ask`. */
  readonly approval: Approval | null;
  /** Causes of all pods of the same component at the last look, and `database-down` of any other; null when unreadable. */
  readonly causes: readonly Cause[] | null;
  readonly databaseRecovering: string | null;
  /** What holds this target for the fleet's sake, as the fleet stands at this moment; null when that is not known. */
  readonly fleet: {
    readonly storm: string | null;
    readonly repairsFailing: string | null;
    readonly budget: string | null;
  } | null;
  readonly workload: WorkloadFact | null;
  /** Another node is known to be well, and its controller does not wait for this pod's end; null: nodes are not seen. */
  readonly canLandElsewhere: boolean | null;
  readonly pod: PodFact | null;
  /** The pod still carries every label of the component's selector. */
  readonly labelsMatch: boolean | null;
  readonly startedMsAgo: number | null;
  readonly remediations: readonly Remediation[];
  /** Running tasks that die with the pod; only asked for when the policy wants it, or the removal can wait. */
  readonly tasksRunning: number | null;
  /** How long after its minute the tick began. */
  readonly tickLateMs: number;
  readonly proven: boolean;
  /** Why this tick doubts itself; empty when it does not. */
  readonly doubts: readonly string[];
  readonly streak: Streak | null;
  /** When a person last let go what was not cured. */
  readonly resumedAt: EpochMs | null;
}

type Guard = (facts: GuardFacts) => string | null;

interface GuardRow {
  readonly meaning: string;
  /** What a person can do about it. */
  readonly cure: string;
  readonly holds: Guard;
}

/** One guard per code; `lost-race` is decided by the compare-and-set itself. */
export const GUARDS: Readonly<Record<HoldCode, GuardRow>> = {
  'watch-mode': {
    meaning: 'the target only watches (`mode: watch`)',
    cure: 'set `policy.mode: remediate` once you trust it',
    holds: ({ policy }) =>
      policy.mode === 'watch' ? 'mode is watch; set policy.mode: remediate to let it act' : null,
  },
  'awaiting-approval': {
    meaning: 'the target asks a person before each removal (`mode: ask`), and nobody has approved this one',
    cure: '`scheduler-watchdog approve TARGET --pod POD` lets exactly that pod go; a yes is good for 15 minutes',
    holds: ({ policy, approval, pod, now }) => {
      if (policy.mode !== 'ask') return null;
      return pod === null
        ? 'the pod could not be read, so nobody can have approved it'
        : whyNotApproved(approval, pod.uid, now);
    },
  },
  'not-acting': {
    meaning: '`check` was run without `--act`',
    cure: 'run `check --act`, or `watch`',
    holds: ({ acting }) => (acting ? null : 'this run only looks; --act would remove the pod'),
  },
  paused: {
    meaning: 'a person or a deploy asked for a pause',
    cure: '`scheduler-watchdog resume TARGET`, or take the annotation off the workload',
    holds: ({ pause, workload, now }) => {
      const held = inForce(pause, now);
      if (held !== null) return `paused by ${held.by} until ${isoOf(held.until)}: ${held.reason}`;
      return workload?.paused != null
        ? `the workload is annotated scheduler-watchdog/paused: ${workload.paused}`
        : null;
    },
  },
  blind: {
    meaning: 'part of the target cannot be seen',
    cure: 'mend what the sentence names: access, network, credentials',
    holds: ({ causes }) => {
      if (causes === null) return 'the pods of this target could not be read';
      return causes.includes('blind') ? 'another pod of this target cannot be judged' : null;
    },
  },
  'database-down': {
    meaning: 'the metadata database is the one that is sick',
    cure: 'mend the database; removing pods would not',
    holds: ({ causes }) =>
      causes?.includes('database-down') === true ? 'the database is sick for part of this target' : null,
  },
  'database-recovering': {
    meaning: 'the database came back only just now',
    cure: 'wait: it ends by itself after `databaseGrace`',
    holds: ({ databaseRecovering }) => databaseRecovering,
  },
  storm: {
    meaning: 'too many targets fell sick together: suspect what they share, or us',
    cure: 'look for what its members share; they stay held while most of them are sick',
    holds: ({ fleet }) => (fleet === null ? 'how many other targets are sick is not known' : fleet.storm),
  },
  'repairs-failing': {
    meaning: 'half of the last removals, of all targets together, cured nothing',
    cure: 'find out why replacements do not work; removals go on once those targets are well or resumed, or after 6 hours',
    holds: ({ fleet }) =>
      fleet === null ? 'how the last repairs of the fleet ended is not known' : fleet.repairsFailing,
  },
  'not-cured': {
    meaning: 'a removal for this cause did not cure it, and nothing has recovered since',
    cure: 'find the cause; `scheduler-watchdog resume TARGET` lets one more removal try',
    holds: ({ remediations, cause, pod, resumedAt }) => {
      const uncured = uncuredOf(remediations, pod?.component ?? null, cause, resumedAt);
      return uncured === null
        ? null
        : `${uncured.pod} was removed for the same cause ${isoOf(uncured.intendedAt)} and nothing has recovered since; a person is needed`;
    },
  },
  'rolling-out': {
    meaning: 'its workload is mid-rollout',
    cure: 'let the rollout end, or roll it back',
    holds: ({ workload }) => {
      if (workload === null) return 'whether its workload is mid-rollout could not be read';
      return workload.rollingOut;
    },
  },
  starting: {
    meaning: 'the container is younger than the start-up grace',
    cure: 'wait for `startupGrace`',
    holds: ({ startedMsAgo, policy }) => {
      if (startedMsAgo === null) return 'when its container started is not known';
      return startedMsAgo < policy.startupGraceMs
        ? `its container is only ${formatDuration(startedMsAgo)} old`
        : null;
    },
  },
  'not-owned': {
    meaning: 'no controller would replace the pod',
    cure: 'a bare pod would not come back: run it under a Deployment or StatefulSet',
    holds: ({ pod }) => {
      if (pod === null) return 'the pod could not be read';
      return isReplaceable(pod) ? null : 'no ReplicaSet or StatefulSet would replace it';
    },
  },
  'label-mismatch': {
    meaning: 'the pod no longer carries the labels of the selector',
    cure: 'somebody took the pod out of its workload on purpose; remove it by hand',
    holds: ({ labelsMatch }) => {
      if (labelsMatch === null) return 'its labels could not be compared with the selector';
      return labelsMatch ? null : 'its labels do not match the selector';
    },
  },
  'node-sick': {
    meaning:
      'the pod would go for its sick node, and that its replacement can land on another one is not known',
    cure: 'mend the node; a StatefulSet’s pod comes back only once its old one is gone, which a person has to see to',
    holds: ({ cause, canLandElsewhere }) => {
      if (cause !== 'node-sick' || canLandElsewhere === true) return null;
      return canLandElsewhere === null
        ? 'where its replacement could land is not known'
        : 'no other node of its peers is ready for its replacement, or its controller waits for this pod to end';
    },
  },
  terminating: {
    meaning: 'the pod is being terminated already',
    cure: 'wait; if it does not end, look at its node',
    holds: ({ pod }) => (pod?.terminatingSince == null ? null : 'it is terminating already'),
  },
  'peer-recovering': {
    meaning: 'another pod of the target was removed and has not proved its recovery',
    cure: 'one at a time: wait for the proof of the last removal, or look at why it does not come',
    holds: ({ remediations, pod }) => {
      const open = remediations.find((past) => past.outcome === null && past.uid !== pod?.uid);
      return open === undefined
        ? null
        : `${open.pod} was removed ${isoOf(open.intendedAt)} and its recovery is not proved yet`;
    },
  },
  'cool-down': {
    meaning: 'the last removal is too recent',
    cure: 'wait; if it dies again at once, a removal is not the cure',
    holds: ({ remediations, policy, pod, now }) => {
      const last = remediations.findLast((past) => !hadNoEffect(past));
      if (last === undefined || isResumable(last, pod, now)) return null;
      // One that was tried again counts from the try that was answered.
      const lastAt = Math.max(last.intendedAt, last.answer?.at ?? 0);
      const left = lastAt + policy.cooldownMs - now;
      return left > 0
        ? `the last removal was ${formatDuration(now - lastAt)} ago; ${formatDuration(left)} to go`
        : null;
    },
  },
  'budget-spent': {
    meaning: 'as many removals as the window allows: a person is needed',
    cure: 'find the cause; raise `policy.budget` only if you know why',
    holds: ({ remediations, policy, pod, now }) => {
      const { removals, perMs } = policy.budget;
      const spent = spentOf(
        remediations.filter((past) => !isResumable(past, pod, now)),
        perMs,
        now,
      );
      return spent >= removals
        ? `${spent} removal(s) in the last ${formatDuration(perMs)}; a person is needed`
        : null;
    },
  },
  'tasks-running': {
    meaning: 'running tasks would die with the pod and the policy protects them',
    cure: 'wait for the tasks, or set `policy.tasksRunning: ignore`',
    holds: ({ policy, tasksRunning }) => {
      if (policy.tasksRunning === 'ignore') return null;
      if (tasksRunning === null) return 'how many tasks run inside it could not be learned';
      return tasksRunning > 0 ? `${tasksRunning} running task(s) would die with it` : null;
    },
  },
  'not-quiet': {
    meaning: 'it still works, so its removal waits for a quiet minute',
    cure: 'wait, give the container more memory, or restart it by hand',
    holds: whyNotQuiet,
  },
  'late-tick': {
    meaning: 'the tick runs later than its schedule may be',
    cure: 'nothing; the next tick acts. If it lasts, the schedule is behind',
    holds: ({ tickLateMs }) =>
      tickLateMs > LIMITS.lateTickMs
        ? `this tick began ${formatDuration(tickLateMs)} after the moment its schedule meant`
        : null,
  },
  'self-degraded': {
    meaning: 'the watchdog has reason to doubt itself and has not looked often and long enough for that',
    cure: 'give the watchdog more CPU and memory, or look at its network; it acts once it has looked longer',
    holds: ({ doubts, streak, policy }) =>
      (doubts.length === 0 && streak?.inDoubt !== true) || isCompleteInDoubt(streak, policy)
        ? null
        : `this tick doubts itself: ${doubts.join('; ') || 'the one before it did, and looked as often'}`,
  },
  'fleet-budget': {
    meaning: 'as many pods as the fleet can bear were removed within this slot, or one of the same workload',
    cure: 'nothing; the next slot goes on. If it lasts, many targets are sick',
    holds: ({ fleet }) => (fleet === null ? 'what else is removed in this slot is not known' : fleet.budget),
  },
  'lost-race': {
    meaning: 'another run saved this target first, so this one did nothing',
    cure: 'nothing; if it lasts, two watchdogs share one state',
    holds: () => null,
  },
  unproven: {
    meaning: 'the signal that convicts was never seen well for this target',
    cure: 'check port, path and database of the target: the signal has never been good',
    holds: ({ proven, cause }) =>
      proven ? null : `the signal behind "${cause}" was never seen well for this target`,
  },
};

/** What one guard said: null lets the removal pass. */
export interface GuardAnswer {
  readonly code: HoldCode;
  readonly why: string | null;
}

/** Every guard with its answer, in the order in which they are asked. */
export function askGuards(facts: GuardFacts): readonly GuardAnswer[] {
  return HOLD_CODES.map((code) => ({ code, why: GUARDS[code].holds(facts) }));
}

/** All guards that say no, in order. An empty list lets the removal pass. */
export function holdsOf(facts: GuardFacts): readonly Hold[] {
  return askGuards(facts).flatMap(({ code, why }) => (why === null ? [] : [{ code, why }]));
}

/** The removal for this cause that nothing has made good yet, by a recovery or by a person. */
function uncuredOf(
  remediations: readonly Remediation[],
  component: string | null,
  cause: RemovableCause,
  resumedAt: EpochMs | null,
): Remediation | null {
  const last = remediations.findLast(
    (past) =>
      past.cause === cause && past.component === component && past.outcome !== null && tookEffect(past),
  );
  if (last?.outcome == null || last.outcome.kind === 'recovered') return null;
  if (last.curedAt !== null || (resumedAt !== null && resumedAt >= last.outcome.at)) return null;
  return last;
}

/** An intent for this very pod whose run died, or whose delete was not answered: the same removal may be tried again. */
export function isResumable(past: Remediation, pod: PodFact | null, now: EpochMs): boolean {
  if (pod === null || past.uid !== pod.uid || past.outcome !== null || tookEffect(past)) return false;
  if (past.answer?.kind === 'forbidden') return false;
  return past.attempts < LIMITS.removalAttempts && now - past.intendedAt < LIMITS.intentResumeMs;
}
