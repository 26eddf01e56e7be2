import { describe, expect, test } from '@jest/globals';
import { MINUTE_MS } from '../../../functions/core/time.ts';
import { calmWorld } from '../../fakes/stories.ts';
import type { World } from '../../fakes/world.ts';

const POD_PORT = [{ kind: 'pod', port: 8974, path: '/health' }] as const;

describe('what a removal did not cure is not removed again', () => {
  const silenceAll = (world: World) => {
    const cut = () => {
      for (const pod of world.of('a').pods) world.of('a').begin(pod.silences, world.clock.now());
    };
    world.weather.onLook = cut;
  };

  test('a network policy between API server and pods costs one pod, not one each day, and a person is told', async () => {
    const world = await calmWorld({
      components: { scheduler: 2 },
      target: { database: null, health: POD_PORT },
      policy: { startupGraceMs: MINUTE_MS },
    });
    silenceAll(world);
    await world.ticks(60);
    expect(world.removed).toHaveLength(1);
    expect(world.titles('pager').some((title) => title.includes('a person is needed'))).toBe(true);
    expect(world.titles('slack').at(-1)).toMatch(/removal held \(not-cured\)/);
    for (let hour = 0; hour < 50; hour += 1) {
      world.clock.advanceTo(world.clock.now() + 50 * MINUTE_MS);
      await world.ticks(10);
    }
    expect(world.removed).toHaveLength(1);
    expect(world.kinds('pager')).not.toContain('resolved');
  });
});
