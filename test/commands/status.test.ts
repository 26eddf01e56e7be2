import { expect, test } from '@jest/globals';
import { pause } from '../../functions/commands/pause.ts';
import { status, statusAnew } from '../../functions/commands/status.ts';
import { HOUR_MS } from '../../functions/core/time.ts';
import { recordedOutput } from '../fakes/output.ts';
import { calmWorld, wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';
import { expectGolden } from './golden.ts';

const PLACE = 'sqlite:/there/scheduler-watchdog.db';
const remembered = (world: World) => ({ ...world.start().ports, place: PLACE });

test('one screen: what is watched, what is wrong, who holds what, and where it is remembered', async () => {
  const { world } = await wedgedWorld();
  const ports = remembered(world);
  const ask = { target: 'a', forMs: 2 * HOUR_MS, reason: 'node upgrade', by: 'ann' };
  await pause(ask, ports, recordedOutput().output);
  await world.ticks(3);
  const said = recordedOutput();
  expect(await status([], ports, said.output)).toBe(1);
  expectGolden('status.txt', said.text());
});

test('in JSON every target is a line, and the last one names the state', async () => {
  const { world } = await wedgedWorld();
  await world.ticks(1);
  const said = recordedOutput('status');
  await status([], remembered(world), said.output);
  expect(said.lines()).toEqual([
    {
      target: 'a',
      mode: 'remediate',
      is: expect.any(String),
      incident: {
        id: expect.stringMatching(/^a-/),
        openedAt: expect.stringMatching(/Z$/),
        headline: expect.any(String),
      },
      conditions: [
        {
          kind: 'dead',
          subject: expect.stringMatching(/^pod /),
          title: expect.any(String),
          since: expect.stringMatching(/Z$/),
          told: true,
        },
      ],
      pause: null,
      acknowledged: null,
      budget: { left: 1, removals: 2, per: '6h' },
      lastTick: expect.stringMatching(/Z$/),
      undelivered: [],
    },
    {
      state: PLACE,
      lastTick: expect.stringMatching(/Z$/),
      targets: 1,
      bad: 0,
      fleet: null,
    },
  ]);
});

test('all is well: exit code 0; the budget is whole', async () => {
  const world = await calmWorld({ id: 'one' }, { id: 'two', policy: { mode: 'watch' } });
  const said = recordedOutput('status');
  expect(await status(['two'], remembered(world), said.output)).toBe(0);
  expect(said.lines()).toMatchObject([
    { target: 'two', mode: 'watch', is: 'well', budget: { left: 2 } },
    { targets: 1 },
  ]);
});

test('a target that nobody knows is refused with the one that was meant', async () => {
  const world = await calmWorld({ id: 'prod-airflow' });
  await expect(status(['prod-airfow'], remembered(world), recordedOutput().output)).rejects.toThrow(
    'did you mean prod-airflow?',
  );
});

test('an alert that its channel does not take is named with channel and reason', async () => {
  const { world } = await wedgedWorld();
  world.always.set('pager', { kind: 'refused', detail: 'PagerDuty does not know the routing key' });
  await world.ticks(1);
  const said = recordedOutput();
  await status([], remembered(world), said.output);
  expect(said.text()).toMatch(
    /^a to pager: not delivered: "a: scheduler dead.*": PagerDuty does not know the routing key$/m,
  );
  const [entry] = await world.store.history({ target: 'a', limit: 10, kind: 'undelivered' });
  expect(entry?.body).toMatchObject({
    channel: 'pager',
    how: 'refused',
    detail: 'PagerDuty does not know the routing key',
  });
});

test('a target that cannot be seen is not called well, also before that has lasted long enough to be told', async () => {
  const world = await calmWorld({ id: 'a' });
  world.world.clusterErrors.set('a', new Error('nothing is known of this cluster'));
  await world.ticks(1);
  const said = recordedOutput();
  expect(await status([], remembered(world), said.output)).toBe(1);
  expect(said.text()).toMatch(/not told yet/);
});

test('--watch draws the screen anew until it is stopped', async () => {
  const world = await calmWorld({ id: 'a' });
  const said = recordedOutput();
  const stop = new AbortController();
  let cleared = 0;
  const clear = () => {
    cleared += 1;
    if (cleared === 3) stop.abort();
  };
  const options = { only: [], everyMs: 5_000, signal: stop.signal, clear };
  expect(await statusAnew(options, remembered(world), said.output)).toBe(0);
  expect(said.text().match(/removals left/g)).toHaveLength(3);
});
