import type { ComponentName } from './target.ts';
import type { EpochMs } from './time.ts';

/** One pod of a target as the API server describes it. Identified by uid, never by name alone. */
export interface PodFact {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly component: ComponentName;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: EpochMs;
  /** Pending, Running, Succeeded, Failed, Unknown. */
  readonly phase: string;
  /** Set as soon as somebody asked for its removal; such a pod is never judged. */
  readonly terminatingSince: EpochMs | null;
  readonly graceSeconds: number;
  readonly hostname: string | null;
  readonly subdomain: string | null;
  readonly ips: readonly string[];
  readonly node: string | null;
  /** Its controller; null when nothing would replace the pod. */
  readonly owner: { readonly kind: string; readonly name: string } | null;
  readonly container: ContainerFact | null;
}

/** Its controller makes another one in its place. */
export function isReplaceable({ owner }: PodFact): boolean {
  return owner?.kind === 'ReplicaSet' || owner?.kind === 'StatefulSet';
}

export interface ContainerFact {
  readonly name: string;
  readonly state: 'running' | 'waiting' | 'terminated';
  readonly ready: boolean;
  readonly runningSince: EpochMs | null;
  /** `CrashLoopBackOff`, `OOMKilled` …, of a container that does not run. */
  readonly reason: string | null;
  readonly restarts: number;
  readonly lastTermination: {
    readonly reason: string;
    readonly exitCode: number;
    readonly at: EpochMs | null;
  } | null;
  readonly memoryLimitBytes: number | null;
  /** Value of AIRFLOW__CORE__EXECUTOR where the pod spells it out. */
  readonly executor: string | null;
}

/** The Deployment or StatefulSet above a pod. */
export interface WorkloadFact {
  readonly name: string;
  /** A sentence while a rollout is under way, else null. */
  readonly rollingOut: string | null;
  /** Text of the annotation `scheduler-watchdog/paused`, else null. */
  readonly paused: string | null;
}

/** How many pods the workloads of one component should run: the sum of their `spec.replicas`. */
export interface WantedReplicas {
  readonly wanted: number;
  /** `Deployment airflow-scheduler` …, those whose pod template the component's selector matches; empty when there is none. */
  readonly workloads: readonly string[];
}

/** Kubernetes' answer to a removal. */
export interface RemovalAnswer {
  readonly kind: 'deleted' | 'already-gone' | 'replaced' | 'forbidden' | 'failed';
  /** HTTP status, or null when there was no answer. */
  readonly status: number | null;
  readonly detail: string;
  /** The request cannot have arrived, so nothing was removed. */
  readonly unsent?: true;
}

/** Something that the cluster has noted about a pod. */
export interface PodEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly lastAt: EpochMs | null;
}
