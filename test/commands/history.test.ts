import { expect, test } from '@jest/globals';
import { history } from '../../functions/commands/history.ts';
import { pause, resume } from '../../functions/commands/pause.ts';
import { validateTargets } from '../../functions/commands/targets.ts';
import { MINUTE_MS } from '../../functions/core/time.ts';
import { recordedOutput } from '../fakes/output.ts';
import { calmWorld, wedgedWorld } from '../fakes/stories.ts';
import { expectGolden } from './golden.ts';

test('the history of a night: a pause, a hold, a removal, a recovery, an outage', async () => {
  const { world } = await wedgedWorld();
  const { ports } = world.start();
  const quiet = recordedOutput().output;
  const ask = { target: 'a', forMs: 2 * MINUTE_MS, reason: 'node upgrade', by: 'ann' };
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
  expect(await history({ target: null, limit: 50 }, world.store, said.output)).toBe(0);
  expectGolden('history.txt', said.text());
});

test('in JSON every entry is a line with its time, target and kind', async () => {
  const { world } = await wedgedWorld();
  await world.ticks(3);
  const said = recordedOutput(true);
  await history({ target: 'a', limit: 2 }, world.store, said.output);
  expect(said.lines()).toEqual([
    expect.objectContaining({ target: 'a', kind: 'told', at: expect.stringMatching(/Z$/) }),
    expect.objectContaining({ target: 'a', kind: 'tick' }),
  ]);
});

test('nothing has happened to a target of which nothing is known', async () => {
  const world = await calmWorld();
  const said = recordedOutput();
  await history({ target: 'b', limit: 5 }, world.store, said.output);
  expect(said.text()).toBe('Nothing has happened yet for "b": healthy ticks leave no entry.\n');
});

test('a pause ends by itself, and a resume without a pause says so', async () => {
  const { world, pod } = await wedgedWorld();
  const { ports } = world.start();
  const ask = { target: 'a', forMs: 90_000, reason: 'a look by hand', by: 'ann' };
  await pause(ask, ports, recordedOutput().output);
  await world.ticks(1);
  expect(world.removed).toEqual([]);
  await world.ticks(2);
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  const said = recordedOutput(true);
  await resume('a', 'ann', ports, said.output);
  expect(said.lines()).toEqual([{ target: 'a', paused: null, was: false }]);
});

test('a pause that comes while a tick is under way is not lost, and the tick yields to it', async () => {
  const { world } = await wedgedWorld();
  const { ports } = world.start();
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
  await expect(pause(ask, world.start().ports, recordedOutput().output)).rejects.toThrow(
    'WD_TARGET_UNKNOWN: there is no target "z"; known are a',
  );
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
