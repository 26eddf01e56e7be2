import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { listChannels } from '../../functions/commands/channels.ts';
import { history } from '../../functions/commands/history.ts';
import { pause, resume } from '../../functions/commands/pause.ts';
import { status } from '../../functions/commands/status.ts';
import { validateTargets } from '../../functions/commands/targets.ts';
import { OUTPUT_LINES } from '../../functions/config/output-schema.ts';
import { HOUR_MS } from '../../functions/core/time.ts';
import { recordedOutput } from '../fakes/output.ts';
import { calmWorld, wedgedWorld } from '../fakes/stories.ts';
import { wholeProgram } from '../support/whole-program.ts';

// `recordedOutput` refuses every line that the published schema does not know, in each test of a command with JSON. Here are
// the commands whose own tests read words only, and what the check itself is worth.

function printing(command: Command, path: readonly string[] = []): readonly string[] {
  const own = command.options.some(({ long }) => long === '--json') ? [path.join('-')] : [];
  return [...own, ...command.commands.flatMap((inner) => printing(inner, [...path, inner.name()]))];
}

test('every command with --json has its lines in the schema, and no other has', async () => {
  const program = await wholeProgram();
  expect(printing(program).toSorted()).toEqual(Object.keys(OUTPUT_LINES).toSorted());
});

test.each([
  ['a key that is not published', { target: 'a', paused: null, was: true, state: 'memory:', more: 1 }],
  ['a key that is missing', { target: 'a', paused: null, was: true }],
  ['another type', { target: 'a', paused: null, was: 'yes', state: 'memory:' }],
])('a line with %s is refused', (_, wrong) => {
  expect(OUTPUT_LINES.resume.safeParse(wrong).success).toBe(false);
  const right = { target: 'a', paused: null, was: true, state: 'memory:' };
  expect(OUTPUT_LINES.resume.safeParse(right).success).toBe(true);
});

test('pause and resume, and the status between them, print what is published', async () => {
  const { world } = await wedgedWorld();
  const ports = { ...world.start().ports, place: 'memory:' };
  world.always.set('slack', { kind: 'refused', detail: 'no_service' });
  const ask = { target: 'a', forMs: HOUR_MS, reason: 'node upgrade', by: 'ann' };
  await pause(ask, ports, recordedOutput('pause').output);
  await world.ticks(2);
  const said = recordedOutput('status');
  await status([], ports, said.output);
  expect(said.lines()).toHaveLength(2);
  await resume('a', 'ann', ports, recordedOutput('resume').output);
});

test('validate and the list of channels print what is published, bad documents included', async () => {
  const world = await calmWorld();
  const problem = {
    path: 'channels.x',
    found: '1',
    expected: 'a map',
    at: { line: 1, column: 2 },
    didYouMean: null,
  };
  world.world.bad = [{ id: 'b', source: 'targets/b.yaml', problems: [problem] }];
  const { targets } = world.start().ports;
  const validated = recordedOutput('targets-validate');
  await validateTargets(targets, validated.output);
  expect(validated.lines()).toHaveLength(4);
  const listed = recordedOutput('channels-list');
  await listChannels(targets, listed.output);
  expect(listed.lines()).toHaveLength(3);
});

test('every kind of entry that a removal leaves is a published line of history', async () => {
  const { world } = await wedgedWorld();
  world.weather.removals.push('forbidden', 'failed');
  world.always.set('slack', { kind: 'refused', detail: 'no_service' });
  const ports = { ...world.start().ports, place: 'memory:' };
  await world.ticks(8);
  const ask = { target: 'a', forMs: HOUR_MS, reason: 'node upgrade', by: 'ann' };
  await pause(ask, ports, recordedOutput().output);
  await pause({ ...ask, forMs: 2 * HOUR_MS }, ports, recordedOutput().output);
  await resume('a', 'ann', ports, recordedOutput().output);
  const said = recordedOutput('history');
  await history({ targets: [], limit: 1_000 }, ports, said.output);
  await history({ targets: [], limit: 1_000, kind: 'looks' }, ports, said.output);
  const kinds = new Set(said.lines().map((line) => (line as { readonly kind: string }).kind));
  expect([...kinds].toSorted()).toEqual(
    ['intent', 'looks', 'outcome', 'pause', 'removal', 'resume', 'tick', 'told', 'undelivered'].toSorted(),
  );
});
