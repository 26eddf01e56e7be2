import { describe, expect, test } from '@jest/globals';
import { createMemoryState } from '../../functions/adapters/local/memory-state.ts';
import { followHistory, history } from '../../functions/commands/history.ts';
import { pause, resume } from '../../functions/commands/pause.ts';
import { validateTargets } from '../../functions/commands/targets.ts';
import type { LedgerEntry, LedgerKind } from '../../functions/core/ledger.ts';
import { MINUTE_MS } from '../../functions/core/time.ts';
import { recordedOutput } from '../fakes/output.ts';
import { calmWorld, wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';
import { expectGolden } from './golden.ts';

const remembered = (world: World) => ({ ...world.start().ports, place: 'memory:' });

test('the history of a night: a pause, a hold, a removal, a recovery, an outage', async () => {
  const { world } = await wedgedWorld();
  const ports = { ...world.start().ports, place: 'memory:' };
  const quiet = recordedOutput().output;
  const ask = { target: 'a', forMs: 3 * MINUTE_MS, reason: 'node upgrade', by: 'ann' };
  expect(await pause(ask, ports, quiet)).toBe(0);
  await world.ticks(2);
  expect(world.removed).toEqual([]);
  await resume('a', 'ann', ports, quiet);
  await world.ticks(4);
  const { outages, begin, end } = world.of('a');
  begin(outages, world.clock.now());
  await world.ticks(3);
  end(outages, world.clock.now());
  await world.ticks(3);
  const said = recordedOutput();
  expect(await history({ targets: [], limit: 50 }, ports, said.output)).toBe(0);
  expectGolden('history.txt', said.text());
});

test('in JSON every entry is a line with its time, target and kind', async () => {
  const { world } = await wedgedWorld();
  await world.ticks(3);
  const said = recordedOutput('history');
  await history({ targets: ['a'], limit: 2 }, remembered(world), said.output);
  expect(said.lines()).toEqual([
    expect.objectContaining({ target: 'a', kind: 'told', at: expect.stringMatching(/Z$/) }),
    expect.objectContaining({ target: 'a', kind: 'tick' }),
  ]);
});

test('nothing has happened yet to a target that is well', async () => {
  const world = await calmWorld();
  const said = recordedOutput();
  await history({ targets: ['a'], limit: 5 }, remembered(world), said.output);
  expect(said.text()).toBe('Nothing has happened yet for "a": healthy ticks leave no entry.\n');
  expect(said.err).toEqual(['state: memory:']);
});

test('a target that nobody knows, not even the past, is refused with the one that was meant', async () => {
  const world = await calmWorld({ id: 'prod-airflow' });
  const asked = history({ targets: ['prod-airflwo'], limit: 5 }, remembered(world), recordedOutput().output);
  await expect(asked).rejects.toThrow(
    'WD_TARGET_UNKNOWN: there is no target "prod-airflwo" (did you mean prod-airflow?); known are prod-airflow',
  );
});

describe('a part of the past', () => {
  // Only what belongs to an incident counts here, so the bodies hold no more than that.
  const entry = (target: string, at: number, kind: LedgerKind, body: object) =>
    ({ target, at, kind, body }) as LedgerEntry;
  const entries: readonly LedgerEntry[] = [
    entry('a', 1, 'pause', { by: 'ann' }),
    entry('a', 2, 'intent', { incident: 'a-1' }),
    entry('b', 3, 'intent', { incident: 'b-1' }),
    entry('a', 4, 'removal', { incident: 'a-1' }),
    entry('a', 5, 'outcome', { incident: 'a-1' }),
    entry('b', 6, 'outcome', { incident: 'b-1' }),
    entry('c', 7, 'tick', { incident: 'c-1' }),
    entry('c', 8, 'looks', {}),
  ];
  test.each([
    { name: 'of two targets, in order', ask: { targets: ['b', 'c', 'b'] }, want: [3, 6, 7] },
    { name: 'the newest of them', ask: { targets: ['a', 'b'], limit: 2 }, want: [5, 6] },
    { name: 'since a time', ask: { sinceMs: 5 }, want: [5, 6, 7] },
    { name: 'of one kind', ask: { kind: 'intent' as const }, want: [2, 3] },
    { name: 'looks only when they are asked for', ask: { kind: 'looks' as const }, want: [8] },
    { name: 'of one incident, its outcome included', ask: { incident: 'a-1' }, want: [2, 4, 5] },
    { name: 'of one incident and kind', ask: { incident: 'a-1', kind: 'outcome' as const }, want: [5] },
    { name: 'of an incident, the newest of it', ask: { incident: 'a-1', limit: 1 }, want: [5] },
    { name: 'of an incident that never was', ask: { incident: 'a-9' }, want: [] },
  ])('$name', async ({ ask, want }) => {
    const state = createMemoryState();
    for (const entry of entries) await state.append(entry);
    const targets = { load: () => Promise.reject(new Error('must not be asked')), lastChannels: () => [] };
    const said = recordedOutput('made-up');
    const ports = { state, targets, place: 'memory:', clock: { now: () => 10 } };
    await history({ targets: [], limit: 50, ...ask }, ports, said.output);
    expect(said.lines().map((line) => Date.parse((line as { at: string }).at))).toEqual(want);
  });
});

test('a pause ends by itself, and a resume without a pause says so', async () => {
  const { world, pod } = await wedgedWorld();
  const ports = { ...world.start().ports, place: 'memory:' };
  const ask = { target: 'a', forMs: 90_000, reason: 'a look by hand', by: 'ann' };
  await pause(ask, ports, recordedOutput().output);
  await world.ticks(1);
  expect(world.removed).toEqual([]);
  await world.ticks(2);
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  const said = recordedOutput('resume');
  await resume('a', 'ann', ports, said.output);
  expect(said.lines()).toEqual([{ target: 'a', paused: null, was: false, state: 'memory:' }]);
});

test('a pause that comes while a tick is under way is not lost, and the tick yields to it', async () => {
  const { world } = await wedgedWorld();
  const ports = { ...world.start().ports, place: 'memory:' };
  let looks = 0;
  let paused: Promise<number> | undefined;
  world.weather.onLook = () => {
    looks += 1;
    const ask = { target: 'a', forMs: 60 * MINUTE_MS, reason: 'wait', by: 'ann' };
    if (looks === 3) paused = pause(ask, ports, recordedOutput().output);
  };
  await world.tick();
  await paused;
  await world.ticks(3);
  expect(world.removed).toEqual([]);
  expect((await world.stateOf()).pause).toMatchObject({ by: 'ann' });
});

test('a pause of an unknown target is refused', async () => {
  const world = await calmWorld();
  const ask = { target: 'z', forMs: 1, reason: 'x', by: 'ann' };
  await expect(
    pause(ask, { ...world.start().ports, place: 'memory:' }, recordedOutput().output),
  ).rejects.toThrow('WD_TARGET_UNKNOWN: there is no target "z"; known are a');
});

test('targets validate names every problem of every document', async () => {
  const world = await calmWorld({}, { id: 'b', policy: { mode: 'watch' } });
  world.world.bad = [
    {
      id: 'c',
      source: 'targets/c.yaml',
      problems: [
        { path: '', found: 'no namespace', expected: 'a namespace', didYouMean: null },
        {
          path: 'policy.mode',
          found: '"remidiate"',
          expected: 'watch or remediate',
          didYouMean: 'remediate',
        },
      ],
    },
  ];
  const said = recordedOutput();
  expect(await validateTargets(world.start().ports.targets, said.output)).toBe(2);
  expectGolden('targets-validate.txt', said.text());
});

test('--follow prints each entry once, as it comes, until it is stopped', async () => {
  const { world } = await wedgedWorld();
  const ports = remembered(world);
  const quiet = recordedOutput().output;
  const said = recordedOutput();
  const stop = new AbortController();
  let rounds = 0;
  const clock = {
    now: () => world.clock.now(),
    async sleep() {
      rounds += 1;
      const ask = { target: 'a', forMs: MINUTE_MS, reason: 'node upgrade', by: 'ann' };
      if (rounds === 2) await pause(ask, ports, quiet);
      if (rounds === 4) stop.abort();
    },
  };
  const options = { targets: ['a'], limit: 50, everyMs: 2_000, signal: stop.signal };
  expect(await followHistory(options, { ...ports, clock }, said.output)).toBe(0);
  expect(said.text().match(/^2026-\S+ \S+ {2}a {2}pause {2}by ann until .*node upgrade$/gm)).toHaveLength(1);
});
