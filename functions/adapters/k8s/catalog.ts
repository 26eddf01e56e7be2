import type { FoundContainer, FoundWorkload } from '../../core/found-types.ts';
import { quote } from '../../core/redact.ts';
import type { Clock, ClusterCatalog } from '../../ports.ts';
import type { Silence } from '../http/network-error.ts';
import type { boundedRequest } from '../http/request.ts';
import { type Budget, createApi, type KubeApi, looking } from './api.ts';
import { listAll } from './list.ts';
import { labelsOf } from './pod-facts.ts';
import type { ClusterSession } from './session.ts';
import type { Meta } from './wire.ts';

/** The fields of a Deployment or StatefulSet that the watchdog itself has no use for. */
interface Described {
  readonly metadata?: Meta;
  readonly spec?: {
    readonly replicas?: unknown;
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, unknown>> };
    readonly template?: {
      readonly metadata?: Meta;
      readonly spec?: { readonly containers?: readonly (Container | null)[] | null };
    };
  };
}

interface Container {
  readonly name?: unknown;
  readonly image?: unknown;
  readonly command?: unknown;
  readonly args?: unknown;
  readonly env?: readonly ({ readonly name?: unknown; readonly value?: unknown } | null)[] | null;
  readonly livenessProbe?: Probe | null;
  readonly readinessProbe?: Probe | null;
  readonly startupProbe?: Probe | null;
}

interface Probe {
  readonly httpGet?: { readonly path?: unknown; readonly port?: unknown } | null;
}

const RESOURCES = [
  ['Deployment', 'deployments'],
  ['StatefulSet', 'statefulsets'],
] as const;

/** What runs in a cluster, for drafts of target documents. Reads workloads only: no pod, no Secret, no ConfigMap. */
export function createCatalog(world: {
  readonly session: ClusterSession;
  readonly clock: Clock;
  readonly request: typeof boundedRequest;
}): ClusterCatalog {
  const api = createApi(world);
  return {
    workloads: (namespace, options) => looking(api, options, (budget) => workloadsOf(api, namespace, budget)),
  };
}

async function workloadsOf(api: KubeApi, namespace: string | null, budget: Budget) {
  const where = namespace === null ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const lists = await Promise.all(
    RESOURCES.map(async ([kind, resource]) => {
      const told = await listAll<Described>(api, `/apis/apps/v1${where}/${resource}`, {}, budget);
      return { kind, told };
    }),
  );
  const workloads: FoundWorkload[] = [];
  for (const { kind, told } of lists) {
    if (told.kind !== 'answered') return told satisfies Silence;
    workloads.push(...told.items.flatMap((item) => found(kind, item)));
  }
  return { kind: 'answered' as const, workloads };
}

function found(kind: FoundWorkload['kind'], { metadata, spec }: Described): readonly FoundWorkload[] {
  const { name, namespace } = metadata ?? {};
  if (typeof name !== 'string' || typeof namespace !== 'string' || metadata?.deletionTimestamp) return [];
  const { replicas } = spec ?? {};
  return [
    {
      kind,
      name,
      namespace,
      labels: labelsOf(metadata),
      podLabels: labelsOf(spec?.template?.metadata),
      matchLabels: labelsOf({ labels: spec?.selector?.matchLabels ?? {} }),
      replicas: typeof replicas === 'number' ? replicas : 1,
      containers: (spec?.template?.spec?.containers ?? []).flatMap((one) =>
        one === null ? [] : [containerOf(one)],
      ),
    },
  ];
}

function containerOf({ name, image, command, args, env, ...probes }: Container): FoundContainer {
  const words = [command, args].flatMap((list): unknown[] => (Array.isArray(list) ? list : []));
  return {
    name: textOf(name),
    image: textOf(image),
    runs: quote(words.filter((word) => typeof word === 'string').join(' '), 2_000),
    env: Object.fromEntries(
      (env ?? []).flatMap((one) =>
        typeof one?.name === 'string' ? [[one.name, typeof one.value === 'string' ? one.value : null]] : [],
      ),
    ),
    healthProbePort: healthPortOf([probes.livenessProbe, probes.readinessProbe, probes.startupProbe]),
  };
}

function healthPortOf(probes: readonly (Probe | null | undefined)[]): number | null {
  for (const probe of probes) {
    const { path, port } = probe?.httpGet ?? {};
    if (path === '/health' && typeof port === 'number') return port;
  }
  return null;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? quote(value, 500) : '');
