import { describe, expect, test } from '@jest/globals';
import { LIMITS } from '../../../functions/core/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { changeTarget } from '../../../functions/flow/saved-state.ts';
import { calmWorld } from '../../fakes/stories.ts';
import type { World } from '../../fakes/world.ts';

const fleetOf = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `t${at}` }));

/** So many targets wedge, each so long after the one before it. */
async function wedged(targets: number, sick: number, apartMs = 0): Promise<World> {
  const world = await calmWorld(...fleetOf(targets));
  const from = world.clock.now();
  for (let at = 0; at < sick; at += 1) {
    const pod = world.of(`t${at}`).pod(from);
    pod.wedges.push({ from: from + at * apartMs, to: null });
  }
  world.clock.advanceTo(from + 70_000);
  return world;
}

describe('the share that falls sick together', () => {
  test.each([
    { targets: 10, sick: 3, held: false },
    { targets: 10, sick: 4, held: true },
    { targets: 3, sick: 2, held: false },
    { targets: 3, sick: 3, held: true },
    { targets: 2, sick: 2, held: false },
    { targets: 40, sick: 12, held: false },
    { targets: 40, sick: 13, held: true },
  ])('$sick of $targets: held $held', async ({ targets, sick, held }) => {
    const world = await wedged(targets, sick);
    await world.ticks(3);
    expect(world.removed.length === 0).toBe(held);
    expect(world.titles('pager').some((title) => title.startsWith('storm:'))).toBe(held);
  });
});

describe('removals per slot', () => {
  test.each([
    { targets: 5, sick: 1, least: 1, most: 1 },
    { targets: 30, sick: 5, least: 1, most: 2 },
    { targets: 100, sick: 8, least: 5, most: 9 },
    { targets: 100, sick: 29, least: 1, most: 7 },
  ])(
    '$sick of $targets sick: from $least to $most in one slot, fewer the more are sick',
    async ({ targets, sick, least, most }) => {
      const world = await wedged(targets, sick);
      await world.tick();
      expect(world.removed.length).toBeGreaterThanOrEqual(least);
      expect(world.removed.length).toBeLessThanOrEqual(most);
    },
  );

  test('never two of one workload that two documents speak of', async () => {
    const world = await calmWorld({ id: 'a' }, { id: 'b' }, ...fleetOf(30));
    for (const id of ['a', 'b']) {
      const pod = world.of(id).pod(world.clock.now());
      pod.owner = { kind: 'ReplicaSet', name: 'shared' };
      world.weather.workloadNames.set(id, 'shared');
      world.wedge(id);
    }
    world.clock.advanceTo(world.clock.now() + 70_000);
    const report = await world.tick();
    expect(world.removed).toHaveLength(1);
    const codes = report.targets.flatMap(({ decision }) => (decision.kind === 'hold' ? [decision.code] : []));
    expect(codes).toEqual(['fleet-budget']);
  });

  test('never two of one target within its cool-down, and two runs at once remove no more than one', async () => {
    const world = await wedged(1, 1);
    world.nextMinute();
    await Promise.allSettled([world.run(world.start().ports), world.run(world.start().ports)]);
    await world.ticks(5);
    expect(world.removed).toHaveLength(1);
  });
});

describe('repairs that cure nothing', () => {
  /** So many targets whose removals nothing replaces, one after the other. */
  async function failing(count: number): Promise<World> {
    const world = await calmWorld(...fleetOf(20));
    for (let at = 0; at < count; at += 1) {
      world.of(`t${at}`).world.replaceMs = null;
      world.wedge(`t${at}`);
      world.clock.advanceTo(world.clock.now() + 70_000);
      await world.ticks(13);
    }
    return world;
  }

  test('of two hold nobody', async () => {
    const world = await failing(2);
    const pod = world.wedge('t10');
    world.clock.advanceTo(world.clock.now() + 70_000);
    await world.ticks(2);
    expect(world.removed.at(-1)?.uid).toBe(pod.uid);
  });

  test('of three hold every removal, and a person is told', async () => {
    const world = await failing(3);
    expect(world.removed).toHaveLength(3);
    expect(world.titles('pager')).toContain('removals cure nothing, all are held');
    world.wedge('t10');
    world.clock.advanceTo(world.clock.now() + 70_000);
    const report = await world.tick();
    expect(report.targets.find(({ target }) => target === 't10')?.decision).toMatchObject({
      code: 'repairs-failing',
    });
    await world.ticks(30);
    expect(world.removed).toHaveLength(3);
  });

  test('let go once they are made good after all', async () => {
    const world = await failing(3);
    for (const id of ['t0', 't1', 't2']) world.of(id).addPod('scheduler', world.clock.now());
    await world.ticks(10);
    const pod = world.wedge('t10');
    world.clock.advanceTo(world.clock.now() + 70_000);
    await world.ticks(3);
    expect(world.removed.at(-1)?.uid).toBe(pod.uid);
  });

  test('let go once a person has resumed the targets', async () => {
    const world = await failing(3);
    for (const id of ['t0', 't1', 't2'])
      await changeTarget(world.store, id, (state) => ({ ...state, resumedAt: world.clock.now() }));
    const pod = world.wedge('t10');
    world.clock.advanceTo(world.clock.now() + 70_000);
    await world.ticks(3);
    expect(world.removed.at(-1)?.uid).toBe(pod.uid);
  });

  test('let go after their time', async () => {
    const world = await failing(3);
    world.clock.advanceTo(world.clock.now() + LIMITS.repairsRememberedMs + MINUTE_MS);
    await world.ticks(2);
    const pod = world.wedge('t10');
    world.clock.advanceTo(world.clock.now() + 70 * SECOND_MS);
    await world.ticks(3);
    expect(world.removed.at(-1)?.uid).toBe(pod.uid);
  });

  test('of one target alone, however often, hold nobody else', async () => {
    const world = await calmWorld(...fleetOf(20));
    world.of('t0').world.replaceMs = null;
    world.wedge('t0');
    world.clock.advanceTo(world.clock.now() + 70_000);
    for (let round = 0; round < 5; round += 1) {
      await world.ticks(20);
      await changeTarget(world.store, 't0', (state) => ({ ...state, resumedAt: world.clock.now() }));
      const pod = world.of('t0').addPod('scheduler', world.clock.now() - 20 * MINUTE_MS);
      pod.wedges.push({ from: world.clock.now(), to: null });
    }
    const pod = world.wedge('t10');
    world.clock.advanceTo(world.clock.now() + 70_000);
    await world.ticks(2);
    expect(world.removed.at(-1)?.uid).toBe(pod.uid);
  });
});
