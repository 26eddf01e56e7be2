import type { ComponentName } from '../../../functions/core/target.ts';
import { MINUTE_MS } from '../../../functions/core/time.ts';
import type { Random } from '../random.ts';
import type { Episode, SimPod, SimTarget, World } from '../world/model.ts';

/** Where an episode plays. Its chances are its own, so that leaving one out changes no other. */
export interface Stage {
  readonly world: World;
  readonly target: SimTarget;
  readonly random: Random;
  readonly episode: Episode;
}

/** One kind of adversity. */
export interface EpisodeKind {
  readonly kind: string;
  readonly weight: number;
  readonly scope: 'target' | 'fleet' | 'watchdog';
  /** Minutes, drawn so that each power of ten is as likely. */
  readonly lasts: readonly [low: number, high: number];
  /** Nothing that would excuse a missed wedge beside it. */
  readonly isHarmless?: boolean;
  readonly isWedge?: boolean;
  /** What begins; returns what ends it, or null where it has no end of its own. */
  readonly begin: (stage: Stage) => (() => void) | null;
}

export function living(target: SimTarget, component?: ComponentName): readonly SimPod[] {
  return target.pods.filter(
    (pod) =>
      pod.container === 'running' &&
      pod.terminatingAt === null &&
      (component === undefined || pod.component === component),
  );
}

/** A running pod, of a watched component where there is one. */
export function anyPod({ target, random }: Stage, component?: ComponentName): SimPod | null {
  const watched = new Set(target.document.components.map(({ name }) => name));
  const pods = living(target, component).filter((pod) => watched.has(pod.component));
  return pods.length === 0 ? null : random.pick(pods);
}

/** Does something again and again until it is told to stop. */
export function repeat(world: World, everyMs: () => number, run: () => void): () => void {
  let isOn = true;
  const next = () => {
    if (!isOn) return;
    run();
    world.loop.at(world.loop.now() + everyMs(), next);
  };
  next();
  return () => {
    isOn = false;
  };
}

export const minutes = (random: Random, low: number, high: number) => random.spread(low, high) * MINUTE_MS;
