import { isWell } from '../core/cause.ts';
import type { Judged } from '../core/decision.ts';
import { judge } from '../core/diagnosis.ts';
import type { HttpFacts, Look } from '../core/observation.ts';
import { patientsOf, type TargetLooks } from '../core/patient.ts';
import type { PodFact, WorkloadFact } from '../core/pod.ts';
import { LIMITS } from '../core/policy.ts';
import type { TargetState } from '../core/state.ts';
import type { Target } from '../core/target.ts';
import type { EpochMs } from '../core/time.ts';
import type { Cluster, LookOptions, Ports } from '../ports.ts';

/** One round of looks at a target and what each pod was found to have; `blind` when its pods could not be read. */
export type Observed =
  | {
      readonly kind: 'seen';
      readonly looks: TargetLooks;
      readonly judged: readonly Judged[];
      readonly cluster: Cluster;
    }
  | { readonly kind: 'blind'; readonly why: string };

/** All probes in parallel; then, only for pods that look sick, what it takes to be sure. Never rejects for a fault outside. */
export async function observe(
  target: Target,
  state: TargetState,
  ports: Ports,
  fresh: boolean,
): Promise<Observed> {
  const at = ports.clock.now();
  const options: LookOptions = { deadlineMs: LIMITS.probeDeadlineMs, fresh };
  const cluster = await ports.clusterOf(target).catch((error: unknown) => error);
  if (!isCluster(cluster)) return { kind: 'blind', why: sentence(cluster) };
  const [pods, facts, urls] = await Promise.all([
    cluster.pods(target, options),
    target.database === null ? null : ports.database.look(target, options),
    Promise.all(urlsOf(target).map(async (url) => ({ url, look: await ports.urls.look(url, options) }))),
  ]);
  if (pods.kind !== 'answered') return { kind: 'blind', why: `pods could not be listed: ${pods.detail}` };
  if (pods.pods.length === 0) {
    return { kind: 'blind', why: `no pod in namespace "${target.namespace}" matches ${selectorsOf(target)}` };
  }
  const [own, kubelet] = await Promise.all([
    ownHealth(target, pods.pods, cluster, options),
    cluster.kubelet(target, pods.pods, [], options),
  ]);
  const looks: TargetLooks = {
    at,
    pods: pods.pods,
    jobs: facts?.jobs ?? null,
    progress: facts?.progress ?? null,
    own,
    urls,
    kubelet,
    workloads: {},
  };
  return examine(target, looks, state, cluster, ports.clock.now(), options);
}

/** Judges, and where a pod looks sick asks for its workload and its memory and judges again. */
async function examine(
  target: Target,
  looks: TargetLooks,
  state: TargetState,
  cluster: Cluster,
  now: EpochMs,
  options: LookOptions,
): Promise<Observed> {
  const judged = judgeAll(target, looks, state, now);
  const sick = judged.filter((entry) => needsExamination(entry)).map(({ patient }) => patient.pod);
  if (sick.length === 0) return { kind: 'seen', looks, judged, cluster };
  const uids = sick.map((pod) => pod.uid);
  const [workloads, kubelet] = await Promise.all([
    Promise.all(
      sick.map(
        async (pod): Promise<[string, Look<WorkloadFact>]> => [
          pod.uid,
          await cluster.workload(target, pod, options),
        ],
      ),
    ),
    cluster.kubelet(target, looks.pods, uids, options),
  ]);
  const more: TargetLooks = { ...looks, kubelet, workloads: Object.fromEntries(workloads) };
  return { kind: 'seen', looks: more, judged: judgeAll(target, more, state, now), cluster };
}

function judgeAll(target: Target, looks: TargetLooks, state: TargetState, now: EpochMs): readonly Judged[] {
  return patientsOf(target, looks, state, now).map((patient) => ({ patient, verdict: judge(patient) }));
}

function needsExamination({ patient, verdict }: Judged): boolean {
  if (patient.pod.terminatingSince !== null) return false;
  return !isWell(verdict.cause) || (patient.kubelet?.probes.length ?? 0) > 0;
}

async function ownHealth(
  target: Target,
  pods: readonly PodFact[],
  cluster: Cluster,
  options: LookOptions,
): Promise<Record<string, Look<HttpFacts>>> {
  const endpoint = target.health.find((one) => one.kind === 'pod');
  if (endpoint === undefined) return {};
  // A terminating pod is not asked: its health server may be what keeps its tasks from ending in peace.
  const asked = pods.filter(
    (pod) => pod.component === 'scheduler' && pod.terminatingSince === null && pod.phase === 'Running',
  );
  const looks = await Promise.all(
    asked.map(
      async (pod): Promise<[string, Look<HttpFacts>]> => [
        pod.uid,
        await cluster.health(target, pod, endpoint, options),
      ],
    ),
  );
  return Object.fromEntries(looks);
}

function urlsOf(target: Target): readonly string[] {
  return target.health.flatMap((endpoint) => (endpoint.kind === 'url' ? [endpoint.url] : []));
}

function selectorsOf(target: Target): string {
  return target.components.map((component) => `"${component.selector}"`).join(', ');
}

function isCluster(value: unknown): value is Cluster {
  return typeof value === 'object' && value !== null && 'pods' in value && 'remove' in value;
}

function sentence(error: unknown): string {
  return Error.isError(error) ? error.message : String(error);
}
