import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Policy } from '../../functions/core/policy.ts';
import { replayable } from '../../functions/core/replay.ts';
import { simulate } from '../../functions/core/simulated.ts';
import { livedWorld, looksOfWorld, troubles } from '../fakes/lives.ts';
import type { World } from '../fakes/world.ts';

async function simulated(world: World, policyOf: (inForce: Policy) => Policy) {
  const [target] = world.world.targets;
  if (target === undefined) throw new Error('the world has a target');
  return simulate(target, (await looksOfWorld(world)).map(replayable), policyOf);
}

test('the same policy changes nothing, in any world, and every look can be judged again', async () => {
  let looks = 0;
  await fc.assert(
    fc.asyncProperty(troubles, async (list) => {
      const found = await simulated(await livedWorld(list), (inForce) => ({ ...inForce }));
      expect(found).toMatchObject({ differences: [], notReplayable: {}, same: found.looks });
      looks += found.looks;
    }),
    { numRuns: 30 },
  );
  expect(looks).toBeGreaterThan(150);
});

test('under a policy that only watches every removal is lost, once, and none is gained', async () => {
  let removed = 0;
  await fc.assert(
    fc.asyncProperty(troubles, async (list) => {
      const world = await livedWorld(list);
      const { differences } = await simulated(world, (inForce) => ({ ...inForce, mode: 'watch' }));
      const kinds = differences.map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'removal-lost')).toHaveLength(world.removed.length);
      expect(kinds).not.toContain('removal-gained');
      removed += world.removed.length;
    }),
    { numRuns: 30 },
  );
  expect(removed).toBeGreaterThan(10);
});

test('no pod is gained twice, or both gained and lost', async () => {
  let gained = 0;
  await fc.assert(
    fc.asyncProperty(troubles, async (list) => {
      const world = await livedWorld(list, { policy: { mode: 'watch' } });
      const { differences } = await simulated(world, (inForce) => ({ ...inForce, mode: 'remediate' }));
      const uids = differences
        .filter(({ kind }) => kind.startsWith('removal'))
        .map(({ kind, was, is }) => (kind === 'removal-lost' ? was : is));
      expect(new Set(uids).size).toBe(uids.length);
      gained += uids.length;
    }),
    { numRuns: 30 },
  );
  expect(gained).toBeGreaterThan(10);
});
