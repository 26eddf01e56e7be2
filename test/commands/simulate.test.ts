import { expect, test } from '@jest/globals';
import { simulatePolicy } from '../../functions/commands/simulate.ts';
import { HOUR_MS, MINUTE_MS } from '../../functions/core/time.ts';
import { recordedOutput } from '../fakes/output.ts';
import { calmWorld, wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';
import { expectGolden } from './golden.ts';

async function simulated(world: World, text: string, json = true, sinceMs = 24 * HOUR_MS) {
  const said = recordedOutput(json ? 'simulate' : undefined);
  const ask = { policy: { source: 'policy.yaml', text }, sinceMs, targets: [] };
  const code = await simulatePolicy(ask, { ...world.start().ports, place: 'memory:' }, said.output);
  return { code, said };
}

/** A loop of three minutes that ended by itself: under its limit of four nobody was removed. */
async function slowLoop() {
  const world = await calmWorld({ policy: { heartbeatLimitMs: 4 * MINUTE_MS } });
  const pod = world.wedge();
  world.clock.advanceTo(world.clock.now() + 30_000);
  return { world, pod };
}

async function goesOn({ world, pod }: Awaited<ReturnType<typeof slowLoop>>) {
  await world.ticks(3);
  world.of('a').end(pod.wedges, world.clock.now());
  await world.ticks(5);
  expect(world.removed).toEqual([]);
  return { world, pod };
}

/** Probes that failed meanwhile, for which every tick asks about the workload. */
async function probedLoop() {
  const story = await slowLoop();
  const { world } = story;
  world.weather.probes = [{ kind: 'failed', message: 'timed out', count: 1, lastAt: world.clock.now() }];
  return goesOn(story);
}

test('a lower limit gains a removal that the story did not have, and that is told by the exit code', async () => {
  const { world, pod } = await probedLoop();
  const { code, said } = await simulated(world, 'heartbeatLimit: 45s\nfailures: 2\n');
  expect(code).toBe(1);
  expect(said.lines()[0]).toMatchObject({
    differences: [{ kind: 'removal-gained', was: 'rest', is: `remove ${pod.uid}`, pod: pod.name }],
  });
});

test('where a guard would have needed what no tick asked for, the removal is only perhaps one', async () => {
  const { world, pod } = await goesOn(await slowLoop());
  const { code, said } = await simulated(world, 'heartbeatLimit: 45s\nfailures: 2\n');
  expect(code).toBe(1);
  expect(said.lines()[0]).toMatchObject({
    differences: [
      {
        kind: 'removal-perhaps',
        was: 'rest',
        is: `hold rolling-out ${pod.uid}`,
        why: 'whether its workload is mid-rollout could not be read',
      },
    ],
  });
});

test('for people the removals come first, in a table that fits 80 columns', async () => {
  const { world } = await probedLoop();
  const { said } = await simulated(world, 'heartbeatLimit: 45s\nfailures: 2\n', false);
  expectGolden('simulate.txt', said.text());
  const bordered = said
    .text()
    .split('\n')
    .filter((line) => /^[╔╟║╚]/.test(line));
  expect(bordered.filter((line) => [...line].length > 80)).toEqual([]);
});

test('a policy that says what is in force changes nothing', async () => {
  const { world } = await wedgedWorld();
  await world.ticks(6);
  expect(world.removed).toHaveLength(1);
  const { code, said } = await simulated(world, 'heartbeatLimit: 45s\n');
  expect(code).toBe(0);
  expect(said.lines()[0]).toMatchObject({ differences: [], notReplayable: {} });
});

test('a higher limit loses a removal, or has it later than the looks show', async () => {
  const { world, pod } = await wedgedWorld();
  await world.ticks(6);
  const { code, said } = await simulated(world, 'heartbeatLimit: 10m\n');
  expect(code).toBe(1);
  expect(said.lines()[0]).toMatchObject({
    differences: [{ kind: 'removal-lost', was: `remove ${pod.uid}`, is: 'rest' }],
  });
});

test('a removal that comes sooner is one removal and not two', async () => {
  const world = await calmWorld({ policy: { heartbeatLimitMs: 4 * MINUTE_MS } });
  const pod = world.wedge();
  await world.ticks(8);
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  const { said } = await simulated(world, 'heartbeatLimit: 1m\nfailures: 2\n');
  const [line] = said.lines() as [{ differences: { kind: string }[] }];
  expect(line.differences.filter(({ kind }) => kind !== 'hold')).toMatchObject([
    { kind: 'removal-sooner', is: `hold rolling-out ${pod.uid}` },
  ]);
});

test('holds that differ change no removal', async () => {
  const { world } = await wedgedWorld({ policy: { mode: 'watch' } });
  await world.ticks(3);
  const { code, said } = await simulated(world, 'heartbeatLimit: 30m\n');
  expect(code).toBe(0);
  expect(said.lines()[0]).toMatchObject({ differences: [{ kind: 'hold', is: 'rest' }] });
});

test('a document with policy: is the whole policy, and what it leaves out is as by default', async () => {
  const { world, pod } = await wedgedWorld({ policy: { mode: 'remediate' } });
  await world.ticks(2);
  const { said } = await simulated(world, 'namespace: airflow\npolicy: { heartbeatLimit: 45s }\n');
  expect(said.lines()[0]).toMatchObject({
    differences: [{ kind: 'removal-lost', was: `remove ${pod.uid}`, is: `hold watch-mode ${pod.uid}` }],
  });
});

test('looks of an earlier version are counted and not guessed, and nothing judged is no pass', async () => {
  const world = await calmWorld();
  for (const entry of await world.store.history({ target: 'a', limit: 100, kind: 'looks' }))
    if (entry.kind === 'looks') {
      const { recording: _left, ...body } = entry.body;
      await world.store.append({ ...entry, target: 'a', at: world.clock.now(), body });
    }
  const { said } = await simulated(world, 'failures: 4\n');
  expect(said.lines()[0]).toMatchObject({ notReplayable: { old: expect.any(Number) } });
  expect((await simulated(world, 'failures: 4\n', true, 0)).code).toBe(3);
});

test.each([
  ['heartbeatlimit: 45s', /policy.yaml:1:1: heartbeatlimit.*did you mean heartbeatLimit/],
  ['heartbeatLimit: 9 parsecs', /heartbeatLimit: found "9 parsecs"; expected auto or a duration/],
  ['failures: 1', /failures: found 1; expected at least 2/],
  ['policy: { failures: 0 }', /policy\.failures: found 0/],
  ['- a list', /found a list; expected a map of policy keys/],
])('a policy that is none is refused with its place: %s', async (text, words) => {
  const world = await calmWorld();
  await expect(simulated(world, text)).rejects.toThrow(words);
});
