import type { NodeFact, NodesFacts } from '../../core/node.ts';
import { quote } from '../../core/redact.ts';
import { epochOf } from '../../core/time.ts';
import type { Silence } from '../http/network-error.ts';
import type { Budget, KubeApi } from './api.ts';

/** Pods of one target on more nodes than that tell nothing new. */
const MOST_NODES = 10;
const PRESSURES = ['MemoryPressure', 'DiskPressure', 'PIDPressure'];

interface Condition {
  readonly type?: unknown;
  readonly status?: unknown;
  readonly reason?: unknown;
  readonly lastTransitionTime?: unknown;
}

interface Node {
  readonly spec?: { readonly unschedulable?: unknown };
  readonly status?: { readonly conditions?: readonly (Condition | null)[] | null };
}

/** The conditions of the named nodes, one request for each. One that is not there is left out; a missing right is the answer to all. */
export async function nodesOf(
  api: KubeApi,
  names: readonly string[],
  budget: Budget,
): Promise<({ readonly kind: 'answered' } & NodesFacts) | Silence> {
  const asked = await Promise.all(
    names.slice(0, MOST_NODES).map(async (name) => {
      const told = await api.read<Node>({ path: `/api/v1/nodes/${encodeURIComponent(name)}` }, budget);
      return { name, told };
    }),
  );
  const silence = asked.map(({ told }) => told).find(isSilence);
  const known = asked.flatMap(({ name, told }): [string, NodeFact][] =>
    told.kind === 'answered' ? [[name, factOf(told.body)]] : [],
  );
  if (silence !== undefined && known.length === 0) return silence;
  return { kind: 'answered', byName: Object.fromEntries(known) };
}

const isSilence = (told: { readonly kind: string }): told is Silence =>
  told.kind !== 'answered' && !('cause' in told && told.cause === 'not-found');

function factOf({ spec, status }: Node): NodeFact {
  const conditions = (Array.isArray(status?.conditions) ? status.conditions : []).filter(
    (one) => typeof one === 'object' && one !== null,
  );
  const ready = conditions.find(({ type }) => type === 'Ready');
  // A node that says nothing of it is new, or not one: that is no sickness.
  const isReady = ready === undefined || ready.status === 'True';
  const sick = conditions.filter(
    ({ type, status: is }) => typeof type === 'string' && PRESSURES.includes(type) && is === 'True',
  );
  const moments = (isReady ? sick : [ready, ...sick]).flatMap((one) =>
    typeof one?.lastTransitionTime === 'string' ? (epochOf(one.lastTransitionTime) ?? []) : [],
  );
  return {
    isReady,
    reason: isReady || typeof ready?.reason !== 'string' ? null : quote(ready.reason, 60),
    pressures: sick.map(({ type }) => String(type)),
    since: moments.length === 0 ? null : Math.min(...moments),
    isSchedulable: spec?.unschedulable !== true,
  };
}
