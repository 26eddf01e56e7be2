import type { ComponentName } from '../../../functions/core/target.ts';
import { type DurationMs, SECOND_MS } from '../../../functions/core/time.ts';
import { beaterFrom, beatSkewOf, lastOf, stop } from './beater.ts';
import { freePeers, hinder, refreshWork } from './hinder.ts';
import { HINDRANCES, type SimPod, type SimTarget, type Workload, type World } from './model.ts';
import { tell } from './tell.ts';

export const BEAT_MS = 5 * SECOND_MS;

export function workloadOf(target: SimTarget, component: ComponentName): Workload {
  return target.workloads.find((one) => one.component === component) as Workload;
}

/** A pod that exists from now on; its container comes later. */
export function createPod(world: World, target: SimTarget, workload: Workload, bootMs: DurationMs): SimPod {
  const { random } = target;
  target.madePods += 1;
  const number = target.madePods;
  const { component, kind } = workload;
  const used = new Set(target.pods.filter((one) => one.component === component).map((one) => one.name));
  const place = Array.from({ length: 20 }, (_, at) => `${component}-${at}`).find((name) => !used.has(name));
  const pod: SimPod = {
    uid: `${target.name}/${number}`,
    name:
      kind === 'StatefulSet'
        ? (place ?? `${component}-${number}`)
        : `${component}-7d9f8-${number.toString(36).padStart(5, 'x')}`,
    component,
    createdAt: world.loop.now(),
    node: random.pick(target.nodes),
    ip: `10.${target.index % 250}.${(number >> 8) % 250}.${number % 250}`,
    owner: kind === 'none' ? null : { kind, name: component },
    labelled: true,
    phase: 'Pending',
    container: 'waiting',
    reason: 'ContainerCreating',
    startedAt: null,
    startSkewMs: 0,
    stopSkewMs: 0,
    restarts: 0,
    lastTermination: null,
    ready: false,
    terminatingAt: null,
    gone: false,
    life: 0,
    jobId: 0,
    rowState: 'running',
    beat: { ...beaterFrom(Infinity, BEAT_MS), stopped: true },
    hindered: 0,
    wedge: null,
    backAt: -Infinity,
    deaf: false,
    probesErrAt: null,
    memoryShare: 0.5,
    fact: null,
  };
  target.pods.push(pod);
  changed(target, pod);
  world.loop.at(world.loop.now() + bootMs, () => startContainer(world, target, pod));
  return pod;
}

/** The container runs; its process beats a few seconds later, if nothing is in its way. */
export function startContainer(world: World, target: SimTarget, pod: SimPod): void {
  if (pod.gone || pod.terminatingAt !== null || pod.container === 'running' || pod.phase === 'Failed') return;
  const now = world.loop.now();
  pod.life += 1;
  pod.phase = 'Running';
  pod.container = 'running';
  pod.reason = null;
  pod.startedAt = now;
  pod.startSkewMs = pod.node.skewMs;
  pod.stopSkewMs = pod.node.skewMs;
  pod.ready = true;
  target.madeJobs += 1;
  pod.jobId = target.madeJobs;
  pod.rowState = 'running';
  const firstAt = now + target.random.between(5, 15) * SECOND_MS;
  const usualMs = BEAT_MS + target.random.between(0, 400);
  const periodMs = pod.component === 'scheduler' ? (target.slow?.periodMs ?? usualMs) : usualMs;
  pod.beat = beaterFrom(firstAt, periodMs);
  changed(target, pod);
  if (target.database.mode !== 'up' && target.database.mode !== 'slow') pod.hindered |= HINDRANCES.database;
  if (pod.component === 'scheduler' && isLocked(target, pod)) pod.hindered |= HINDRANCES.locks;
  if (pod.hindered !== 0) stop(pod.beat, now);
  refreshWork(world, target, firstAt - now);
}

function isLocked(target: SimTarget, pod: SimPod): boolean {
  return (
    target.database.stranger !== null ||
    target.pods.some((one) => one !== pod && one.wedge?.kind === 'holding' && !one.gone)
  );
}

/** The life of a container ends; its row stays. */
export function endLife(world: World, target: SimTarget, pod: SimPod, state: string): void {
  const now = world.loop.now();
  const beatAt = lastOf(pod.beat, now);
  if (pod.startedAt !== null && beatAt !== -Infinity) {
    target.oldRows.push({
      id: pod.jobId,
      component: pod.component,
      hostname: pod.name,
      beatAt: beatAt + beatSkewOf(pod),
      startAt: pod.startedAt + 5_000 + pod.startSkewMs,
      endedAt: now,
      state,
    });
  }
  stop(pod.beat, now);
  pod.wedge = null;
  pod.deaf = false;
  pod.probesErrAt = null;
  pod.container = 'terminated';
  pod.ready = false;
  changed(target, pod);
}

/** Kubelet or the process itself ends the container, and another one starts in the same pod. */
export function restartInPlace(
  world: World,
  target: SimTarget,
  pod: SimPod,
  reason: string,
  downMs: DurationMs,
) {
  if (pod.gone || pod.container !== 'running') return;
  const wasHolding = pod.wedge?.kind === 'holding';
  endLife(world, target, pod, 'failed');
  pod.restarts += 1;
  pod.lastTermination = { reason, exitCode: reason === 'OOMKilled' ? 137 : 1, at: world.loop.now() };
  pod.container = 'waiting';
  pod.reason = downMs > 10_000 ? 'CrashLoopBackOff' : 'ContainerCreating';
  pod.hindered &= ~(HINDRANCES.wedge | HINDRANCES.database | HINDRANCES.locks);
  if (wasHolding) freePeers(world, target, pod);
  refreshWork(world, target, 0);
  tell(world, target, `${pod.name} restarts in place (${reason})`);
  world.loop.at(world.loop.now() + downMs, () => startContainer(world, target, pod));
}

/** Somebody deleted the pod. True when that changed anything. */
export function terminate(world: World, target: SimTarget, pod: SimPod, takesMs: DurationMs | null): boolean {
  if (pod.gone || pod.terminatingAt !== null) return false;
  const now = world.loop.now();
  pod.terminatingAt = now;
  hinder(world, target, pod, 'ending');
  changed(target, pod);
  if (takesMs !== null) world.loop.at(now + takesMs, () => vanish(world, target, pod));
  reconcile(world, target, workloadOf(target, pod.component));
  return true;
}

export function vanish(world: World, target: SimTarget, pod: SimPod): void {
  if (pod.gone) return;
  const wasHolding = pod.wedge?.kind === 'holding';
  if (pod.container === 'running') endLife(world, target, pod, 'failed');
  pod.gone = true;
  target.pods = target.pods.filter((one) => one !== pod);
  target.api.pods = null;
  if (wasHolding) freePeers(world, target, pod);
  refreshWork(world, target, 0);
  reconcile(world, target, workloadOf(target, pod.component));
}

/** The workload's controller: as many pods as wanted. */
export function reconcile(world: World, target: SimTarget, workload: Workload): void {
  target.unsettled = true;
  if (workload.kind === 'none') {
    remakeByHand(world, target, workload);
    return;
  }
  const here = presentOf(target, workload);
  for (let missing = workload.wanted - here.length - workload.coming; missing > 0; missing -= 1) {
    const afterMs = workload.replaceMs();
    if (afterMs === null) return;
    workload.coming += 1;
    world.loop.at(world.loop.now() + afterMs, () => {
      workload.coming -= 1;
      if (presentOf(target, workload).length < workload.wanted)
        createPod(world, target, workload, bootMs(target));
    });
  }
  const living = here.filter((pod) => pod.terminatingAt === null);
  for (const pod of living.slice(workload.wanted)) terminate(world, target, pod, 5 * SECOND_MS);
}

/** Nothing replaces a bare pod but the person who made it, some time. */
function remakeByHand(world: World, target: SimTarget, workload: Workload): void {
  const afterMs = target.random.spread(5, 200) * 60_000;
  world.loop.at(world.loop.now() + afterMs, () => completeByHand(world, target, workload));
}

export function completeByHand(world: World, target: SimTarget, workload: Workload): void {
  if (workload.kind !== 'none') return;
  for (let missing = workload.usual - presentOf(target, workload).length; missing > 0; missing -= 1)
    createPod(world, target, workload, 1_000);
}

/** A Deployment replaces what terminates, a StatefulSet waits for its name. */
function presentOf(target: SimTarget, workload: Workload): readonly SimPod[] {
  return target.pods.filter((pod) => {
    if (pod.component !== workload.component || !pod.labelled) return false;
    if (pod.phase === 'Failed' || pod.phase === 'Succeeded') return false;
    return pod.terminatingAt === null || workload.kind === 'StatefulSet';
  });
}

export function bootMs(target: SimTarget): DurationMs {
  const { random } = target;
  return (random.chance(0.9) ? random.between(1, 20) : random.spread(20, 200)) * SECOND_MS;
}

/** What the API server tells of it has changed. */
export function changed(target: SimTarget, pod: SimPod): void {
  pod.fact = null;
  target.api.pods = null;
  target.unsettled = true;
}
