import type { PodEvent, PodFact } from '../../core/pod.ts';
import { quote } from '../../core/redact.ts';
import type { Target } from '../../core/target.ts';
import type { Silence } from '../http/network-error.ts';
import type { Budget, KubeApi } from './api.ts';
import { listAll } from './list.ts';
import { lastAtOf } from './probe-events.ts';
import type { KubeEvent } from './wire.ts';

/** Evidence, not an archive. */
const EVENTS = 20;

/** All that the cluster has noted about one pod, newest first. */
export async function eventsOf(
  api: KubeApi,
  { namespace }: Target,
  { uid }: PodFact,
  budget: Budget,
): Promise<{ readonly kind: 'answered'; readonly events: readonly PodEvent[] } | Silence> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
  const list = await listAll<KubeEvent>(api, path, { fieldSelector: `involvedObject.uid=${uid}` }, budget);
  if (list.kind !== 'answered') return list;
  const events = list.items.map(
    (event): PodEvent => ({
      type: quote(event.type ?? '', 40),
      reason: quote(event.reason ?? '', 80),
      message: quote(event.message ?? ''),
      count: event.series?.count ?? event.count ?? 1,
      lastAt: lastAtOf(event),
    }),
  );
  return {
    kind: 'answered',
    events: events.sort((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0)).slice(0, EVENTS),
  };
}
