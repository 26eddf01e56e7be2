import type { Clock, Cluster } from '../../ports.ts';
import type { boundedRequest } from '../http/request.ts';
import { createApi, looking } from './api.ts';
import { healthOf, type ReadHealth } from './health.ts';
import { kubeletOf } from './kubelet.ts';
import { lastLineOf } from './last-line.ts';
import { logsOf } from './logs.ts';
import { nodesOf } from './nodes.ts';
import { eventsOf } from './pod-events.ts';
import { podsOf } from './pods.ts';
import { removePod } from './removal.ts';
import { replicasOf } from './replicas.ts';
import type { ClusterSession } from './session.ts';
import { workloadOf } from './workload.ts';

export interface ClusterParts {
  readonly session: ClusterSession;
  readonly clock: Clock;
  readonly request: typeof boundedRequest;
  readonly readHealth: ReadHealth;
}

/** The Kubernetes API of every target that shares one session. */
export function createCluster({ readHealth, ...parts }: ClusterParts): Cluster {
  const api = createApi(parts);
  return {
    pods: (target, options) => looking(api, options, (budget) => podsOf(api, target, budget)),
    replicas: (target, options) => looking(api, options, (budget) => replicasOf(api, target, budget)),
    health: (target, pod, endpoint, options) =>
      looking(api, options, (budget) => healthOf(api, readHealth, target, pod, endpoint, budget)),
    kubelet: (target, pods, memoryOf, options) =>
      looking(api, options, (budget) => kubeletOf(api, target, pods, memoryOf, budget)),
    workload: (target, pod, options) =>
      looking(api, options, (budget) => workloadOf(api, target, pod, budget)),
    logs: (target, pod, which, options) =>
      looking(api, options, (budget) => logsOf(api, target, pod, which, budget)),
    lastLine: (target, pod, options) =>
      looking(api, options, (budget) => lastLineOf(api, target, pod, budget)),
    nodes: (_target, names, options) => looking(api, options, (budget) => nodesOf(api, names, budget)),
    events: (target, pod, options) => looking(api, options, (budget) => eventsOf(api, target, pod, budget)),
    remove: ({ namespace }, { name, uid }, options) => removePod(api, { namespace, name, uid }, options),
  };
}
