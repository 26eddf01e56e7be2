import { expect, test } from '@jest/globals';
import { MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { calmWorld } from '../../fakes/stories.ts';
import type { World } from '../../fakes/world.ts';

/** As kubelet does: the container ends and begins anew, and the pod stays. */
function startAnew(world: World): void {
  const now = world.clock.now();
  const pod = world.of('a').pod(now);
  pod.restarts += 1;
  pod.runningAt = now;
  pod.firstBeatAt = now + 10 * SECOND_MS;
}

test('a container that kubelet starts anew again and again is told as a crash loop', async () => {
  const world = await calmWorld();
  for (const _ of [1, 2, 3]) {
    startAnew(world);
    await world.ticks(4);
  }
  expect(world.titles()).toEqual([expect.stringContaining('crash-loops')]);
  expect(world.removed).toEqual([]);
});

test('whom kubelet starts anew while the database is away is no crash loop: one story, over soon after the database is back', async () => {
  const world = await calmWorld();
  const from = world.clock.now();
  world.of('a').outages.push({ from, to: from + 5 * MINUTE_MS });
  for (const _ of [1, 2, 3]) {
    await world.tick();
    startAnew(world);
    await world.tick();
  }
  await world.ticks(6);
  expect(world.titles().filter((title) => /crash/.test(title))).toEqual([]);
  expect(world.kinds().at(0)).toBe('opened');
  expect(world.kinds().at(-1)).toBe('resolved');
  expect(world.removed).toEqual([]);
});
