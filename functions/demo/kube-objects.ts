import type { Kubelet } from './kubelet.ts';
import type { DemoPod } from './pod.ts';

export const NAMESPACE = 'airflow';
export const LABELS = { component: 'scheduler', release: 'demo' };
const DEPLOYMENT = 'airflow-scheduler';
const GIB = 1_024 ** 3;
const LIMIT_BYTES = 2 * GIB;

/** Kubernetes writes whole seconds. */
const timeOf = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;

export function podObject(pod: DemoPod, { replicaSet, graceSeconds }: Kubelet): object {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name: pod.name,
      namespace: NAMESPACE,
      uid: pod.uid,
      labels: LABELS,
      creationTimestamp: timeOf(pod.startedAt),
      ...(pod.deletedAt !== null && {
        deletionTimestamp: timeOf(pod.deletedAt + graceSeconds * 1_000),
        deletionGracePeriodSeconds: graceSeconds,
      }),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: replicaSet, controller: true }],
    },
    spec: {
      nodeName: 'demo-node',
      terminationGracePeriodSeconds: graceSeconds,
      containers: [{ name: 'scheduler', resources: { limits: { memory: '2Gi' } } }],
    },
    status: {
      phase: 'Running',
      podIP: '127.0.0.1',
      podIPs: [{ ip: '127.0.0.1' }],
      // Running and Ready, wedged or not: that is the whole trouble.
      containerStatuses: [
        {
          name: 'scheduler',
          ready: true,
          restartCount: 0,
          state: { running: { startedAt: timeOf(pod.startedAt) } },
          lastState: {},
        },
      ],
    },
  };
}

export function replicaSetObject({ replicaSet }: Kubelet): object {
  return {
    kind: 'ReplicaSet',
    apiVersion: 'apps/v1',
    metadata: {
      name: replicaSet,
      namespace: NAMESPACE,
      generation: 1,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: DEPLOYMENT, controller: true }],
    },
    spec: { replicas: 1 },
    status: { observedGeneration: 1, replicas: 1 },
  };
}

export function deploymentObject(): object {
  return {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name: DEPLOYMENT, namespace: NAMESPACE, generation: 1 },
    spec: { replicas: 1 },
    status: {
      observedGeneration: 1,
      replicas: 1,
      updatedReplicas: 1,
      conditions: [{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }],
    },
  };
}

/** How often the stand-in for kubelet runs the exec probe, and how long after the wedge the first one cannot start. */
const PROBE_MS = 4_000;
const FIRST_ERROR_MS = 1_000;
/** What kubelet writes when an exec probe cannot be started; it is neither success nor failure, so nothing comes of it. */
const PROBE_ERROR =
  'Liveness probe errored and resulted in unknown state: rpc error: code = Unknown desc = failed to exec in container: ' +
  'OCI runtime exec failed: exec failed: unable to start container process: error executing setns process: cannot allocate memory: unknown';

/** Played: the probe errors of a wedged pod. */
export function eventObjects(pods: readonly DemoPod[], now: number): object[] {
  return pods.flatMap((pod) => {
    const since = pod.wedgedAt === null ? -1 : now - pod.wedgedAt - FIRST_ERROR_MS;
    if (pod.wedgedAt === null || since < 0) return [];
    const count = 1 + Math.floor(since / PROBE_MS);
    const firstAt = pod.wedgedAt + FIRST_ERROR_MS;
    return {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: { name: `${pod.name}.18eac658d452f34a`, namespace: NAMESPACE },
      involvedObject: {
        kind: 'Pod',
        namespace: NAMESPACE,
        name: pod.name,
        uid: pod.uid,
        fieldPath: 'spec.containers{scheduler}',
      },
      reason: 'Unhealthy',
      type: 'Warning',
      message: PROBE_ERROR,
      count,
      firstTimestamp: timeOf(firstAt),
      lastTimestamp: timeOf(firstAt + (count - 1) * PROBE_MS),
      source: { component: 'kubelet', host: 'demo-node' },
    };
  });
}

/** Played: a wedged pod is at 97 % of its limit, a healthy one at 40 %. */
export function metricsObjects(pods: readonly DemoPod[], now: number): object[] {
  return pods.map((pod) => ({
    metadata: { name: pod.name, namespace: NAMESPACE },
    timestamp: timeOf(now),
    window: '15s',
    containers: [
      {
        name: 'scheduler',
        usage: {
          cpu: '90m',
          memory: `${Math.round((LIMIT_BYTES * (pod.wedgedAt === null ? 0.4 : 0.97)) / 1_024)}Ki`,
        },
      },
    ],
  }));
}
