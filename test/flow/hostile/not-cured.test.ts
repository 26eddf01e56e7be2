import { expect, test } from '@jest/globals';
import { MINUTE_MS } from '../../../functions/core/time.ts';
import { changeTarget } from '../../../functions/flow/saved-state.ts';
import { calmWorld } from '../../fakes/stories.ts';
import type { World } from '../../fakes/world.ts';

const POD_PORT = [{ kind: 'pod', port: 8974, path: '/health' }] as const;

/** From now on the health servers of these pods, and of all that come after them, cannot be reached. */
function cutOff(world: World, isReached: (uid: string) => boolean): void {
  world.weather.onLook = () => {
    for (const pod of world.of('a').pods)
      if (!isReached(pod.uid)) world.of('a').begin(pod.silences, world.clock.now());
  };
}

const healthOnly = {
  components: { scheduler: 2 },
  target: { database: null, health: POD_PORT },
  policy: { startupGraceMs: MINUTE_MS },
} as const;

test('what a removal did not cure is not removed again: not the next hour, not the next day, until a person resumes it', async () => {
  const world = await calmWorld(healthOnly);
  const [, peer] = world.of('a').living(world.clock.now());
  cutOff(world, (uid) => uid === peer?.uid);
  await world.ticks(60);
  expect(world.removed).toHaveLength(1);
  expect(world.titles('pager').join()).toContain('a person is needed');
  expect(world.titles('slack').at(-1)).toMatch(/removal held \(not-cured\)/);
  for (let hour = 0; hour < 50; hour += 1) {
    world.clock.advanceTo(world.clock.now() + 50 * MINUTE_MS);
    await world.ticks(10);
  }
  expect(world.removed).toHaveLength(1);
  expect(world.kinds('pager')).not.toContain('resolved');
  await changeTarget(world.store, 'a', (state) => ({ ...state, resumedAt: world.clock.now() }));
  await world.ticks(10);
  expect(world.removed).toHaveLength(2);
});

test('a recovery lets go what was not cured', async () => {
  const world = await calmWorld(healthOnly);
  const [, peer] = world.of('a').living(world.clock.now());
  cutOff(world, (uid) => uid === peer?.uid);
  await world.ticks(40);
  expect(world.removed).toHaveLength(1);
  world.weather.onLook = () => {};
  for (const pod of world.of('a').pods) world.of('a').end(pod.silences, world.clock.now());
  await world.ticks(10);
  expect(world.kinds('pager').at(-1)).toBe('resolved');
  world.of('a').begin(world.of('a').pod(world.clock.now()).silences, world.clock.now());
  await world.ticks(12);
  expect(world.removed).toHaveLength(2);
});

test('a network policy that cuts off all of them costs nobody a pod, and is told', async () => {
  const world = await calmWorld(healthOnly);
  cutOff(world, () => false);
  await world.ticks(60);
  expect(world.removed).toEqual([]);
  expect(world.titles('pager').length).toBeGreaterThan(0);
});
