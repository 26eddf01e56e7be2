import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MINUTE_MS } from '../../functions/core/time.ts';
import { createWorld, type World } from '../fakes/world.ts';

/** A scheduler that beats for eight ticks, longer than the start-up grace, and is wedged for longer than its limit. */
async function wedged(): Promise<{ readonly world: World; readonly uid: string }> {
  const world = createWorld();
  await world.ticks(8);
  const { uid } = world.wedge();
  world.clock.advanceTo(world.clock.now() + 70_000);
  return { world, uid };
}

/** However the run went: one pod was removed, once; it was replaced and everybody heard of the beginning and the end. */
function expectWholeStory(world: World, uid: string): void {
  expect(world.removed.map((one) => one.uid)).toEqual([uid]);
  for (const channel of ['slack', 'pager']) {
    const kinds = world.kinds(channel);
    expect(kinds).toContain('opened');
    expect(kinds.filter((kind) => kind === 'resolved').length).toBeGreaterThanOrEqual(1);
    expect(kinds.indexOf('opened')).toBeLessThan(kinds.indexOf('resolved'));
  }
}

async function effectsOfTheRemoval(): Promise<number> {
  const { world } = await wedged();
  world.nextMinute();
  const { ports, process } = world.start();
  await world.run(ports);
  return process.counted();
}

const count = await effectsOfTheRemoval();

describe.each(['before', 'after'] as const)('a run that dies %s an effect', (when) => {
  test.each(Array.from({ length: count }, (_, at) => at))('number %d of the removal', async (at) => {
    const { world, uid } = await wedged();
    await world.dyingTick({ crash: { at, when } });
    await world.ticks(12);
    expectWholeStory(world, uid);
    const state = await world.stateOf();
    expect(state.incident).toBeNull();
    expect(state.outbox).toEqual([]);
  });
});

test('without a crash the effects stand in the order of the design', async () => {
  const { world } = await wedged();
  const from = world.log.length;
  await world.tick();
  expect(world.lines(from, ['save', 'append', 'logs', 'remove', 'send'])).toEqual([
    'save #fleet reserve',
    'save a intent',
    'logs a current',
    'append a intent',
    expect.stringMatching(/^remove a .*deleted/),
    'save a answer',
    'append a removal',
    'append a told',
    'append a looks',
    'send a slack opened',
    'send a pager opened',
    'save a outbox',
  ]);
});

test('however often runs die and lose races, a wedge costs one removal and ends resolved', async () => {
  const fates = fc.array(
    fc.record({
      at: fc.nat(14),
      when: fc.constantFrom('before' as const, 'after' as const),
      conflicts: fc.array(fc.nat(3), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 2 },
  );
  await fc.assert(
    fc.asyncProperty(fates, async (list) => {
      const { world, uid } = await wedged();
      for (const { at, when, conflicts } of list) await world.dyingTick({ crash: { at, when }, conflicts });
      await world.ticks(30);
      expectWholeStory(world, uid);
      expect(world.watched.largestBytes).toBeLessThan(100_000);
    }),
    { numRuns: 60 },
  );
});

test('the same tick run twice at once over one store removes once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(6), { minLength: 30, maxLength: 30 }), async (turns) => {
      const { world, uid } = await wedged();
      world.nextMinute();
      let next = 0;
      const fate = { turns: () => turns[next++ % turns.length] ?? 0 };
      await Promise.all([world.run(world.start(fate).ports), world.run(world.start(fate).ports)]);
      await world.ticks(6);
      expectWholeStory(world, uid);
    }),
    { numRuns: 40 },
  );
});

test('the same tick delivered again does nothing', async () => {
  const { world } = await wedged();
  await world.tick();
  const from = world.log.length;
  await world.run(world.start().ports);
  expect(world.lines(from, ['pods', 'database', 'save', 'remove'])).toEqual([]);
});

test('a hundred healthy ticks remove nothing, tell nothing and leave no entry', async () => {
  const world = createWorld();
  await world.ticks(100);
  expect(world.removed).toEqual([]);
  expect(world.sent).toEqual([]);
  expect(await world.ledger()).toEqual([]);
});

test('nothing is removed twice within the cool-down, even when the replacement wedges, too', async () => {
  const { world } = await wedged();
  await world.ticks(4);
  expect(world.removed).toHaveLength(1);
  world.wedge();
  await world.ticks(6);
  expect(world.removed).toHaveLength(1);
  await world.ticks(20);
  expect(world.removed).toHaveLength(2);
  const [first, second] = world.removed;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(15 * MINUTE_MS);
});
