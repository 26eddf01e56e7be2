import { describe, expect, test } from '@jest/globals';
import { LIMITS } from '../../../functions/core/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { minuteOf } from '../../../functions/flow/run-check.ts';
import { calmWorld, wedgedWorld } from '../../fakes/stories.ts';
import { createWorld, type World } from '../../fakes/world.ts';

/** A tick as the function runs it: meant for a moment, begun some time after it. */
async function meantFor(world: World, second: number, lateSeconds: number) {
  world.nextMinute();
  const scheduledAt = world.tickAt() + second * SECOND_MS;
  world.clock.advanceTo(scheduledAt + lateSeconds * SECOND_MS);
  const at = { scheduledAt, key: minuteOf(scheduledAt) };
  return world.run(world.start().ports, at);
}

describe('lateness counts from the moment the schedule meant', () => {
  test.each([0, 1, 15, 30, 45, 58, 59])('a schedule that fires at second %d is not late', async (second) => {
    const { world, pod } = await wedgedWorld();
    for (let tick = 0; tick < 3; tick += 1) await meantFor(world, second, 1);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  });

  test.each([0, 30, 60, 75])("AWS's own jitter is no lateness: %d s", async (late) => {
    const { world, pod } = await wedgedWorld();
    for (let tick = 0; tick < 4; tick += 1) await meantFor(world, 59, late);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  });

  test('beyond two minutes it looks, tells and does not act', async () => {
    const { world } = await wedgedWorld();
    const report = await meantFor(world, 0, 125);
    expect(report.targets[0]?.decision).toMatchObject({ kind: 'hold', code: 'late-tick' });
    expect(world.removed).toEqual([]);
    expect(world.titles('pager')).toHaveLength(1);
  });
});

describe('a watchdog whose own clock is wrong', () => {
  const OFF = [-600, -60, -31, 31, 60, 600];

  test.each(OFF)('by %d s, called by a schedule that is right, still finds a wedge', async (seconds) => {
    const world = await calmWorld();
    world.weather.ourClockAheadMs = seconds * SECOND_MS;
    await world.ticks(2);
    expect(world.removed).toEqual([]);
    const pod = world.wedge();
    await world.ticks(6);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  });

  test.each(OFF)('by %d s, with the schedule in its own hands, still finds a wedge', async (seconds) => {
    const world = await calmWorld();
    world.weather.ourClockAheadMs = seconds * SECOND_MS;
    const own = async (ticks: number) => {
      for (let tick = 0; tick < ticks; tick += 1) {
        world.nextMinute();
        const { ports } = world.start();
        await world.run(ports, { scheduledAt: ports.clock.now(), ownSchedule: true });
      }
    };
    await own(2);
    const pod = world.wedge();
    await own(6);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  });

  test.each([-600, 600])(
    'by %d s does not take a young pod for an old one, nor an old one for young',
    async (seconds) => {
      const world = createWorld();
      world.weather.ourClockAheadMs = seconds * SECOND_MS;
      await world.ticks(8);
      const old = world.of('a').pod(world.clock.now());
      world.of('a').terminate(old, world.clock.now());
      world.of('a').world.bootMs = 0;
      const young = world.of('a').pods.at(-1);
      if (young === undefined) throw new Error('no replacement');
      young.wedges.push({ from: young.firstBeatAt + 20_000, to: null });
      world.clock.advanceTo(world.clock.now() + 70_000);
      await world.ticks(2);
      expect(world.removed).toEqual([]);
      await world.ticks(8);
      expect(world.removed.map(({ uid }) => uid)).toEqual([young.uid]);
    },
  );

  test.each([-600, -40, 40, 600])('by %d s is told so, and when it is right again', async (seconds) => {
    const world = await calmWorld();
    world.weather.ourClockAheadMs = seconds * SECOND_MS;
    await world.ticks(8);
    expect(world.titles()).toContain('a: clocks differ');
    world.weather.ourClockAheadMs = 0;
    await world.ticks(30);
    expect(world.kinds().at(-1)).toBe('resolved');
    expect((await world.stateOf()).incident).toBeNull();
  });

  test.each([-900, -120, 120, 900])(
    'that jumps by %d s in the middle removes nobody who beats',
    async (seconds) => {
      for (const health of [[], [{ kind: 'url' as const, url: 'https://a.example/health' }]]) {
        const target = health.length === 0 ? {} : { database: null, health };
        const world = await calmWorld({ target });
        for (let jump = 0; jump < 4; jump += 1) {
          world.weather.ourClockAheadMs = jump % 2 === 0 ? seconds * SECOND_MS : 0;
          await world.ticks(3);
        }
        expect(world.removed).toEqual([]);
      }
    },
  );
});

test.each([-600, -90, 90, 600])(
  'a database whose clock is %d s off costs nobody a pod, and is told',
  async (seconds) => {
    const world = await calmWorld({ components: { scheduler: 2, triggerer: 1 } });
    world.weather.databaseClockAheadMs = seconds * SECOND_MS;
    await world.ticks(12);
    expect(world.removed).toEqual([]);
    expect(world.titles()).toContain('a: clocks differ');
  },
);

test('a pod whose clock was ahead when it wedged goes once that moment has come', async () => {
  const world = createWorld([{}]);
  world.of('a').pod(world.clock.now()).clockBehindMs = -10 * MINUTE_MS;
  const pod = world.wedge();
  await world.ticks(60);
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
});

describe('first looks have a deadline', () => {
  test('3,000 targets whose URLs hang end in time: all are saved, and those who were not looked at are blind', async () => {
    const targets = Array.from({ length: 3_000 }, (_, at) => ({
      id: `t${at}`,
      target: { database: null, health: [{ kind: 'url' as const, url: `https://t${at}.example/health` }] },
    }));
    const world = createWorld(targets);
    world.weather.urlsHang = true;
    const startedAt = world.clock.now();
    const [report] = await world.ticks(1);
    expect(world.clock.now() - startedAt).toBeLessThanOrEqual(LIMITS.tickBudgetMs + MINUTE_MS);
    for (const { forMs, budgetMs } of world.awake) expect(forMs).toBeLessThanOrEqual(budgetMs);
    expect(report?.targets).toHaveLength(3_000);
    const unlooked = report?.targets.filter(({ blind }) => blind?.includes('no time left') === true) ?? [];
    expect(unlooked.length).toBeGreaterThan(1_000);
    expect((await world.stateOf(unlooked[0]?.target)).lastTick).toBe(world.tickAt());
    await world.ticks(2);
    expect(world.sent.length).toBeGreaterThan(0);
  }, 60_000);
});

describe('the first code of a hold is the one a person can act on', () => {
  test.each([
    { name: 'while its workload cannot be read', unreadable: true },
    { name: 'while it can', unreadable: false },
  ])('a bare pod is held as not-owned, $name', async ({ unreadable }) => {
    const { world, pod } = await wedgedWorld();
    pod.owner = null;
    world.weather.workloadUnreadable = unreadable;
    const report = await world.tick();
    expect(report.targets[0]?.decision).toMatchObject({ kind: 'hold', code: 'not-owned' });
    expect(world.titles('pager').at(-1)).toMatch(/removal held \(not-owned\)/);
  });
});
