import { createWorld, type World, type WorldTarget } from './world.ts';

/** Ticks that outlast the start-up grace and prove every signal. */
export const CALM_TICKS = 8;

/** A world in which everything beats, and has been seen beating. */
export async function calmWorld(...targets: readonly WorldTarget[]): Promise<World> {
  const world = createWorld(targets.length === 0 ? [{}] : targets);
  await world.ticks(CALM_TICKS);
  return world;
}

/** Lets time pass so that at the next tick a heartbeat that stopped now is about this old. */
export function ageUntilNextTick(world: World, ageMs: number): void {
  const now = world.clock.now();
  const nextMinute = Math.ceil((now + ageMs) / 60_000) * 60_000;
  world.clock.advanceTo(nextMinute - ageMs);
}

/** A scheduler that was well is wedged for longer than its limit when the next tick comes. */
export async function wedgedWorld(...targets: readonly WorldTarget[]) {
  const world = await calmWorld(...targets);
  const pod = world.wedge(world.world.targets[0]?.id);
  world.clock.advanceTo(world.clock.now() + 70_000);
  return { world, pod };
}
