import type { PodFact } from '../../core/pod.ts';
import type { Target } from '../../core/target.ts';
import type { EpochMs } from '../../core/time.ts';
import type { Silence } from '../http/network-error.ts';
import type { Budget, KubeApi } from './api.ts';
import { listAll } from './list.ts';
import { podFact } from './pod-facts.ts';
import type { Pod } from './wire.ts';

type Pods = {
  readonly kind: 'answered';
  readonly pods: readonly PodFact[];
  readonly serverNow: EpochMs | null;
};

/** All pods of all components. A pod that two selectors match belongs to the component named first. */
export async function podsOf(api: KubeApi, target: Target, budget: Budget): Promise<Pods | Silence> {
  const lists = await Promise.all(
    target.components.map(async (component) => {
      const told = await listAll<Pod>(api, podsPath(target), { labelSelector: component.selector }, budget);
      return { component, told };
    }),
  );
  const byUid = new Map<string, PodFact>();
  const times: EpochMs[] = [];
  for (const { component, told } of lists) {
    if (told.kind !== 'answered') return told;
    if (told.serverNow !== null) times.push(told.serverNow);
    for (const item of told.items) {
      const pod = podFact(item, component, api.clock.now());
      if (pod !== null && !byUid.has(pod.uid)) byUid.set(pod.uid, pod);
    }
  }
  // Of several the earliest, by which everything looks younger.
  return {
    kind: 'answered',
    pods: [...byUid.values()],
    serverNow: times.length > 0 ? Math.min(...times) : null,
  };
}

function podsPath({ namespace }: { readonly namespace: string }): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
}

export function podPath(target: { readonly namespace: string }, { name }: { readonly name: string }): string {
  return `${podsPath(target)}/${encodeURIComponent(name)}`;
}
