import { expect, test } from '@jest/globals';
import { explain } from '../../functions/commands/explain.ts';
import { DIAGNOSIS } from '../../functions/core/diagnosis.ts';
import type { Explanation } from '../../functions/core/explanation.ts';
import { HOLD_CODES } from '../../functions/core/guards.ts';
import { MINUTE_MS } from '../../functions/core/time.ts';
import { recordedOutput } from '../fakes/output.ts';
import { calmWorld, wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';
import { expectGolden } from './golden.ts';

const remembered = (world: World) => ({ ...world.start().ports, place: 'memory:' });

async function explained(world: World, at: number | null = null) {
  const said = recordedOutput('explain');
  const code = await explain({ target: 'a', at }, remembered(world), said.output);
  return { code, explanation: said.lines()[0] as Explanation & { readonly later: readonly string[] } };
}

test('a hold for people: facts, rows, guards and limits in tables that fit 80 columns', async () => {
  const { world } = await wedgedWorld({ policy: { mode: 'watch' } });
  await world.tick();
  const said = recordedOutput();
  expect(await explain({ target: 'a', at: null }, remembered(world), said.output)).toBe(1);
  expectGolden('explain.txt', said.text());
  // Sentences may be longer; what has borders may not.
  const bordered = said
    .text()
    .split('\n')
    .filter((line) => /^[╔╟║╚│┌├└]/.test(line));
  expect(bordered.length).toBeGreaterThan(20);
  expect(bordered.filter((line) => [...line].length > 80)).toEqual([]);
});

test('a removal is explained by the row that matched, those behind it, and every guard with its answer', async () => {
  const { world, pod } = await wedgedWorld();
  await world.tick();
  const { code, explanation } = await explained(world);
  expect(code).toBe(1);
  expect(explanation).toMatchObject({
    decision: { kind: 'remove', uid: pod.uid, cause: 'dead' },
    recorded: `remove ${pod.uid}`,
    isReplayed: true,
  });
  const [one] = explanation.pods;
  expect(one?.rows[0]).toMatchObject({ id: 'dead', isChosen: true });
  expect(one?.rows.map(({ id }) => id)).toContain('no-witness');
  expect(one?.guards?.map(({ code: guard }) => guard)).toEqual([...HOLD_CODES]);
  expect(one?.guards?.every(({ why }) => why === null)).toBe(true);
  expect(one?.limit).toEqual({
    limit: 'heartbeat of scheduler',
    value: '45s',
    from: 'policy.heartbeatLimit',
  });
  expect(one?.wouldChange).toContain('a heartbeat younger than 45s: healthy (row fresh)');
});

test('what would change it is found by asking the table: each named row is one of its rows', async () => {
  const { world } = await wedgedWorld();
  await world.tick();
  const { explanation } = await explained(world);
  const ids = DIAGNOSIS.map(({ id }) => id);
  const near = explanation.pods.flatMap((pod) => pod.near);
  expect(near.length).toBeGreaterThan(1);
  expect(near.filter(({ id }) => !ids.includes(id))).toEqual([]);
});

test('--at explains the decision of that time, with the policy and the memory of that time', async () => {
  const { world } = await wedgedWorld({ policy: { mode: 'watch' } });
  await world.tick();
  const then = world.clock.now();
  world.world.targets = world.world.targets.map((one) => ({
    ...one,
    policy: { ...one.policy, mode: 'remediate' },
  }));
  await world.ticks(2);
  expect((await explained(world, then)).explanation.decision).toMatchObject({ code: 'watch-mode' });
  expect((await explained(world)).explanation.decision).not.toMatchObject({ code: 'watch-mode' });
});

test('a learned limit says from what, a default that it is one', async () => {
  const world = await calmWorld({ policy: { heartbeatLimitMs: 'auto', cooldownMs: 20 * MINUTE_MS } });
  await world.ticks(30);
  const { code, explanation } = await explained(world);
  expect(code).toBe(0);
  expect(explanation.pods[0]?.limit.from).toMatch(/^auto: 4 × the worst healthy age/);
  expect(explanation.limits).toContainEqual({ limit: 'cooldown', value: '20m', from: 'policy.cooldown' });
  expect(explanation.limits).toContainEqual({ limit: 'stallLimit', value: '5m', from: 'default' });
  expect(explanation.pods[0]?.guards).toBeNull();
});

test('ticks that keep no looks are named, and so is what is not kept of those that do', async () => {
  const world = await calmWorld();
  await world.ticks(12);
  const { blinds, begin } = world.of('a');
  begin(blinds, world.clock.now());
  await world.ticks(2);
  const { explanation } = await explained(world);
  expect(explanation.later).toEqual([expect.stringMatching(/kept no looks; it decided "hold blind"$/)]);
  expect(explanation.notKept.join()).toMatch(/labels of pods/);
});

test('where nothing is kept it says so, and that is no pass', async () => {
  const world = await calmWorld();
  const { code } = await explained(world, 0);
  expect(code).toBe(3);
});
