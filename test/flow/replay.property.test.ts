import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyOfDecision } from '../../functions/core/decision.ts';
import { replay, replayable } from '../../functions/core/replay.ts';
import { livedWorld, looksOfWorld, troubles } from '../fakes/lives.ts';

test('looks out of the ledger, judged again under the same policy, lead to the decision that was made', async () => {
  let removals = 0;
  let replayed = 0;
  await fc.assert(
    fc.asyncProperty(troubles, async (list) => {
      const world = await livedWorld(list);
      const [target] = world.world.targets;
      if (target === undefined) throw new Error('the world has a target');
      for (const entry of await looksOfWorld(world)) {
        const kept = replayable(entry);
        if (kept === null) throw new Error('entries of this version can be judged again');
        const { decision } = replay(target, kept).concluded;
        expect(`${kept.tick} ${keyOfDecision(decision)}`).toBe(`${kept.tick} ${kept.recording.decided}`);
        replayed += 1;
        if (decision.kind === 'remove') removals += 1;
      }
    }),
    { numRuns: 40 },
  );
  // The property must not hold for want of decisions.
  expect(removals).toBeGreaterThan(10);
  expect(replayed).toBeGreaterThan(200);
});
