import { DEFAULT_POLICY, type Policy } from '../core/policy.ts';
import {
  type ClusterRef,
  COMPONENTS,
  type Component,
  type HealthEndpoint,
  type SecretRef,
  type Target,
} from '../core/target.ts';
import { type DurationMs, parseDuration } from '../core/time.ts';
import { REFERENCE } from './form.ts';
import type { TargetDocument } from './schema.ts';

/** Turns a path of the document into one that can be opened; the folder of the document is its start. */
export type ResolvePath = (path: string) => string;

/** A valid document with its defaults filled in. */
export function buildTarget(document: TargetDocument, id: string, resolvePath: ResolvePath): Target {
  const { database, channels, links } = document;
  return {
    id,
    cluster: clusterOf(document.cluster ?? {}, resolvePath),
    namespace: document.namespace,
    components: componentsOf(document.components),
    health: healthOf(document.health),
    database:
      database === undefined
        ? null
        : {
            engine: database.engine,
            secret: referenceOf(database.secret, resolvePath),
            auth: database.auth ?? 'password',
          },
    policy: policyOf(document.policy ?? {}),
    channels: channels === undefined ? null : [...new Set(channels)],
    ...(links && { links: { runbook: links.runbook ?? null, dashboard: links.dashboard ?? null } }),
  };
}

function clusterOf(cluster: NonNullable<TargetDocument['cluster']>, resolvePath: ResolvePath): ClusterRef {
  if (cluster.eks === undefined) {
    const path = cluster.kubeconfig === undefined ? null : resolvePath(cluster.kubeconfig);
    return { kind: 'kubeconfig', path, context: cluster.context ?? null };
  }
  return {
    kind: 'eks',
    name: cluster.eks,
    region: cluster.region ?? '',
    roleArn: cluster.roleArn ?? null,
    externalId: cluster.externalId ?? null,
  };
}

function componentsOf(components: TargetDocument['components']): readonly Component[] {
  const given = components ?? { scheduler: { selector: 'component=scheduler' } };
  return COMPONENTS.flatMap((name) => {
    const one = given[name];
    return one === undefined ? [] : [{ name, selector: one.selector, container: one.container ?? null }];
  });
}

function healthOf(health: TargetDocument['health']): readonly HealthEndpoint[] {
  const endpoints = health === undefined ? [] : Array.isArray(health) ? health : [health];
  return endpoints.map(({ podPort, path, url }) =>
    podPort === undefined
      ? { kind: 'url', url: url ?? '' }
      : { kind: 'pod', port: podPort, path: path ?? '/health' },
  );
}

/** @param byDefault what stands for the keys that are left out */
export function policyOf(
  policy: NonNullable<TargetDocument['policy']>,
  byDefault: Policy = DEFAULT_POLICY,
): Policy {
  const { heartbeatLimit } = policy;
  return {
    mode: policy.mode ?? byDefault.mode,
    watchSeverity: policy.watchSeverity ?? byDefault.watchSeverity,
    failures: policy.failures ?? byDefault.failures,
    heartbeatLimitMs: heartbeatLimit === 'auto' ? 'auto' : msOf(heartbeatLimit, byDefault.heartbeatLimitMs),
    stallLimitMs: msOf(policy.stallLimit, byDefault.stallLimitMs),
    unreachableLimitMs: msOf(policy.unreachableLimit, byDefault.unreachableLimitMs),
    startupGraceMs: msOf(policy.startupGrace, byDefault.startupGraceMs),
    databaseGraceMs: msOf(policy.databaseGrace, byDefault.databaseGraceMs),
    recoveryLimitMs: msOf(policy.recoveryLimit, byDefault.recoveryLimitMs),
    cooldownMs: msOf(policy.cooldown, byDefault.cooldownMs),
    budget: {
      removals: policy.budget?.removals ?? byDefault.budget.removals,
      perMs: msOf(policy.budget?.per, byDefault.budget.perMs),
    },
    tasksRunning: policy.tasksRunning ?? byDefault.tasksRunning,
    memory:
      policy.memory === undefined
        ? byDefault.memory
        : {
            restartAbove: Number.parseInt(policy.memory.restartAbove, 10) / 100,
            when: policy.memory.when ?? 'quiet',
          },
    starving: policy.starving ?? byDefault.starving,
    nodeSick: policy.nodeSick ?? byDefault.nodeSick,
    allowUnsafe: policy.allowUnsafe ?? byDefault.allowUnsafe,
  };
}

/** The schema has already refused texts that are no duration. */
function msOf<T>(text: string | undefined, byDefault: T): DurationMs | T {
  return text === undefined ? byDefault : (parseDuration(text) ?? byDefault);
}

/** Reads `env:NAME` and its like; the schema has already checked the form. */
function referenceOf(text: string, resolvePath: ResolvePath): SecretRef {
  const colon = text.indexOf(':');
  const scheme = text.slice(0, colon) as SecretRef['scheme'];
  const name = text.slice(colon + 1);
  return { scheme, name: scheme === 'file' ? resolvePath(name) : name };
}

/** A reference where the text is one, else the value itself. */
export function literalOrReference(text: string, resolvePath: ResolvePath): SecretRef | string {
  return REFERENCE.test(text) ? referenceOf(text, resolvePath) : text;
}
