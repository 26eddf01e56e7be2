import { describe, expect, test } from '@jest/globals';
import { SECOND_MS } from '../../../functions/core/time.ts';
import { createWorld, type World, type WorldTarget } from '../../fakes/world.ts';

const removedWell = (world: World) => world.removed.filter(({ wasWell }) => wasWell);

describe('a heartbeat that moves is life, whatever its age', () => {
  const paces: readonly (readonly [number, number])[] = [60, 90, 600].flatMap((behind) =>
    [5, 8, 10, 12].map((pace) => [behind, pace] as const),
  );

  const MIXES: readonly {
    readonly name: string;
    readonly given: WorldTarget;
    readonly behind: readonly number[];
  }[] = [
    { name: 'the only scheduler', given: {}, behind: [0] },
    { name: 'both schedulers', given: { components: { scheduler: 2 } }, behind: [0, 1] },
    { name: 'one scheduler of two', given: { components: { scheduler: 2 } }, behind: [1] },
    { name: 'the triggerer', given: { components: { scheduler: 1, triggerer: 1 } }, behind: [1] },
  ];

  describe.each(MIXES)('$name', ({ given, behind: which }) => {
    test.each(paces)(
      'with a node clock %d s behind and a beat every %d s is kept from the first look on',
      async (behind, pace) => {
        const wrong: number[] = [];
        for (let phase = 0; phase < pace; phase += 1) {
          const world = createWorld([given]);
          for (const at of which) {
            const pod = world.of('a').pods[at];
            if (pod === undefined) throw new Error('no such pod');
            pod.clockBehindMs = behind * SECOND_MS;
            pod.loops.push({ from: pod.firstBeatAt + phase * SECOND_MS, everyMs: pace * SECOND_MS });
          }
          await world.ticks(6);
          if (removedWell(world).length > 0) wrong.push(phase);
        }
        expect(wrong).toEqual([]);
      },
    );
  });

  test.each(paces.filter(([back]) => back !== 60))(
    'a node clock that is set back by %d s costs no pod that beats every %d s',
    async (back, pace) => {
      const wrong: number[] = [];
      for (let phase = 0; phase < pace; phase += 1) {
        const world = createWorld([{ components: { scheduler: 1, triggerer: 1 } }]);
        const pod = world.of('a').pod(world.clock.now(), 'triggerer');
        pod.loops.push({ from: pod.firstBeatAt + phase * SECOND_MS, everyMs: pace * SECOND_MS });
        await world.ticks(8);
        pod.clockSetBackMs = back * SECOND_MS;
        await world.ticks(6);
        if (removedWell(world).length > 0) wrong.push(phase);
      }
      expect(wrong).toEqual([]);
    },
  );

  test('a pod on a node whose clock is 60 s behind still goes when it wedges', async () => {
    const world = createWorld();
    const pod = world.of('a').pod(world.clock.now());
    pod.clockBehindMs = 60_000;
    await world.ticks(8);
    expect(world.removed).toEqual([]);
    world.wedge();
    world.clock.advanceTo(world.clock.now() + 70_000);
    await world.ticks(2);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  });
});
