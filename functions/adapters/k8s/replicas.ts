import type { WantedReplicas } from '../../core/pod.ts';
import { quote } from '../../core/redact.ts';
import { matchesSelector } from '../../core/selector.ts';
import type { Component, ComponentName, Target } from '../../core/target.ts';
import type { Silence } from '../http/network-error.ts';
import type { Budget, KubeApi } from './api.ts';
import { listAll } from './list.ts';
import { labelsOf } from './pod-facts.ts';
import type { Workload } from './wire.ts';

type ByComponent = Readonly<Partial<Record<ComponentName, WantedReplicas>>>;
type Told = { readonly kind: 'answered'; readonly byComponent: ByComponent } | Silence;

const RESOURCES = [
  ['Deployment', 'deployments'],
  ['StatefulSet', 'statefulsets'],
] as const;
/** Names are for people; one component has one workload, or a few. */
const MOST_NAMES = 10;

/** What the namespace's workloads should run. One that two selectors match counts for the component named first, as its pods do. */
export async function replicasOf(api: KubeApi, target: Target, budget: Budget): Promise<Told> {
  const lists = await Promise.all(
    RESOURCES.map(async ([kind, resource]) => {
      const path = `/apis/apps/v1/namespaces/${encodeURIComponent(target.namespace)}/${resource}`;
      return { kind, told: await listAll<Workload>(api, path, {}, budget) };
    }),
  );
  const byComponent: Partial<Record<ComponentName, WantedReplicas>> = {};
  for (const { name, selector } of target.components) {
    // Of a selector that is not understood nothing is known, which is not the same as none.
    if (matchesSelector(selector, {}) !== null) byComponent[name] = { wanted: 0, workloads: [] };
  }
  for (const { kind, told } of lists) {
    if (told.kind !== 'answered') return told;
    for (const workload of told.items) add(byComponent, target.components, kind, workload);
  }
  return { kind: 'answered', byComponent };
}

function add(
  byComponent: Partial<Record<ComponentName, WantedReplicas>>,
  components: readonly Component[],
  kind: string,
  { metadata, spec }: Workload,
): void {
  // One that is being deleted wants no pods any more.
  if (metadata?.deletionTimestamp) return;
  const labels = labelsOf(spec?.template?.metadata);
  const component = components.find(({ selector }) => matchesSelector(selector, labels) === true);
  const before = component && byComponent[component.name];
  if (component === undefined || before === undefined) return;
  byComponent[component.name] = {
    wanted: before.wanted + countOf(spec?.replicas),
    workloads: [...before.workloads, `${kind} ${quote(metadata?.name ?? '', 253)}`].slice(0, MOST_NAMES),
  };
}

/** Kubernetes' own default is one. */
const countOf = (replicas: unknown): number =>
  typeof replicas === 'number' && Number.isSafeInteger(replicas) && replicas >= 0 ? replicas : 1;
