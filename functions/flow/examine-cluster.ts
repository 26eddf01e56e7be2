import { type ClusterExam, NOTHING_OF_CLUSTER } from '../core/examination.ts';
import { isLiving } from '../core/patient.ts';
import type { PodFact } from '../core/pod.ts';
import type { Target } from '../core/target.ts';
import type { Cluster, Examiners, LookOptions, Ports } from '../ports.ts';
import { ownHealthAsked } from './observe.ts';

type Asked = Pick<Ports, 'clock' | 'clusterOf'>;

/** Everything a removal would need of one cluster, asked by the very code that would do it. Deletes are dry runs. */
export async function examineCluster(
  target: Target,
  { clock, clusterOf }: Asked,
  examiners: Examiners,
  options: LookOptions,
): Promise<ClusterExam> {
  const access = await examiners.access(target, options);
  const nothing: ClusterExam = { ...NOTHING_OF_CLUSTER, access, ourNow: clock.now() };
  if (!access.login?.ok) return nothing;
  const cluster = await clusterOf(target);
  const pods = await cluster.pods(target, options);
  const ourNow = pods.at + pods.tookMs / 2;
  if (pods.kind !== 'answered') return { ...nothing, pods, ourNow };
  const living = pods.pods.filter(isLiving);
  const [first] = living;
  const [replicas, dryRuns, policy, health, kubelet, logs, workload, nodes] = await Promise.all([
    cluster.replicas(target, options),
    dryRunsOf(target, living, cluster, options),
    first === undefined ? null : examiners.forbidden(target, first, options),
    healthOf(target, living, cluster, options),
    first === undefined ? null : cluster.kubelet(target, living, [first.uid], options),
    first === undefined ? null : cluster.logs(target, first, 'current', options),
    first === undefined ? null : cluster.workload(target, first, options),
    first?.node == null ? null : (cluster.nodes?.(target, [first.node], options) ?? null),
  ]);
  return { access, pods, ourNow, replicas, dryRuns, policy, health, kubelet, logs, workload, nodes };
}

/** One pod of each component: rights and policies do not differ between its pods. */
function dryRunsOf(
  target: Target,
  living: readonly PodFact[],
  cluster: Cluster,
  options: LookOptions,
): Promise<ClusterExam['dryRuns']> {
  const chosen = target.components.flatMap(({ name }) => living.find((pod) => pod.component === name) ?? []);
  return Promise.all(
    chosen.map(async (pod) => ({
      component: pod.component,
      pod: pod.name,
      answer: await cluster.remove(target, pod, { ...options, dryRun: true }),
    })),
  );
}

/** A handful: each that hangs takes its whole deadline. */
const MOST_HEALTH = 5;

function healthOf(
  target: Target,
  living: readonly PodFact[],
  cluster: Cluster,
  options: LookOptions,
): Promise<ClusterExam['health']> {
  const asked = ownHealthAsked(target, living);
  if (asked === null) return Promise.resolve([]);
  const { endpoint, pods } = asked;
  return Promise.all(
    pods.slice(0, MOST_HEALTH).map(async (pod) => ({
      pod: pod.name,
      port: endpoint.port,
      path: endpoint.path,
      look: await cluster.health(target, pod, endpoint, options),
    })),
  );
}
