import { expect, test } from '@jest/globals';
import { acknowledge } from '../../functions/commands/acknowledge.ts';
import { status } from '../../functions/commands/status.ts';
import { isoOf } from '../../functions/core/time.ts';
import { recordedOutput } from '../fakes/output.ts';
import { calmWorld, wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';

const PLACE = 'sqlite:/there/scheduler-watchdog.db';
const portsOf = (world: World) => {
  const { targets } = world.start().ports;
  return { targets, state: world.store, clock: world.clock, place: PLACE };
};

async function openWorld() {
  const { world } = await wedgedWorld({ policy: { mode: 'watch' } });
  await world.tick();
  return world;
}

test('who has taken it up is told to every channel with the next tick, and status shows it', async () => {
  const world = await openWorld();
  const ports = portsOf(world);
  const said = recordedOutput('acknowledge');
  expect(await acknowledge({ target: 'a', by: 'ann' }, ports, said.output)).toBe(0);
  const at = isoOf(world.clock.now());
  const { incident } = await world.stateOf();
  expect(said.lines()).toEqual([
    { target: 'a', acknowledged: { incident: incident?.id, by: 'ann', at }, repeated: false, state: PLACE },
  ]);
  const shown = recordedOutput('status');
  await status([], ports, shown.output);
  expect(shown.lines()[0]).toMatchObject({ target: 'a', acknowledged: { by: 'ann', at } });
  const screen = recordedOutput();
  await status([], ports, screen.output);
  expect(screen.out.join(' ').replace(/\s+/g, ' ')).toContain('taken up by ann');
  const before = world.sent.length;
  await world.tick();
  const told = world.sent.slice(before).map(({ notification }) => notification);
  expect(told.map(({ occasion, acknowledgedBy, page }) => [occasion, acknowledgedBy, page])).toEqual(
    told.map(() => ['answered', 'ann', incident?.page]),
  );
  expect(told.length).toBeGreaterThan(0);
  await world.tick();
  expect(world.sent.slice(before).length).toBe(told.length);
});

test('a second name changes nothing, and the first is said', async () => {
  const world = await openWorld();
  const said = recordedOutput();
  await acknowledge({ target: 'a', by: 'ann' }, portsOf(world), said.output);
  await acknowledge({ target: 'a', by: 'bob' }, portsOf(world), said.output);
  expect(said.out[2]).toContain('ann had taken it up at');
  expect((await world.stateOf()).acknowledgement?.by).toBe('ann');
  expect(await world.ledger('acknowledgement')).toHaveLength(1);
});

test.each([
  { name: 'a target that is misspelt', ask: { target: 'b', by: 'ann' }, says: 'WD_TARGET_UNKNOWN' },
  { name: 'nobody', ask: { target: 'a', by: ' ' }, says: '--by has 0 characters' },
  { name: 'a novel for a name', ask: { target: 'a', by: 'x'.repeat(101) }, says: '--by has 101 characters' },
])('refuses $name', async ({ ask, says }) => {
  const world = await openWorld();
  await expect(acknowledge(ask, portsOf(world), recordedOutput().output)).rejects.toThrow(says);
  expect((await world.stateOf()).acknowledgement).toBeNull();
});

test('where nothing is open nothing is acknowledged', async () => {
  const world = await calmWorld();
  await world.tick();
  await expect(
    acknowledge({ target: 'a', by: 'ann' }, portsOf(world), recordedOutput().output),
  ).rejects.toThrow('WD_NOT_OPEN: a has no open incident; nothing was acknowledged.');
});
