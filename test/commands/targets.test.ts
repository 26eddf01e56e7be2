import { expect, test } from '@jest/globals';
import { pause } from '../../functions/commands/pause.ts';
import type { PausesFrom } from '../../functions/commands/pauses.ts';
import { listTargets } from '../../functions/commands/targets.ts';
import { WatchdogError } from '../../functions/core/errors.ts';
import { HOUR_MS } from '../../functions/core/time.ts';
import { recordedOutput } from '../fakes/output.ts';
import { calmWorld } from '../fakes/stories.ts';
import { expectGolden } from './golden.ts';

async function pausedPorts() {
  const world = await calmWorld({ id: 'prod' }, { id: 'staging', policy: { mode: 'watch' } });
  const { ports } = world.start();
  const ask = { target: 'prod', forMs: 2 * HOUR_MS, reason: 'node upgrade', by: 'ann' };
  await pause(ask, { ...ports, place: 'memory:' }, recordedOutput().output);
  return { world, ports };
}

test('the list says who holds which target', async () => {
  const { ports } = await pausedPorts();
  const said = recordedOutput();
  expect(await listTargets([], ports.targets, { kind: 'state', ...ports }, said.output)).toBe(0);
  expectGolden('targets-list.txt', said.text());
  expect(said.err).toEqual([]);
});

test('in JSON a pause has its name, reason and end, and a target without one null', async () => {
  const { ports } = await pausedPorts();
  const said = recordedOutput('targets-list');
  await listTargets([], ports.targets, { kind: 'state', ...ports }, said.output);
  expect(said.lines()).toMatchObject([
    {
      target: 'prod',
      pause: { by: 'ann', reason: 'node upgrade', until: expect.stringMatching(/^2026-11-23T05:.*Z$/) },
    },
    { target: 'staging', pause: null },
  ]);
});

test.each([
  { name: 'that is not there', broken: null },
  {
    name: 'that cannot be read',
    broken: new WatchdogError({
      code: 'WD_STATE_NEWER',
      what: 'there is no state at sqlite:/there.db',
      notDone: 'nothing was read',
      run: 'wait',
    }),
  },
])('a state $name is not taken for "not paused"', async ({ broken }) => {
  const { ports } = await pausedPorts();
  const why = 'there is no state at sqlite:/there.db';
  const from: PausesFrom =
    broken === null
      ? { kind: 'none', why }
      : { kind: 'state', clock: ports.clock, state: { ...ports.state, load: () => Promise.reject(broken) } };
  const people = recordedOutput();
  expect(await listTargets(['prod'], ports.targets, from, people.output)).toBe(0);
  expect(people.text()).toContain('not known');
  expect(people.err).toEqual([`Pauses are not known: ${why}.`]);
  const machines = recordedOutput('targets-list');
  await listTargets(['prod'], ports.targets, from, machines.output);
  expect(machines.lines()).toEqual([expect.not.objectContaining({ pause: expect.anything() })]);
  expect(machines.out.join()).not.toContain('"pause"');
});
