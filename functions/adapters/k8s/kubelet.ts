import type { KubeletFacts } from '../../core/observation.ts';
import type { PodFact } from '../../core/pod.ts';
import type { Target } from '../../core/target.ts';
import type { Silence } from '../http/network-error.ts';
import type { Budget, KubeApi } from './api.ts';
import { listAll } from './list.ts';
import { memoryOf } from './memory.ts';
import { probeEvents } from './probe-events.ts';
import type { KubeEvent } from './wire.ts';

type Facts = { readonly kind: 'answered'; readonly byUid: Readonly<Record<string, KubeletFacts>> };

/** Probe events of all given pods by one list, and the memory of those asked for. */
export async function kubeletOf(
  api: KubeApi,
  { namespace }: Target,
  pods: readonly PodFact[],
  uids: readonly string[],
  budget: Budget,
): Promise<Facts | Silence> {
  const asked = pods.filter(({ uid }) => uids.includes(uid));
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
  const query = { fieldSelector: 'reason=Unhealthy,involvedObject.kind=Pod' };
  const [events, memory] = await Promise.all([
    listAll<KubeEvent>(api, path, query, budget),
    memoryOf(api, namespace, asked, budget),
  ]);
  if (events.kind !== 'answered') return events;
  const byPod = Map.groupBy(events.items, ({ involvedObject }) => involvedObject?.uid);
  const facts = pods.map(({ uid, container }): [string, KubeletFacts] => [
    uid,
    {
      probes: probeEvents(byPod.get(uid) ?? [], container?.name ?? null),
      ...(memory.get(uid) ?? { memory: null, memoryDetail: 'not asked for' }),
    },
  ]);
  return { kind: 'answered', byUid: Object.fromEntries(facts) };
}
