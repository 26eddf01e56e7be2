import { isWell } from '../core/cause.ts';
import { COMPONENT_TABLE } from '../core/component.ts';
import { shouldAskReplicas } from '../core/component-health.ts';
import type { Judged } from '../core/decision.ts';
import { jobIdOf } from '../core/heartbeat.ts';
import { isMemoryDue } from '../core/memory-trend.ts';
import type { HttpFacts, Look } from '../core/observation.ts';
import { isLiving, type Patient, type TargetLooks } from '../core/patient.ts';
import type { PodFact, WorkloadFact } from '../core/pod.ts';
import { LIMITS } from '../core/policy.ts';
import type { TargetState } from '../core/state.ts';
import { judgeLooks, type Looks } from '../core/step.ts';
import { healthUrlsOf, type Target } from '../core/target.ts';
import type { Cluster, LookOptions, Ports } from '../ports.ts';
import type { TickContext } from './tick.ts';

/** One round of looks, and the cluster they were made through. */
export interface Observed {
  readonly looks: Looks;
  /** null: no client for the cluster could be made. */
  readonly cluster: Cluster | null;
}

/** What would die with a pod; null where its row in the database is not known. */
export function blastRadiusOf(
  { heartbeat }: Pick<Patient, 'heartbeat'>,
  target: Target,
  database: Ports['database'],
  options: Pick<LookOptions, 'deadlineMs'>,
) {
  const jobId = jobIdOf(heartbeat);
  return jobId === null ? null : database.blastRadius(target, jobId, options);
}

/** The schedulers that have a health server of their own to be asked; null: the target names no such endpoint. */
export function ownHealthAsked(target: Target, living: readonly PodFact[]) {
  const endpoint = target.health.find((one) => one.kind === 'pod');
  if (endpoint === undefined) return null;
  const pods = living.filter(
    ({ component, phase }) => COMPONENT_TABLE[component].hasOwnHealth && phase === 'Running',
  );
  return { endpoint, pods };
}

/** All probes in parallel; then, only for pods that look sick, what it takes to be sure. Never rejects for a fault outside. */
export async function observe(
  target: Target,
  state: TargetState,
  tick: TickContext,
  fresh: boolean,
): Promise<Observed> {
  const { ports } = tick;
  const at = ports.clock.now();
  const options: LookOptions = { deadlineMs: LIMITS.probeDeadlineMs, fresh };
  const cluster = await ports.clusterOf(target).catch((error: unknown) => error);
  if (!isCluster(cluster)) return { looks: { blind: sentence(cluster) }, cluster: null };
  const [pods, facts, urls] = await Promise.all([
    cluster.pods(target, options),
    target.database === null ? null : ports.database.look(target, options),
    Promise.all(
      healthUrlsOf(target).map(async (url) => ({ url, look: await ports.urls.look(url, options) })),
    ),
  ]);
  for (const look of [pods, facts?.jobs ?? null]) tick.noticed(look, options.deadlineMs);
  const serverNow = pods.kind === 'answered' ? pods.serverNow : null;
  tick.heard(clusterKey(target), pods.kind === 'answered', serverNow === null ? null : at - serverNow);
  if (pods.kind !== 'answered')
    return { looks: { blind: `pods could not be listed: ${pods.detail}` }, cluster };
  const living = pods.pods.filter(isLiving);
  const bare: TargetLooks = {
    at,
    serverNow: pods.serverNow,
    pods: pods.pods,
    jobs: facts?.jobs ?? null,
    progress: facts?.progress ?? null,
    locks: facts?.locks ?? null,
    ...(facts?.companions === undefined ? {} : { companions: facts.companions }),
    work: facts?.work ?? null,
    own: {},
    urls,
    kubelet: null,
    workloads: {},
    replicas: null,
  };
  const [own, kubelet, replicas] = await Promise.all([
    ownHealth(target, living, cluster, options),
    living.length === 0 ? null : cluster.kubelet(target, living, memoryAsked(target, living, tick), options),
    shouldAskReplicas(target, bare, state, at) ? cluster.replicas(target, options) : null,
  ]);
  const looks = await examine(target, { ...bare, own, kubelet, replicas }, state, cluster, tick, options);
  return { looks, cluster };
}

/** Judges, and where a pod looks sick asks for its workload and its memory. */
async function examine(
  target: Target,
  looks: TargetLooks,
  state: TargetState,
  cluster: Cluster,
  tick: TickContext,
  options: LookOptions,
): Promise<TargetLooks> {
  const { ports } = tick;
  const judged = judgeLooks(target, looks, state, ports.clock.now());
  const sick = judged.filter((entry) => needsExamination(entry)).map(({ patient }) => patient.pod);
  const nodes = await nodesAsked(target, looks, state, sick.length > 0, cluster, options);
  if (sick.length === 0) return { ...looks, ...nodes };
  const living = looks.pods.filter(isLiving);
  const uids = [...new Set([...sick.map((pod) => pod.uid), ...memoryAsked(target, living, tick)])];
  const [workloads, kubelet, lines] = await Promise.all([
    Promise.all(
      sick.map(
        async (pod): Promise<[string, Look<WorkloadFact>]> => [
          pod.uid,
          await cluster.workload(target, pod, options),
        ],
      ),
    ),
    cluster.kubelet(target, living, uids, options),
    lastLines(target, sick, cluster, options),
  ]);
  return { ...looks, ...nodes, ...lines, kubelet, workloads: Object.fromEntries(workloads) };
}

/** Of pods that look sick only: a log that goes silent is no news of one that works. */
async function lastLines(
  target: Target,
  pods: readonly PodFact[],
  cluster: Cluster,
  options: LookOptions,
): Promise<Pick<TargetLooks, 'lastLines'>> {
  if (cluster.lastLine === undefined) return {};
  const asked = pods.map(async (pod) => [pod.uid, await cluster.lastLine?.(target, pod, options)] as const);
  const lines = (await Promise.all(asked)).flatMap(([uid, look]) =>
    look === undefined ? [] : [[uid, look] as const],
  );
  return { lastLines: Object.fromEntries(lines) };
}

/** Asked when somebody looks sick, as often as replicas are, and as long as a node is told to be sick. */
async function nodesAsked(
  target: Target,
  looks: TargetLooks,
  state: TargetState,
  isAnySick: boolean,
  cluster: Cluster,
  options: LookOptions,
): Promise<Pick<TargetLooks, 'nodes'>> {
  const isTold = state.conditions.some(({ kind }) => kind === 'node-sick');
  if (cluster.nodes === undefined || !(isAnySick || isTold || looks.replicas !== null)) return {};
  const names = new Set(looks.pods.filter(isLiving).flatMap(({ node }) => node ?? []));
  return names.size === 0 ? {} : { nodes: await cluster.nodes(target, [...names], options) };
}

/** Whose memory is asked for though nothing is the matter: to see where it goes. */
function memoryAsked(target: Target, living: readonly PodFact[], { key, slotMs }: TickContext) {
  return isMemoryDue(target, key, slotMs) ? living.map(({ uid }) => uid) : [];
}

function needsExamination({ patient, verdict }: Judged): boolean {
  if (!isLiving(patient.pod)) return false;
  return !isWell(verdict.cause) || (patient.kubelet?.probes.length ?? 0) > 0;
}

async function ownHealth(
  target: Target,
  living: readonly PodFact[],
  cluster: Cluster,
  options: LookOptions,
): Promise<Record<string, Look<HttpFacts>>> {
  // A terminating pod is not asked: its health server may be what keeps its tasks from ending in peace.
  const asked = ownHealthAsked(target, living);
  if (asked === null) return {};
  const { endpoint, pods } = asked;
  const looks = await Promise.all(
    pods.map(
      async (pod): Promise<[string, Look<HttpFacts>]> => [
        pod.uid,
        await cluster.health(target, pod, endpoint, options),
      ],
    ),
  );
  return Object.fromEntries(looks);
}

function clusterKey({ cluster }: Target): string {
  return cluster.kind === 'eks' ? `${cluster.region}/${cluster.name}` : `${cluster.path}/${cluster.context}`;
}

function isCluster(value: unknown): value is Cluster {
  return typeof value === 'object' && value !== null && 'pods' in value && 'remove' in value;
}

function sentence(error: unknown): string {
  return Error.isError(error) ? error.message : String(error);
}
