import type { DurationMs } from '../../../functions/core/time.ts';
import { goOn, setPeriod, stop } from './beater.ts';
import {
  HINDRANCES,
  type Hindrance,
  type SimPod,
  type SimTarget,
  type WedgeKind,
  type World,
} from './model.ts';

/** Something begins to keep a pod from working. */
export function hinder(world: World, target: SimTarget, pod: SimPod, what: Hindrance): void {
  pod.hindered |= HINDRANCES[what];
  if (!pod.beat.stopped) pod.stopSkewMs = pod.node.skewMs;
  stop(pod.beat, world.loop.now());
  refreshWork(world, target, 0);
}

/** It ends, and the pod goes on after a while, unless something else is in its way. */
export function release(world: World, target: SimTarget, pod: SimPod, what: Hindrance, afterMs: DurationMs) {
  if ((pod.hindered & HINDRANCES[what]) === 0) return;
  pod.hindered &= ~HINDRANCES[what];
  if (what === 'node') pod.backAt = world.loop.now();
  if (pod.hindered !== 0 || pod.container !== 'running' || pod.gone) return;
  goOn(pod.beat, world.loop.now() + afterMs);
  refreshWork(world, target, afterMs);
}

export function wedge(world: World, target: SimTarget, pod: SimPod, kind: WedgeKind): void {
  pod.wedge ??= { kind, at: world.loop.now(), clearSince: null, wasDue: false };
  if (kind === 'frozen') pod.deaf = true;
  if (kind === 'stalled' || kind === 'no-queue' || kind === 'starts-nothing') refreshWork(world, target, 0);
  else hinder(world, target, pod, 'wedge');
  if (kind !== 'holding') return;
  for (const peer of target.pods)
    if (peer !== pod && peer.component === 'scheduler') hinder(world, target, peer, 'locks');
}

export function heal(world: World, target: SimTarget, pod: SimPod): void {
  const was = pod.wedge;
  if (was === null) return;
  pod.wedge = null;
  pod.backAt = world.loop.now();
  if (was.kind === 'frozen') pod.deaf = false;
  release(world, target, pod, 'wedge', 500);
  if (was.kind === 'holding') freePeers(world, target, pod);
  refreshWork(world, target, 500);
}

/** The locks of a dead process are gone with it. */
export function freePeers(world: World, target: SimTarget, holder: SimPod): void {
  if (target.database.stranger !== null) return;
  for (const peer of target.pods) if (peer !== holder) release(world, target, peer, 'locks', 1_000);
}

export function isUp(pod: SimPod): boolean {
  return !pod.gone && pod.container === 'running' && pod.terminatingAt === null && pod.hindered === 0;
}

export function decides(pod: SimPod): boolean {
  return pod.component === 'scheduler' && isUp(pod) && pod.wedge?.kind !== 'stalled';
}

/** Decisions and queueing go on as long as any scheduler does them. */
export function refreshWork(world: World, target: SimTarget, afterMs: DurationMs): void {
  target.unsettled = true;
  const now = world.loop.now();
  const deciding = target.pods.filter(decides);
  const from = Math.min(...deciding.map((pod) => Math.max(now + afterMs, pod.beat.goesOnAt)));
  if (deciding.length === 0) stop(target.decisions, now);
  else {
    goOn(target.decisions, from);
    const periodMs = target.slow?.silent === true ? target.slow.periodMs : 1_000;
    if (periodMs !== target.decisions.periodMs) setPeriod(target.decisions, now, periodMs);
  }
  if (deciding.every((pod) => pod.wedge?.kind === 'no-queue')) stop(target.queueing, now);
  else goOn(target.queueing, from);
}
