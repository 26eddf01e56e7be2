import { expect, test } from '@jest/globals';
import { pause } from '../../functions/commands/pause.ts';
import { status } from '../../functions/commands/status.ts';
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
  const said = recordedOutput(true);
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
      pause: null,
      budget: { left: 1, removals: 2, per: '6h' },
      lastTick: expect.stringMatching(/Z$/),
      undelivered: [],
    },
    { state: PLACE, lastTick: expect.stringMatching(/Z$/), targets: 1, bad: 0 },
  ]);
});

test('all is well: exit code 0; the budget is whole', async () => {
  const world = await calmWorld({ id: 'one' }, { id: 'two', policy: { mode: 'watch' } });
  const said = recordedOutput(true);
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
