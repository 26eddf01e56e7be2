import { describe, expect, test } from '@jest/globals';
import type { TickReport } from '../../../functions/core/report.ts';
import { MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { ageUntilNextTick, calmWorld } from '../../fakes/stories.ts';
import type { World } from '../../fakes/world.ts';

/** What makes a tick doubt itself, and undoes it. */
const SICK: readonly {
  readonly name: string;
  readonly begin: (world: World) => void;
  readonly says: RegExp;
}[] = [
  {
    name: 'sleeps take seconds longer than they should',
    begin: ({ weather }) => {
      weather.stallMs = 4_000;
    },
    says: /stood still for 4s/,
  },
  {
    name: 'many of its looks are throttled',
    begin: ({ of, clock }) => {
      for (const id of ['c', 'd', 'e']) of(id).begin(of(id).throttles, clock.now());
    },
    says: /looks were throttled/,
  },
  {
    name: 'most clusters are silent at once',
    begin: ({ of, clock }) => {
      for (const id of ['c', 'd', 'e']) of(id).begin(of(id).blinds, clock.now());
    },
    says: /3 of 5 clusters are silent at once/,
  },
];

const FIVE = ['a', 'b', 'c', 'd', 'e'].map((id) => ({
  id,
  target: { cluster: { kind: 'kubeconfig', path: null, context: `cluster-${id}` } as const },
}));

/** Those whom the doubt is about fell sick long ago, so that no storm holds what the doubt is to hold. */
async function doubtingWorld(begin: (world: World) => void): Promise<World> {
  const world = await calmWorld(...FIVE);
  begin(world);
  await world.ticks(35);
  world.sent.length = 0;
  return world;
}

describe.each(SICK)('a tick that notices that $name', ({ begin, says }) => {
  test('says so in its report and in an alert', async () => {
    const world = await calmWorld(...FIVE);
    begin(world);
    const reports: TickReport[] = [];
    for (let tick = 0; tick < 9; tick += 1) {
      // Somebody is suspicious in each of them, so that it sleeps.
      const pod = world.of('a').pod(world.clock.now());
      world.of('a').end(pod.wedges, world.clock.now());
      ageUntilNextTick(world, 30_000);
      pod.wedges.push({ from: world.clock.now(), to: world.clock.now() + 34_000 });
      reports.push(await world.tick());
    }
    expect(reports.flatMap(({ targets }) => targets.flatMap(({ self }) => self)).join()).toMatch(says);
    const told = world.sent.filter(({ notification }) => notification.target === 'fleet');
    expect(told.map(({ notification }) => notification.text).join()).toMatch(/doubts itself/);
  });

  test('does not believe three bad looks of seconds, and believes six over a minute and a half', async () => {
    const world = await doubtingWorld(begin);
    const pod = world.wedge('a');
    world.clock.advanceTo(world.clock.now() + 70_000);
    const from = world.clock.now();
    const first = await world.tick();
    expect(first.targets.find(({ target }) => target === 'a')?.decision).toMatchObject({
      code: 'self-degraded',
    });
    expect(world.removed).toEqual([]);
    await world.ticks(4);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
    expect((world.removed[0]?.at ?? 0) - from).toBeLessThanOrEqual(4 * MINUTE_MS);
  });

  test('removes nobody who falls silent for a minute and beats again', async () => {
    for (let second = 0; second < 60; second += 10) {
      const world = await doubtingWorld(begin);
      world.clock.advanceTo(world.clock.now() + second * SECOND_MS);
      const from = world.clock.now();
      for (const id of ['a', 'b']) {
        const pod = world.of(id).pod(from);
        pod.wedges.push({ from, to: from + 75_000 });
      }
      await world.ticks(5);
      expect({ second, removed: world.removed }).toEqual({ second, removed: [] });
    }
  });
});

test('a tick that began late by more than EventBridge explains doubts itself', async () => {
  const world = await calmWorld();
  world.wedge();
  world.nextMinute();
  world.nextMinute();
  world.clock.advanceTo(world.tickAt() + 80_000);
  const report = await world.run(world.start().ports);
  expect(report.targets[0]?.self).toEqual([expect.stringMatching(/began 1m20s late/)]);
  expect(report.targets[0]?.decision).toMatchObject({ code: 'self-degraded' });
  expect(world.removed).toEqual([]);
});

test('a healthy tick has no doubts, whatever is sick outside', async () => {
  const world = await calmWorld(...FIVE);
  world.wedge('a');
  world.clock.advanceTo(world.clock.now() + 70_000);
  const report = await world.tick();
  expect(report.targets.flatMap(({ self }) => self)).toEqual([]);
  expect(world.removed).toHaveLength(1);
});
