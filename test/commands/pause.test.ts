import { beforeEach, expect, test } from '@jest/globals';
import { createMemoryState } from '../../functions/adapters/local/memory-state.ts';
import { type PausePorts, pause, resume } from '../../functions/commands/pause.ts';
import { WatchdogError } from '../../functions/core/errors.ts';
import { HOUR_MS, isoOf, MINUTE_MS } from '../../functions/core/time.ts';
import { loadTarget } from '../../functions/flow/saved-state.ts';
import { recordedOutput } from '../fakes/output.ts';
import { calmWorld } from '../fakes/stories.ts';

let ports: PausePorts;
let now: number;
beforeEach(async () => {
  const { targets } = (await calmWorld({ id: 'prod-airflow' })).start().ports;
  now = Date.UTC(2026, 10, 25);
  const clock = { now: () => now, sleep: async () => {} };
  ports = { targets, state: createMemoryState(), clock, place: 'sqlite:/there/scheduler-watchdog.db' };
});

const ask = { target: 'prod-airflow', forMs: 2 * HOUR_MS, reason: 'node upgrade', by: 'ann' };
const pauseNow = async () => (await loadTarget(ports.state, 'prod-airflow')).state.pause;

test('a pause and its end say in which state they are', async () => {
  const said = recordedOutput();
  await pause(ask, ports, said.output);
  await resume('prod-airflow', 'bob', ports, said.output);
  expect(said.out).toEqual([
    'prod-airflow is paused until 2026-11-25T02:00:00.000Z: nothing is removed, looking and alerting go on.',
    'state: sqlite:/there/scheduler-watchdog.db',
    'prod-airflow is no longer paused.',
    'state: sqlite:/there/scheduler-watchdog.db',
  ]);
});

test('a second pause that would end earlier is refused, and says whose the first one is', async () => {
  const quiet = recordedOutput().output;
  await pause(ask, ports, quiet);
  now += MINUTE_MS;
  await expect(pause({ ...ask, forMs: HOUR_MS, by: 'bob' }, ports, quiet)).rejects.toThrow(
    'WD_PAUSED: prod-airflow is paused by ann until 2026-11-25T02:00:00.000Z (node upgrade), and the new pause would end earlier, at 2026-11-25T01:01:00.000Z; the pause is as it was.',
  );
  expect(await pauseNow()).toEqual({
    by: 'ann',
    reason: 'node upgrade',
    until: now - MINUTE_MS + 2 * HOUR_MS,
  });
});

test.each([
  { name: 'with --replace it may be shorter', forMs: HOUR_MS, replace: true },
  { name: 'without it, longer', forMs: 3 * HOUR_MS, replace: false },
])('$name, and says what it takes the place of', async ({ forMs, replace }) => {
  await pause(ask, ports, recordedOutput().output);
  const said = recordedOutput('pause');
  await pause({ ...ask, forMs, replace, by: 'bob', reason: 'plans changed' }, ports, said.output);
  const replaced = { by: 'ann', reason: 'node upgrade', until: isoOf(now + 2 * HOUR_MS) };
  const until = isoOf(now + forMs);
  const paused = { by: 'bob', reason: 'plans changed', until };
  expect(said.lines()).toEqual([{ target: 'prod-airflow', paused, replaced, state: ports.place }]);
  const [, entry] = await ports.state.history({ target: null, limit: 5 });
  expect(entry?.body).toEqual({ ...paused, replaced });
});

test('a pause that is over is in nobody’s way', async () => {
  const quiet = recordedOutput().output;
  await pause(ask, ports, quiet);
  now += 2 * HOUR_MS;
  await pause({ ...ask, forMs: MINUTE_MS }, ports, quiet);
  expect(await pauseNow()).toMatchObject({ until: now + MINUTE_MS });
});

test.each([
  { name: 'without a reason', wrong: { reason: ' \t' }, says: /--reason is empty; expected a reason/ },
  { name: 'with a novel for a reason', wrong: { reason: 'x'.repeat(301) }, says: /301 characters/ },
  { name: 'for more than 30 days', wrong: { forMs: 30 * 24 * HOUR_MS + 1 }, says: /at most 30 days/ },
  { name: 'for no time at all', wrong: { forMs: 0 }, says: /expected more than nothing/ },
  {
    name: 'of a target that is misspelt',
    wrong: { target: 'prod-airflwo' },
    says: /did you mean prod-airflow\?/,
  },
])('a pause $name is refused and nothing is saved', async ({ wrong, says }) => {
  await expect(pause({ ...ask, ...wrong }, ports, recordedOutput().output)).rejects.toThrow(says);
  expect(await pauseNow()).toBeNull();
});

test('a reason loses the space around it', async () => {
  await pause({ ...ask, reason: '  node upgrade\n' }, ports, recordedOutput().output);
  expect(await pauseNow()).toMatchObject({ reason: 'node upgrade' });
});

test('while the list cannot be read, a target that is remembered can be paused, and no other', async () => {
  const quiet = recordedOutput().output;
  await pause(ask, ports, quiet);
  const unreadable = new WatchdogError({
    code: 'WD_TARGETS_UNREADABLE',
    what: 'SSM is away',
    notDone: 'no',
    run: 'wait',
  });
  const cut = { ...ports, targets: { load: () => Promise.reject(unreadable), lastChannels: () => [] } };
  await pause({ ...ask, forMs: 3 * HOUR_MS }, cut, quiet);
  expect(await pauseNow()).toMatchObject({ until: now + 3 * HOUR_MS });
  await expect(pause({ ...ask, target: 'other' }, cut, quiet)).rejects.toThrow('SSM is away');
});
