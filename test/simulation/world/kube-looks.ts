import type { NodesFacts } from '../../../functions/core/node.ts';
import type { HttpFacts, KubeletFacts, LastLine } from '../../../functions/core/observation.ts';
import type { PodFact, WantedReplicas, WorkloadFact } from '../../../functions/core/pod.ts';
import type { ComponentName } from '../../../functions/core/target.ts';
import { type EpochMs, SECOND_MS } from '../../../functions/core/time.ts';
import { writtenBeat } from './database-looks.ts';
import type { SimPod, SimTarget } from './model.ts';
import { workloadOf } from './pods.ts';

const GIBIBYTE = 1_073_741_824;

/** What the API server has in its list, terminating, failed and completed pods included. */
export function podFactsOf(target: SimTarget): readonly PodFact[] {
  const { api } = target;
  if (api.mode === 'empty') return [];
  if (api.mode === 'stale') return api.stale;
  if (api.pods === null) {
    const watched = new Set(target.document.components.map(({ name }) => name));
    api.pods = target.pods
      .filter((pod) => pod.labelled && watched.has(pod.component))
      .map((pod) => factOf(target, pod));
  }
  return api.pods;
}

/** Times of the object are by the API server's clock, those of the container by its node's. */
function factOf(target: SimTarget, pod: SimPod): PodFact {
  const { skewMs } = target.api;
  pod.fact ??= {
    uid: pod.uid,
    name: pod.name,
    namespace: target.name,
    component: pod.component,
    labels: { component: pod.component },
    createdAt: pod.createdAt + skewMs,
    phase: pod.phase,
    terminatingSince: pod.terminatingAt === null ? null : pod.terminatingAt + skewMs,
    graceSeconds: 30,
    hostname: null,
    subdomain: null,
    ips: [pod.ip],
    node: pod.node.name,
    owner: pod.owner,
    container: {
      name: pod.component,
      state: pod.container,
      ready: pod.ready,
      runningSince:
        pod.container === 'running' && pod.startedAt !== null ? pod.startedAt + pod.startSkewMs : null,
      reason: pod.reason,
      restarts: pod.restarts,
      lastTermination: pod.lastTermination,
      memoryLimitBytes: GIBIBYTE,
      executor: null,
    },
  };
  return pod.fact;
}

export function replicasOf(target: SimTarget) {
  const byComponent: Partial<Record<ComponentName, WantedReplicas>> = {};
  for (const { component, kind, wanted } of target.workloads) {
    const name = kind === 'StatefulSet' ? 'StatefulSet' : 'Deployment';
    byComponent[component] =
      kind === 'none' ? { wanted: 0, workloads: [] } : { wanted, workloads: [`${name} ${component}`] };
  }
  return { byComponent };
}

export function workloadFactOf(target: SimTarget, component: ComponentName): WorkloadFact {
  const { rollingOut, paused } = workloadOf(target, component);
  return { name: component, rollingOut, paused };
}

const CALM: KubeletFacts = { probes: [], memory: null, memoryDetail: null };
const ERRED =
  'Liveness probe errored and resulted in unknown state: rpc error: code = Unknown desc = failed to exec in container: cannot allocate memory';

export function kubeletOf(
  target: SimTarget,
  pods: readonly PodFact[],
  memoryOf: readonly string[],
  at: EpochMs,
) {
  const byUid: Record<string, KubeletFacts> = {};
  for (const { uid } of pods) {
    const pod = target.pods.find((one) => one.uid === uid);
    byUid[uid] =
      pod === undefined || (pod.probesErrAt === null && memoryOf.length === 0)
        ? CALM
        : strainOf(pod, memoryOf.includes(uid), at);
  }
  return { byUid };
}

function strainOf(pod: SimPod, withMemory: boolean, at: EpochMs): KubeletFacts {
  const errAt = pod.probesErrAt;
  const probes =
    errAt === null
      ? []
      : [
          {
            kind: 'errored' as const,
            message: ERRED,
            count: 25,
            lastAt: Math.max(errAt, at - (at % 300_000)) + pod.node.skewMs,
          },
        ];
  if (!withMemory) return { probes, memory: null, memoryDetail: null };
  // A container blocked at its limit blinds the node's statistics.
  if (pod.memoryShare >= 1) return { probes, memory: null, memoryDetail: 'resource_scrape_error' };
  return {
    probes,
    memory: { workingSetBytes: pod.memoryShare * GIBIBYTE, limitBytes: GIBIBYTE },
    memoryDetail: null,
  };
}

/** Airflow's health server calls a row dead after 30 s; without a database it answers 503 at once. */
export function ownHealthOf(
  target: SimTarget,
  uid: string,
  at: EpochMs,
): HttpFacts | 'silent' | 'refused' | 'gone' {
  const pod = target.pods.find((one) => one.uid === uid);
  if (pod === undefined) return 'gone';
  if (pod.deaf || target.api.proxyCut) return 'silent';
  if (pod.container !== 'running') return 'refused';
  const { mode } = target.database;
  if (mode === 'frozen') return 'silent';
  const beatAt = writtenBeat(target, pod.beat, at);
  if (beatAt === -Infinity && pod.startedAt !== null && at - pod.startedAt < 5 * SECOND_MS) return 'refused';
  const isWell = mode !== 'down' && at - beatAt <= 30 * SECOND_MS;
  return isWell ? WELL : UNWELL;
}

const OWN = { from: 'scheduler', database: null, components: {} } as const;
const WELL: HttpFacts = { ...OWN, status: 200, says: 'healthy' };
const UNWELL: HttpFacts = { ...OWN, status: 503, says: 'unhealthy' };

/** Kubernetes waits so long for a kubelet before it calls its node not ready. */
const NODE_GRACE_MS = 40 * SECOND_MS;

export function nodesOf(target: SimTarget, names: readonly string[], at: EpochMs): NodesFacts {
  const found = target.nodes.filter(({ name }) => names.includes(name));
  return {
    byName: Object.fromEntries(
      found.map(({ name, lostAt = null }) => {
        const isReady = lostAt === null || at - lostAt < NODE_GRACE_MS;
        const since = isReady || lostAt === null ? null : lostAt + NODE_GRACE_MS;
        const reason = isReady ? null : 'NodeStatusUnknown';
        return [name, { isReady, reason, pressures: [], since, isSchedulable: true }];
      }),
    ),
  };
}

/** A wedged pod writes nothing any more. */
export function lastLineOf(target: SimTarget, uid: string, at: EpochMs): LastLine {
  const pod = target.pods.find((one) => one.uid === uid);
  return { lineAt: pod?.wedge == null ? at - 2 * SECOND_MS : pod.wedge.at };
}
