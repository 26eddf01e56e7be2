import { stringify } from 'yaml';
import type { Format } from '../../functions/config/read-text.ts';
import { DEFAULT_POLICY, type Policy } from '../../functions/core/policy.ts';
import type { ClusterRef, HealthEndpoint, Target } from '../../functions/core/target.ts';
import { type DurationMs, formatDuration, SECOND_MS } from '../../functions/core/time.ts';

/** A target as a document that parses to the same target. Policy keys at their default are left out. */
export function printTarget(target: Target, format: Format): string {
  const document = documentOf(target);
  return format === 'json' ? `${JSON.stringify(document, null, 2)}\n` : stringify(document, { lineWidth: 0 });
}

function documentOf(target: Target): Record<string, unknown> {
  const { database } = target;
  const health = target.health.map(endpointOf);
  const policy = policyOf(target.policy);
  return withoutNulls({
    id: target.id,
    cluster: nullIfEmpty(clusterOf(target.cluster)),
    namespace: target.namespace,
    components: Object.fromEntries(
      target.components.map(({ name, selector, container }) => [name, withoutNulls({ selector, container })]),
    ),
    health: health.length === 0 ? null : health.length === 1 ? health[0] : health,
    database: database && {
      engine: database.engine,
      secret: `${database.secret.scheme}:${database.secret.name}`,
      ...(database.auth === 'rds-iam' && { auth: database.auth }),
    },
    policy: nullIfEmpty(policy),
    channels: target.channels,
  });
}

function clusterOf(cluster: ClusterRef): Record<string, unknown> {
  if (cluster.kind === 'kubeconfig')
    return withoutNulls({ kubeconfig: cluster.path, context: cluster.context });
  const { name, region, roleArn, externalId } = cluster;
  return withoutNulls({ eks: name, region, roleArn, externalId });
}

function endpointOf(endpoint: HealthEndpoint): Record<string, unknown> {
  return endpoint.kind === 'url' ? { url: endpoint.url } : { podPort: endpoint.port, path: endpoint.path };
}

function policyOf(policy: Policy): Record<string, unknown> {
  const document: Record<string, unknown> = {};
  for (const key of Object.keys(DEFAULT_POLICY) as (keyof Policy)[]) {
    const value = policy[key];
    if (key === 'budget' || key === 'memory' || value === DEFAULT_POLICY[key]) continue;
    document[key.replace(/Ms$/, '')] =
      key.endsWith('Ms') && typeof value === 'number' ? durationText(value) : value;
  }
  if (policy.memory !== null) {
    const { restartAbove, when } = policy.memory;
    document.memory = { restartAbove: `${Math.round(restartAbove * 100)}%`, when };
  }
  const { removals, perMs } = policy.budget;
  const isDefault = removals === DEFAULT_POLICY.budget.removals && perMs === DEFAULT_POLICY.budget.perMs;
  return isDefault ? document : { ...document, budget: { removals, per: durationText(perMs) } };
}

/** `formatDuration` rounds to whole seconds, which is right for people and wrong for a document. */
function durationText(ms: DurationMs): string {
  return ms % SECOND_MS === 0 ? formatDuration(ms) : `${ms}ms`;
}

const nullIfEmpty = (map: Record<string, unknown>) => (Object.keys(map).length === 0 ? null : map);

function withoutNulls(map: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null));
}
