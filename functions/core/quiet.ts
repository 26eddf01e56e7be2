import { budgetLeft } from './budget.ts';
import { type Cause, isWell, type RemovableCause } from './cause.ts';
import { COMPONENT_TABLE } from './component.ts';
import type { PodFact } from './pod.ts';
import type { Policy } from './policy.ts';
import type { Remediation } from './remediation.ts';
import type { EpochMs } from './time.ts';

interface Asked {
  readonly now: EpochMs;
  readonly policy: Policy;
  readonly cause: RemovableCause;
  /** Causes of all pods of the component, the pod's own among them; null when unreadable. */
  readonly causes: readonly Cause[] | null;
  readonly pod: PodFact | null;
  /** null: could not be learned. */
  readonly tasksRunning: number | null;
  readonly remediations: readonly Remediation[];
}

/**
 * Why this is no quiet minute for a removal that can wait: a peer is not well, running tasks would die with the pod, or the budget
 * would be left without a removal for a wedge. null: it is one, or the removal cannot wait.
 */
export function whyNotQuiet(facts: Asked): string | null {
  if (facts.cause !== 'starving') return null;
  const { causes, policy, remediations, now } = facts;
  if (causes === null) return 'the pods of this target could not be read';
  // The pod itself is among them; peers that hold as much memory work as well as it does.
  const peers = withoutOne(causes, 'starving');
  const sick = peers.find((cause) => !isWell(cause) && cause !== 'starving');
  if (sick !== undefined) return `another pod of the component is ${sick}`;
  const tasks = whyTasks(facts, peers.length > 0);
  if (tasks !== null) return tasks;
  return budgetLeft(remediations, policy, now) < 2
    ? 'the last removal of the budget is kept for a wedge'
    : null;
}

/** A LocalExecutor runs tasks inside the pod. Where the executor is not known, a peer that takes over is enough. */
function whyTasks({ pod, tasksRunning }: Asked, hasPeer: boolean): string | null {
  const executor = pod?.container?.executor ?? null;
  if (
    pod === null ||
    !COMPONENT_TABLE[pod.component].queuesTasks ||
    (executor !== null && !/Local|Sequential|Debug/.test(executor))
  )
    return null;
  if (executor === null && hasPeer) return null;
  if (tasksRunning === null) return 'how many tasks run inside it could not be learned';
  return tasksRunning > 0 ? `${tasksRunning} running task(s) may die with it` : null;
}

function withoutOne<T>(all: readonly T[], one: T): readonly T[] {
  const at = all.indexOf(one);
  return at < 0 ? all : [...all.slice(0, at), ...all.slice(at + 1)];
}
