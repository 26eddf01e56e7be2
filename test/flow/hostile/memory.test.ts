import { describe, expect, test } from '@jest/globals';
import { HOUR_MS, MINUTE_MS } from '../../../functions/core/time.ts';
import type { SimPod } from '../../fakes/airflow.ts';
import { calmWorld } from '../../fakes/stories.ts';
import type { World } from '../../fakes/world.ts';

const LIMIT = 1_000e6;
const RESTART = { restartAbove: 0.9, when: 'quiet' } as const;

/** Each pod begins with 300 MB and takes so much more every hour, from now on. */
function leak(world: World, megabytesPerHour: number): void {
  const from = world.clock.now();
  const of = (pod: SimPod, at: number) =>
    (300 + (megabytesPerHour * (at - Math.max(from, pod.createdAt))) / HOUR_MS) * 1e6;
  world.of('a').world.memory = { limitBytes: LIMIT, of };
}

test('memory that climbs is told while there is time, once, and nobody is removed or paged for it', async () => {
  const world = await calmWorld();
  leak(world, 40);
  await world.ticks(3 * 60);
  expect(world.titles()).toEqual([]);
  await world.ticks(5 * 60);
  expect(world.titles('slack')).toEqual([expect.stringMatching(/^a: memory of .* will be full$/)]);
  expect(world.sent[0]?.notification).toMatchObject({ severity: 'warning' });
  expect(world.sent[0]?.notification.text).toMatch(/climbs by 38 MiB an hour.*full in about 1[0-2] h/);
  expect(world.removed).toEqual([]);
});

describe('with `memory: { restartAbove: 90%, when: quiet }`', () => {
  test('a pod that leaks is removed in a quiet minute, before its memory is full, and its replacement is well', async () => {
    const world = await calmWorld({ policy: { memory: RESTART } });
    leak(world, 100);
    world.of('a').world.runningTasks = 2;
    // 900 MB are reached after six hours.
    await world.ticks(6 * 60 + 30);
    expect(world.removed).toEqual([]);
    expect(world.titles('slack').join()).toContain('removal held (not-quiet)');
    world.of('a').world.runningTasks = 0;
    await world.ticks(5);
    expect(world.removed).toHaveLength(1);
    await world.ticks(10);
    expect(world.kinds('slack').at(-1)).toBe('resolved');
    expect(world.sent.every(({ notification }) => notification.severity !== 'critical')).toBe(true);
  });

  test('of two that leak alike one goes after the other, each once it is proved that the other one works', async () => {
    const world = await calmWorld({ policy: { memory: RESTART }, components: { scheduler: 2 } });
    leak(world, 200);
    await world.ticks(3 * 60 + 60);
    expect(world.removed).toHaveLength(1);
    const [first] = world.removed;
    await world.ticks(6 * 60);
    // One more removal would leave none of the budget for a wedge.
    expect(world.removed[1]?.at ?? Number.NaN).toBeGreaterThan((first?.at ?? 0) + 6 * HOUR_MS - MINUTE_MS);
  });

  test('a leak that fills memory anew within minutes does not spend the budget', async () => {
    const world = await calmWorld({ policy: { memory: RESTART } });
    leak(world, 3_600);
    await world.ticks(4 * 60);
    expect(world.removed).toHaveLength(1);
    expect(world.titles('slack').join()).toContain('removal held (not-quiet)');
  });

  test('memory that cannot be read removes nobody', async () => {
    const world = await calmWorld({ policy: { memory: RESTART } });
    await world.ticks(60);
    expect(world.removed).toEqual([]);
  });

  test('a wedge does not wait for a quiet minute', async () => {
    const world = await calmWorld({ policy: { memory: RESTART } });
    leak(world, 100);
    world.of('a').world.runningTasks = 2;
    await world.ticks(6 * 60 + 30);
    world.wedge('a');
    await world.ticks(4);
    expect(world.removed).toHaveLength(1);
  });
});
