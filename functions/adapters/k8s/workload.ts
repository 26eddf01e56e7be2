import type { PodFact, WorkloadFact } from '../../core/pod.ts';
import { quote } from '../../core/redact.ts';
import type { Target } from '../../core/target.ts';
import { type Silence, unreadable } from '../http/network-error.ts';
import type { Budget, KubeApi } from './api.ts';
import { controllerOf } from './pod-facts.ts';
import { rollingOut } from './rollout.ts';
import type { Workload } from './wire.ts';

const PAUSED_ANNOTATION = 'scheduler-watchdog/paused';

const RESOURCES: Readonly<Record<string, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  ReplicaSet: 'replicasets',
};

type Told = ({ readonly kind: 'answered' } & WorkloadFact) | Silence;
type Owner = NonNullable<PodFact['owner']>;

/** The Deployment or StatefulSet above a pod: two requests for the one, one for the other. */
export async function workloadOf(api: KubeApi, target: Target, pod: PodFact, budget: Budget): Promise<Told> {
  if (pod.owner === null) return unreadable('not-found', `nothing controls the pod ${pod.name}`);
  const first = await readWorkload(api, target, pod.owner, budget);
  if (first.kind !== 'answered') return first;
  const above = pod.owner.kind === 'ReplicaSet' ? controllerOf(first.body.metadata) : null;
  if (above === null) return workloadFact(pod.owner, first.body);
  const second = await readWorkload(api, target, above, budget);
  return second.kind === 'answered' ? workloadFact(above, second.body) : second;
}

async function readWorkload(api: KubeApi, { namespace }: Target, { kind, name }: Owner, budget: Budget) {
  const resource = RESOURCES[kind];
  if (resource === undefined) {
    return unreadable(
      'unexpected',
      `the pod belongs to the ${kind} ${name}; only Deployments and StatefulSets are known`,
    );
  }
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${resource}/${encodeURIComponent(name)}`;
  return api.read<Workload>({ path }, budget);
}

function workloadFact({ kind, name }: Owner, body: Workload): Told {
  const rollout = rollingOut(kind, body);
  const paused = body.metadata?.annotations?.[PAUSED_ANNOTATION];
  return {
    kind: 'answered',
    name,
    rollingOut: rollout === null ? null : quote(rollout),
    // An annotation without a text pauses all the same.
    paused: typeof paused === 'string' ? quote(paused) || 'no reason given' : null,
  };
}
