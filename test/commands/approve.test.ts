import { expect, test } from '@jest/globals';
import { approve } from '../../functions/commands/approve.ts';
import { isoOf, MINUTE_MS } from '../../functions/core/time.ts';
import { recordedOutput } from '../fakes/output.ts';
import { wedgedWorld } from '../fakes/stories.ts';

const PLACE = 'sqlite:/there/scheduler-watchdog.db';

async function waiting() {
  const { world, pod } = await wedgedWorld({ policy: { mode: 'ask' } });
  await world.tick();
  const { targets } = world.start().ports;
  return { pod, world, ports: { targets, state: world.store, clock: world.clock, place: PLACE } };
}

test('says which pod may go, until when, what happens next, and in which state', async () => {
  const { pod, world, ports } = await waiting();
  const said = recordedOutput();
  expect(await approve({ target: 'a', pod: pod.name, by: 'ann' }, ports, said.output)).toBe(0);
  const until = isoOf(world.clock.now() + 15 * MINUTE_MS);
  expect(said.out).toEqual([
    `${pod.name} (uid ${pod.uid}, dead) may be removed until ${until}, once and no other pod.`,
    'The next tick looks again, asks every guard again, and removes it if they all agree.',
    `state: ${PLACE}`,
  ]);
});

test('tells machines the same', async () => {
  const { pod, world, ports } = await waiting();
  const said = recordedOutput('approve');
  await approve({ target: 'a', pod: pod.uid, by: 'ann' }, ports, said.output);
  const until = isoOf(world.clock.now() + 15 * MINUTE_MS);
  const approved = { pod: pod.name, uid: pod.uid, cause: 'dead', by: 'ann', until };
  expect(said.lines()).toEqual([{ target: 'a', approved, state: PLACE }]);
});

test.each([
  { name: 'a target that is misspelt', target: 'b', says: 'WD_TARGET_UNKNOWN' },
  { name: 'a pod that does not wait', target: 'a', says: 'WD_NOT_WAITING' },
])('refuses $name', async ({ target, says }) => {
  const { ports } = await waiting();
  const { output } = recordedOutput();
  await expect(approve({ target, pod: 'other', by: 'ann' }, ports, output)).rejects.toThrow(says);
});
