import type { Memory } from '../../core/observation.ts';
import type { PodFact } from '../../core/pod.ts';
import { quote } from '../../core/redact.ts';
import { type DurationMs, type EpochMs, MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import type { Silence } from '../http/network-error.ts';
import type { Budget, KubeApi } from './api.ts';
import { bytesOf } from './quantity.ts';
import type { List, NodeSummary, PodMetrics } from './wire.ts';

/** Working set in bytes per uid, or why there is none. */
export interface MemoryFacts {
  readonly memory: Memory | null;
  readonly memoryDetail: string | null;
}

type Figures = { readonly kind: 'answered'; readonly byPod: ReadonlyMap<string, number> };

/** One container that is blocked at its limit makes the node's statistics hang for two minutes (measured). */
const NODE_DEADLINE_MS: DurationMs = 3 * SECOND_MS;
/** How long a cluster without metrics-server is not asked for it again. */
const ABSENT_FOR_MS: DurationMs = 10 * MINUTE_MS;
const MAX_BYTES = 16 * 1024 * 1024;

/** Per session and namespace: why metrics.k8s.io tells nothing, and until when that is believed. */
const absent = new WeakMap<object, Map<string, { readonly why: string; readonly until: EpochMs }>>();

/** From metrics-server, and where there is none, from the kubelets. */
export async function memoryOf(
  api: KubeApi,
  namespace: string,
  pods: readonly PodFact[],
  budget: Budget,
): Promise<ReadonlyMap<string, MemoryFacts>> {
  if (pods.length === 0) return new Map();
  const metrics = await fromMetricsServer(api, namespace, pods, budget);
  if (metrics.kind === 'answered') {
    return each(pods, (pod) => found(pod, metrics.byPod, 'metrics-server has no figure for this pod'));
  }
  if (metrics.kind === 'unreachable') return each(pods, () => nothing(`metrics-server: ${metrics.detail}`));
  const nodes = [...new Set(pods.flatMap(({ node }) => node ?? []))];
  const summaries = new Map(
    await Promise.all(nodes.map(async (node) => [node, await fromNode(api, node, pods, budget)] as const)),
  );
  return each(pods, (pod) => {
    const told = pod.node === null ? null : summaries.get(pod.node);
    if (!told) return nothing(`${metrics.detail}, and the pod is on no node`);
    if (told.kind === 'answered') return found(pod, told.byPod, 'the node has no figure for this pod');
    return nothing(whyNoNode(metrics.detail, told));
  });
}

async function fromMetricsServer(api: KubeApi, namespace: string, pods: readonly PodFact[], budget: Budget) {
  const known = absent.get(api.session) ?? new Map();
  absent.set(api.session, known);
  const before = known.get(namespace);
  if (before && before.until > api.clock.now()) return { kind: 'unreadable', detail: before.why } as const;
  const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/pods`;
  const told = await api.read<List<PodMetrics>>({ path, maxBytes: MAX_BYTES }, budget);
  if (told.kind === 'unreadable' && (told.cause === 'not-found' || told.cause === 'forbidden')) {
    // Rights are checked first, so a 403 does not tell whether there is one.
    const why = told.cause === 'not-found' ? 'no metrics-server' : 'metrics.k8s.io is forbidden';
    known.set(namespace, { why, until: api.clock.now() + ABSENT_FOR_MS });
    return { kind: 'unreadable', detail: why } as const;
  }
  if (told.kind !== 'answered') return told;
  const byPod = new Map<string, number>();
  for (const { metadata, containers } of told.body.items ?? []) {
    const pod = pods.find(({ name }) => name === metadata?.name);
    const usage = containers?.find(({ name }) => name === pod?.container?.name)?.usage?.memory;
    const bytes = bytesOf(usage);
    if (pod && bytes !== null) byPod.set(pod.uid, bytes);
  }
  return { kind: 'answered', byPod } as const;
}

async function fromNode(
  api: KubeApi,
  node: string,
  pods: readonly PodFact[],
  budget: Budget,
): Promise<Figures | Silence> {
  const endsAt = Math.min(budget.endsAt, api.clock.now() + NODE_DEADLINE_MS);
  const path = `/api/v1/nodes/${encodeURIComponent(node)}/proxy/stats/summary`;
  const told = await api.read<NodeSummary>({ path, maxBytes: MAX_BYTES }, { ...budget, endsAt });
  if (told.kind !== 'answered') return told;
  const byPod = new Map<string, number>();
  for (const { podRef, containers } of told.body.pods ?? []) {
    const pod = pods.find(({ uid }) => uid === podRef?.uid);
    const bytes = containers?.find(({ name }) => name === pod?.container?.name)?.memory?.workingSetBytes;
    if (pod && typeof bytes === 'number') byPod.set(pod.uid, bytes);
  }
  return { kind: 'answered', byPod };
}

function whyNoNode(metrics: string, told: Silence): string {
  if (told.kind === 'unreadable' && told.cause === 'forbidden')
    return `${metrics}, and nodes/proxy is forbidden`;
  const verb = told.kind === 'unreachable' && told.cause === 'timeout' ? 'hang' : 'cannot be read';
  return quote(`${metrics}, and the node's memory statistics ${verb}: ${told.detail}`);
}

function found({ uid, container }: PodFact, byPod: Figures['byPod'], otherwise: string): MemoryFacts {
  const workingSetBytes = byPod.get(uid);
  if (workingSetBytes === undefined) return nothing(otherwise);
  return { memory: { workingSetBytes, limitBytes: container?.memoryLimitBytes ?? null }, memoryDetail: null };
}

function nothing(memoryDetail: string): MemoryFacts {
  return { memory: null, memoryDetail };
}

function each(pods: readonly PodFact[], facts: (pod: PodFact) => MemoryFacts): Map<string, MemoryFacts> {
  return new Map(pods.map((pod) => [pod.uid, facts(pod)]));
}
