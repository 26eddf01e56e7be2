import type { Break } from './laws/law.ts';
import { type Ask, runWorld } from './run-world.ts';
import { newTally, type Tally } from './tally.ts';

export interface BatchBreak extends Break {
  readonly world: number;
}

export interface Batch {
  readonly worlds: number;
  readonly tally: Tally;
  readonly breaks: readonly BatchBreak[];
  /** Of this process' processor time. */
  readonly cpuMs: number;
}

/** Worlds one after the other until so many targets have had their ticks. */
export async function runBatch(
  ask: Omit<Ask, 'world' | 'keep'>,
  targetTicks: number,
  each: (world: number, breaks: readonly Break[], tally: Tally) => void = () => undefined,
): Promise<Batch> {
  const tally = newTally();
  const breaks: BatchBreak[] = [];
  const began = process.cpuUsage();
  let world = 0;
  for (; tally.targetTicks < targetTicks; world += 1) {
    const ran = await runWorld({ ...ask, world, keep: null }, tally);
    for (const one of ran.breaks) breaks.push({ ...one, world });
    each(world, ran.breaks, tally);
  }
  const { user, system } = process.cpuUsage(began);
  return { worlds: world, tally, breaks, cpuMs: (user + system) / 1_000 };
}
