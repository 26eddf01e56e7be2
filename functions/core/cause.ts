import type { Severity } from './notification.ts';
import { ALERT_AFTER_MS, type Policy } from './policy.ts';
import type { DurationMs } from './time.ts';

/** All that follows from a cause stands in its row: a new one that lacks a column does not compile. */
interface CauseRow {
  /**
   * `well`: works as far as all witnesses say. `passing`: changes by itself; clears a streak. `unknown`: neither adds to a
   * streak nor clears it. `removable`: may cost the pod. `on-request`: may cost it where the policy asks for that.
   */
  readonly class: 'well' | 'passing' | 'unknown' | 'removable' | 'on-request';
  /** Names the headline: the lowest of several is told first. */
  readonly rank: number;
  /** Which of several candidates goes first: a dead one may hold the locks that stall the other. null: never goes. */
  readonly removalOrder: number | null;
  /** The key of the policy that asks for its removal; only where the class is `on-request`. */
  readonly askedBy?: 'starving' | 'nodeSick';
  /** How long it may last before it is told; null where it is told with the decision, or never. */
  readonly alertAfterMs: DurationMs | null;
  readonly severity: Severity;
  /** After `target: `, in alerts. */
  readonly title: string;
  readonly meaning: string;
  /** What a person can do about it. */
  readonly cure: string;
  /** What to look at with kubectl; POD and SELECTOR stand for what is known of them. null: nothing in a cluster. */
  readonly kubectl: string | null;
  /** What `check` ends with: 1 something is wrong, 3 it could not be judged. */
  readonly exitCode: 0 | 1 | 3;
}

export const CAUSES = {
  healthy: {
    class: 'well',
    rank: 90,
    removalOrder: null,
    alertAfterMs: null,
    severity: 'info',
    title: 'healthy',
    meaning: 'its heartbeat is fresh and work moves',
    cure: 'nothing',
    kubectl: 'get pods -l SELECTOR',
    exitCode: 0,
  },
  idle: {
    class: 'well',
    rank: 91,
    removalOrder: null,
    alertAfterMs: null,
    severity: 'info',
    title: 'idle',
    meaning: 'its heartbeat is fresh and there is no work',
    cure: 'nothing',
    kubectl: 'get pods -l SELECTOR',
    exitCode: 0,
  },
  starting: {
    class: 'passing',
    rank: 60,
    removalOrder: null,
    alertAfterMs: ALERT_AFTER_MS.starting,
    severity: 'warning',
    title: 'a pod does not come up',
    meaning: 'its container does not run yet, or is younger than the start-up grace',
    cure: 'look at why its container does not come up: image, volumes, memory, a migration it waits for',
    kubectl: 'describe pod POD',
    exitCode: 0,
  },
  'rolling-out': {
    class: 'passing',
    rank: 70,
    removalOrder: null,
    alertAfterMs: ALERT_AFTER_MS['rolling-out'],
    severity: 'warning',
    title: 'a rollout does not end',
    meaning: 'its workload is mid-rollout, or the pod is terminating',
    cure: 'let the rollout end, or roll it back',
    kubectl: 'get pods -l SELECTOR -o wide',
    exitCode: 0,
  },
  dead: {
    class: 'removable',
    rank: 10,
    removalOrder: 1,
    alertAfterMs: null,
    severity: 'critical',
    title: 'dead',
    meaning: 'it no longer writes its heartbeat and nothing contradicts that',
    cure: 'the pod goes once every guard lets it; by hand, delete that pod',
    kubectl: 'describe pod POD',
    exitCode: 1,
  },
  stalled: {
    class: 'removable',
    rank: 12,
    removalOrder: 3,
    alertAfterMs: null,
    severity: 'critical',
    title: 'stalled',
    meaning: 'it beats, work is waiting, and nothing moves',
    cure: 'look for what blocks scheduling, such as locks and pools; the pod goes once every guard lets it',
    kubectl: 'logs POD --tail=100',
    exitCode: 1,
  },
  'not-triggering': {
    class: 'removable',
    rank: 13,
    removalOrder: 5,
    alertAfterMs: null,
    severity: 'critical',
    title: 'runs no triggers',
    meaning: 'a triggerer that beats and has room, and takes up no trigger that deferred tasks wait for',
    cure: 'look at what its last log lines say; the pod goes once every guard lets it, and its triggers go to the next one',
    kubectl: 'logs POD --tail=100',
    exitCode: 1,
  },
  'not-parsing': {
    class: 'removable',
    rank: 14,
    removalOrder: 6,
    alertAfterMs: null,
    severity: 'critical',
    title: 'parses nothing',
    meaning:
      'a dag-processor that beats, and has parsed no file for far longer than it ever took in this life',
    cure: 'look at what its last log lines say, and for a file that never ends to be imported; the pod goes once every guard lets it',
    kubectl: 'logs POD --tail=100',
    exitCode: 1,
  },
  unreachable: {
    class: 'removable',
    rank: 11,
    removalOrder: 2,
    alertAfterMs: null,
    severity: 'critical',
    title: 'unreachable',
    meaning: 'its health endpoint, the only witness, has fallen silent',
    cure: 'look at the network to the pod; the pod goes once every guard lets it',
    kubectl: 'describe pod POD',
    exitCode: 1,
  },
  starving: {
    class: 'on-request',
    rank: 40,
    removalOrder: 4,
    askedBy: 'starving',
    alertAfterMs: ALERT_AFTER_MS.starving,
    severity: 'warning',
    title: 'memory is short',
    meaning:
      'it still schedules, but is short of memory: for a process to start in, or by what the policy lets it come to',
    cure: 'give the container more memory, or restart the pod while it is quiet',
    kubectl: 'top pod POD --containers',
    exitCode: 1,
  },
  'node-sick': {
    class: 'on-request',
    rank: 9,
    removalOrder: 7,
    askedBy: 'nodeSick',
    alertAfterMs: ALERT_AFTER_MS['node-sick'],
    severity: 'critical',
    title: 'a node is sick',
    meaning: 'its node is not ready and it is silent: nobody can tell what became of the process there',
    cure: 'look at the node; Kubernetes moves its pods by itself after five minutes, unless they are a StatefulSet’s',
    kubectl: 'get nodes -o wide',
    exitCode: 1,
  },
  'database-down': {
    class: 'unknown',
    rank: 5,
    removalOrder: null,
    alertAfterMs: ALERT_AFTER_MS['database-down'],
    severity: 'critical',
    title: 'the metadata database is sick',
    meaning: 'the database, or what all share through it, is the one that is sick',
    cure: 'mend the metadata database; removing pods would not help',
    kubectl: 'get pods -l SELECTOR -o wide',
    exitCode: 1,
  },
  blind: {
    class: 'unknown',
    rank: 30,
    removalOrder: null,
    alertAfterMs: ALERT_AFTER_MS.blind,
    severity: 'warning',
    title: 'the watchdog cannot see',
    meaning: 'the API server, the network, credentials or rights keep us from seeing',
    cure: 'mend what the sentence names: access, network, credentials, rights',
    kubectl: 'auth can-i --list',
    exitCode: 3,
  },
  contradictory: {
    class: 'unknown',
    rank: 50,
    removalOrder: null,
    alertAfterMs: ALERT_AFTER_MS.contradictory,
    severity: 'warning',
    title: 'the witnesses disagree',
    meaning: 'one witness says sick, another well',
    cure: 'look at which witness is wrong before you believe either',
    kubectl: 'logs POD --tail=100',
    exitCode: 1,
  },
} as const satisfies Record<string, CauseRow>;

export type Cause = keyof typeof CAUSES;

/** Causes that may cost a pod; some only where the policy asks for it. */
export type RemovableCause = {
  [C in Cause]: (typeof CAUSES)[C]['removalOrder'] extends null ? never : C;
}[Cause];

export function rowOfCause(cause: Cause): CauseRow {
  return CAUSES[cause];
}

/** What a policy says of causes that cost a pod on request only; looks of earlier versions have fewer keys. */
export type Asked = Partial<Pick<Policy, 'starving' | 'memory' | 'nodeSick'>>;

export function isRemovable(cause: Cause, asked: Asked = {}): cause is RemovableCause {
  const { class: of, askedBy } = rowOfCause(cause);
  if (of === 'removable' || askedBy === undefined) return of === 'removable';
  return askedBy === 'starving' ? asksForRestarts(asked) : asked[askedBy] === 'remove';
}

/** The policy lets a pod go that still works, before its memory runs out. */
export function asksForRestarts({ starving, memory = null }: Asked): boolean {
  return starving === 'remove' || memory !== null;
}

/** What we do not know for sure: it neither adds to a streak nor clears it. */
export function isUnknown(cause: Cause): boolean {
  return rowOfCause(cause).class === 'unknown';
}

export function isWell(cause: Cause): boolean {
  return rowOfCause(cause).class === 'well';
}

export interface Verdict {
  readonly cause: Cause;
  /** One sentence with the numbers that decided. */
  readonly why: string;
  /** The row of the decision table that matched. */
  readonly rule: string;
  /** How long looks must go on saying so before they convict. */
  readonly needsMs: DurationMs;
}

/**
 * Whether a verdict makes its target sick in the eyes of the fleet: what could cost a pod, or page somebody. A witness that is not
 * configured is no sickness: it never was there; nor is a planned restart.
 */
export function countsAsSick({ cause, rule }: Verdict, asked: Asked): boolean {
  if (cause === 'blind') return rule !== 'no-witness';
  if (cause === 'database-down' || cause === 'node-sick') return true;
  return isRemovable(cause, asked) && rule !== 'memory-above';
}
