import type { Look, UnreachableCause } from '../../../functions/core/observation.ts';
import type { RemovalAnswer } from '../../../functions/core/pod.ts';
import type { Target } from '../../../functions/core/target.ts';
import type { DurationMs } from '../../../functions/core/time.ts';
import type { Cluster, LookOptions } from '../../../functions/ports.ts';
import { clockOf } from './clock-port.ts';
import {
  kubeletOf,
  lastLineOf,
  nodesOf,
  ownHealthOf,
  podFactsOf,
  replicasOf,
  workloadFactOf,
} from './kube-looks.ts';
import type { ApiMode, Process, SimTarget, World } from './model.ts';
import { terminate } from './pods.ts';
import { call } from './process.ts';
import { tell } from './tell.ts';

export const targetOf = (world: World, target: Target): SimTarget => world.byId.get(target.id) as SimTarget;

/** The Kubernetes API of every target, as one process sees it. */
export function clusterPort(world: World, process: Process): Cluster {
  const ask = asker(world, process);
  return {
    pods: (target, options) => {
      const sim = targetOf(world, target);
      process.lookedAt.set(target.id, process.calls);
      return ask(sim, options, () => ({
        pods: podFactsOf(sim),
        serverNow: world.loop.now() + sim.api.skewMs,
      }));
    },
    replicas: (target, options) =>
      ask(targetOf(world, target), options, () => replicasOf(targetOf(world, target))),
    health: (target, pod, _endpoint, options) =>
      health(world, process, targetOf(world, target), pod.uid, options),
    kubelet: (target, pods, memoryOf, options) =>
      ask(targetOf(world, target), options, () =>
        kubeletOf(targetOf(world, target), pods, memoryOf, world.loop.now()),
      ),
    workload: (target, pod, options) =>
      ask(targetOf(world, target), options, () => workloadFactOf(targetOf(world, target), pod.component)),
    logs: (target, pod, _which, options) =>
      ask(targetOf(world, target), options, () => ({ lines: [`last words of ${pod.name}`] })),
    lastLine: (target, pod, options) =>
      ask(targetOf(world, target), options, () =>
        lastLineOf(targetOf(world, target), pod.uid, world.loop.now()),
      ),
    nodes: (target, names, options) => {
      const sim = targetOf(world, target);
      const forbidden = {
        kind: 'unreadable',
        at: clockOf(world),
        tookMs: 5,
        cause: 'forbidden',
        detail: '403',
      } as const;
      // Every other installation gives the right.
      return sim.index % 2 === 0
        ? ask(sim, options, () => nodesOf(sim, names, world.loop.now()))
        : call(world, process, 5, () => forbidden);
    },
    events: (target, _pod, options) => ask(targetOf(world, target), options, () => ({ events: [] })),
    remove: (target, pod, options) => {
      const sim = targetOf(world, target);
      const { number } = process;
      if (options.dryRun !== true && !process.dead) {
        const found = sim.pods.find((one) => one.uid === pod.uid);
        if (found !== undefined) world.hearing.removing(sim, found, process);
      }
      return call(world, process, latency(sim, 30, 80), () =>
        remove(world, sim, pod, options.dryRun === true, number),
      );
    },
  };
}

export function latency(target: SimTarget, low: DurationMs, high: DurationMs): DurationMs {
  const { unit } = target.random;
  return low + unit() ** 4 * (high - low) * (unit() < 0.01 ? 20 : 1);
}

const FAILURES: Readonly<
  Partial<Record<ApiMode, { readonly cause: UnreachableCause; readonly detail: string }>>
> = {
  throttled: { cause: 'throttled', detail: '429 Too many requests' },
  hanging: { cause: 'timeout', detail: 'no answer within the deadline' },
  erring: { cause: 'server-error', detail: '500 etcdserver: request timed out' },
};

/** One question to the API server under its deadline. */
function asker(world: World, process: Process) {
  return <F extends object>(target: SimTarget, options: LookOptions, facts: () => F): Promise<Look<F>> => {
    const { deadlineMs } = options;
    const at = clockOf(world);
    const mode = target.api.mode;
    const wanted = mode === 'hanging' ? deadlineMs : latency(target, 15, 60);
    const from = world.loop.now();
    return call(world, process, wanted, (): Look<F> => {
      const tookMs = world.loop.now() - from;
      const failed = tookMs > deadlineMs ? FAILURES.hanging : FAILURES[mode];
      if (failed !== undefined && !(mode === 'throttled' && target.random.chance(0.5)))
        return { kind: 'unreachable', at, tookMs, ...failed };
      if (mode === 'forbidden')
        return { kind: 'unreadable', at, tookMs, cause: 'forbidden', detail: '403 pods is forbidden' };
      return { kind: 'answered', at, tookMs, ...facts() };
    });
  };
}

function health(
  world: World,
  process: Process,
  target: SimTarget,
  uid: string,
  { deadlineMs }: LookOptions,
): ReturnType<Cluster['health']> {
  const at = clockOf(world);
  const from = world.loop.now();
  const isSilent = target.api.mode === 'hanging' || ownHealthOf(target, uid, from) === 'silent';
  return call(world, process, isSilent ? deadlineMs : latency(target, 10, 50), () => {
    const tookMs = world.loop.now() - from;
    const timing = { at, tookMs };
    const failed = isSilent || tookMs > deadlineMs ? FAILURES.hanging : FAILURES[target.api.mode];
    if (failed !== undefined) return { ...timing, kind: 'unreachable', ...failed };
    if (target.api.mode === 'forbidden')
      return { ...timing, kind: 'unreadable', cause: 'forbidden', detail: '403' };
    const found = ownHealthOf(target, uid, world.loop.now());
    if (found === 'gone')
      return { ...timing, kind: 'unreadable', cause: 'not-found', detail: 'pod not found' };
    if (found === 'refused')
      return { ...timing, kind: 'unreachable', cause: 'refused', detail: 'connection refused' };
    if (found === 'silent') return { ...timing, kind: 'unreachable', cause: 'timeout', detail: 'no answer' };
    return { ...timing, kind: 'answered', ...found };
  });
}

/** A delete as the API server does it: by name, with the uid as precondition. */
function remove(
  world: World,
  target: SimTarget,
  { name, uid }: { readonly name: string; readonly uid: string },
  dryRun: boolean,
  run: number,
): RemovalAnswer {
  const { api } = target;
  const failed: RemovalAnswer = { kind: 'failed', status: null, detail: 'no answer within 5 s' };
  if (api.mode === 'forbidden' || api.removals === 'forbidden')
    return { kind: 'forbidden', status: 403, detail: 'may not delete pods' };
  if (api.removals === 'failed' || (api.mode !== 'ok' && api.mode !== 'stale' && api.mode !== 'empty'))
    return failed;
  const named = target.pods.find((pod) => pod.name === name);
  if (named === undefined) return { kind: 'already-gone', status: 404, detail: `pods "${name}" not found` };
  if (named.uid !== uid)
    return { kind: 'replaced', status: 409, detail: 'the UID in the precondition does not match' };
  if (!dryRun) {
    // The laws judge before the world changes.
    world.hearing.removed(target, named, 'deleted');
    tell(world, target, `run ${run} deletes ${name} (${uid})`);
    const usualMs = named.wedge === null ? target.random.between(1_000, 6_000) : 30_000;
    // A container that the runtime cannot end stays until somebody mends its node.
    const isStuck = target.random.chance(0.02);
    terminate(world, target, named, isStuck ? target.random.spread(10, 180) * 60_000 : usualMs);
  }
  return api.removals === 'lost' ? failed : { kind: 'deleted', status: 200, detail: 'deleted' };
}
