import { expect, test } from '@jest/globals';
import { runBatch } from './batch.ts';
import { GREEN_TODAY, TARGETS } from './green-today.ts';
import { LAWS } from './laws/all.ts';
import { runWorld } from './run-world.ts';
import { newTally } from './tally.ts';
import { HOSTILE } from './world/draw-world.ts';
import { loadProgram } from './world/program.ts';

const program = await loadProgram();

/** More worlds, with a new seed each time, run outside of this suite: `npm run simulate`. */
const TARGET_TICKS = 40_000;

const batch = await runBatch({ seed: 1, program, hostility: GREEN_TODAY, targets: TARGETS }, TARGET_TICKS);

test.each(LAWS.map(({ name }) => name))('in all worlds of the fixed subset %s', (name) => {
  expect(batch.breaks.filter(({ law }) => law === name)).toEqual([]);
});

test('the laws do not hold for want of events', () => {
  expect(batch.tally.removals.wedged).toBeGreaterThan(10);
  expect(batch.tally.accepted).toBeGreaterThan(50);
  expect(Object.keys(batch.tally.episodes).length).toBeGreaterThan(20);
});

test('the same two numbers give the same world to the letter', async () => {
  const ask = { seed: 3, world: 7, program, hostility: HOSTILE, targets: 3, keep: null, verbose: true };
  const [one, other] = [await runWorld(ask, newTally()), await runWorld(ask, newTally())];
  expect(other.world.targets.map(({ story }) => story)).toEqual(one.world.targets.map(({ story }) => story));
  expect(other.breaks).toEqual(one.breaks);
});
