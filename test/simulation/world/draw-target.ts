import type { Policy } from '../../../functions/core/policy.ts';
import type { Component, ComponentName, HealthEndpoint, Target } from '../../../functions/core/target.ts';
import { type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { mixed, type Random, randomOf } from '../random.ts';
import { beaterFrom } from './beater.ts';
import type { SimTarget, Traffic, Workload } from './model.ts';
import type { Program } from './program.ts';

/** How a target is watched: the mixtures that documents allow. */
export const WITNESSES = ['database', 'pod-port', 'web', 'database+pod-port', 'everything'] as const;
export type Witnesses = (typeof WITNESSES)[number];

export interface TargetLimits {
  readonly witnesses: readonly Witnesses[];
  /** Node, API server, database and watchdog disagree about the time. */
  readonly clocksDiffer: boolean;
  readonly limits: 'auto' | 'any';
  /** `schedulers`: one scheduler and nothing else. */
  readonly components: 'any' | 'schedulers';
  /** Other policies than the defaults, and targets that only watch. */
  readonly policies: 'default' | 'any';
}

/** One deployment and how it is watched; everything about it follows from the seed. */
export function drawTarget(
  seed: number,
  index: number,
  start: EpochMs,
  program: Program,
  limits: TargetLimits,
): SimTarget {
  const random = randomOf(mixed(seed, index, 77));
  const name = `t${index}`;
  const skew = (most: number) =>
    limits.clocksDiffer && random.chance(0.15)
      ? random.between(-most, most) * SECOND_MS
      : random.between(-200, 200);
  const drawn = drawWorkloads(random);
  const workloads =
    limits.components === 'any' ? drawn : drawn.slice(0, 1).map((one) => ({ ...one, usual: 1, wanted: 1 }));
  const airflow = random.pick(['2', '3', '3', '3.4'] as const);
  return {
    index,
    name,
    random,
    document: drawDocument(name, airflow, random, workloads, program, limits),
    listed: 'yes',
    airflow,
    workloads,
    nodes: Array.from({ length: random.whole(1, 4) }, (_, at) => ({
      name: `${name}-node-${at}`,
      skewMs: skew(90),
    })),
    pods: [],
    oldRows: [],
    madePods: 0,
    madeJobs: 0,
    database: {
      mode: 'up',
      startedAt: start - random.spread(1, 1_000) * HOUR_MS,
      skewMs: skew(30),
      lagMs: 0,
      writableSince: Number.NEGATIVE_INFINITY,
      denied: 'none',
      locksReadable: random.chance(0.8),
      hidesAddresses: random.chance(0.3),
      stranger: null,
    },
    api: { mode: 'ok', removals: 'ok', proxyCut: false, skewMs: skew(30), stale: [], pods: null },
    web: 'ok',
    slow: null,
    decisions: { ...beaterFrom(start, 1_000), stopped: true },
    taking: { ...beaterFrom(start, 2 * SECOND_MS), stopped: true },
    parsing: { ...beaterFrom(start, 30 * SECOND_MS), stopped: true },
    queueing: { ...beaterFrom(start, random.between(5, 50) * SECOND_MS), stopped: true },
    traffic: drawTraffic(random),
    active: new Set(),
    unsettled: true,
    troubleEndedAt: start,
    unwellAt: start,
    removals: [],
    intents: [],
    unwell: new Map(),
    toldAt: -Infinity,
    story: [],
    decided: '',
  };
}

function drawWorkloads(random: Random): Workload[] {
  const of = (component: ComponentName, usual: number): Workload => {
    const kind = random.chance(0.02)
      ? 'none'
      : component === 'triggerer' && random.chance(0.6)
        ? 'StatefulSet'
        : random.pick(['ReplicaSet', 'ReplicaSet', 'ReplicaSet', 'StatefulSet'] as const);
    return {
      component,
      kind,
      usual,
      wanted: usual,
      coming: 0,
      replaceMs: () => random.between(300, 2_000),
      rollingOut: null,
      paused: null,
    };
  };
  const list = [of('scheduler', random.pick([1, 1, 1, 2, 2, 3]))];
  if (random.chance(0.5)) list.push(of('triggerer', random.pick([1, 1, 2])));
  if (random.chance(0.5)) list.push(of('dag-processor', random.pick([1, 1, 2, 4])));
  return list;
}

function drawTraffic(random: Random): Traffic {
  return {
    kind: random.pick(['busy', 'busy', 'bursts', 'idle'] as const),
    liveDags: random.pick([1, 3, 20, 400]),
    brokenAt: null,
    overdueAt: null,
    poolFullAt: null,
    starvedAt: null,
    workersGoneAt: null,
    unevenAt: null,
  };
}

export function drawDocument(
  name: string,
  airflow: SimTarget['airflow'],
  random: Random,
  workloads: readonly Workload[],
  program: Program,
  limits: TargetLimits,
): Target {
  const drawn = random.pick(limits.witnesses);
  // Before 3.4 the web health cannot speak of one pod among several; few people leave it at that.
  const isBlind = drawn === 'web' && airflow !== '3.4' && workloads.some(({ usual }) => usual > 1);
  const witnesses = isBlind && random.chance(0.8) ? 'everything' : drawn;
  const hasDatabase = witnesses.includes('database') || witnesses === 'everything';
  const health: HealthEndpoint[] = [];
  if (witnesses.includes('pod-port') || witnesses === 'everything')
    health.push({ kind: 'pod', port: 8974, path: '/health' });
  if (witnesses === 'web' || witnesses === 'everything')
    health.push({ kind: 'url', url: `https://${name}.example/health` });
  const components = workloads
    .filter(({ component }) => component === 'scheduler' || random.chance(0.8))
    .map(
      ({ component }): Component => ({
        name: component,
        selector: `component=${component}`,
        container: null,
      }),
    );
  return {
    id: name,
    cluster: { kind: 'kubeconfig', path: null, context: name },
    namespace: name,
    components,
    health,
    database: hasDatabase
      ? { engine: 'postgres', secret: { scheme: 'env', name: 'DB' }, auth: 'password' }
      : null,
    policy: drawPolicy(random, program.defaultPolicy, limits),
    channels: random.chance(0.1) ? ['pager'] : null,
  };
}

function drawPolicy(random: Random, byDefault: Policy, { limits, policies }: TargetLimits): Policy {
  if (policies === 'default') return { ...byDefault, mode: 'remediate' };
  const fixed = limits === 'any' && random.chance(0.3);
  return {
    ...byDefault,
    mode: random.chance(0.85) ? 'remediate' : 'watch',
    heartbeatLimitMs: fixed ? random.pick([30, 45, 60, 90, 120, 300]) * SECOND_MS : 'auto',
    startupGraceMs: random.chance(0.8) ? byDefault.startupGraceMs : random.pick([1, 2, 10]) * MINUTE_MS,
    tasksRunning: random.chance(0.1) ? 'hold' : byDefault.tasksRunning,
    starving: random.chance(0.1) ? 'remove' : byDefault.starving,
  };
}
