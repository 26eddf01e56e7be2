import { expect, test } from '@jest/globals';
import { listChannels, testChannels, warnOfChannels } from '../../functions/commands/channels.ts';
import { EVERYTHING } from '../../functions/core/channel.ts';
import { HOUR_MS, MINUTE_MS } from '../../functions/core/time.ts';
import type { Notifier } from '../../functions/ports.ts';
import { recordedOutput } from '../fakes/output.ts';
import { calmWorld } from '../fakes/stories.ts';
import { expectGolden } from './golden.ts';

async function world() {
  const world = await calmWorld();
  const quietHours = { from: 22 * 60, to: 7 * 60 + 30, zone: 'Europe/Berlin' };
  const rules = { ...EVERYTHING, severity: 'critical', targets: ['prod-*'], quietHours } as const;
  world.world.channels = [
    ...world.world.channels,
    {
      name: 'lead',
      type: 'email',
      endpoint: null,
      settings: {},
      rules: {
        ...rules,
        causes: ['database-down'],
        remindEveryMs: 4 * HOUR_MS,
        escalateAfterMs: 30 * MINUTE_MS,
      },
    },
  ];
  return world;
}

test('the list says where alerts go, what each channel takes and for which targets', async () => {
  const said = recordedOutput();
  expect(await listChannels((await world()).start().ports.targets, said.output)).toBe(0);
  expectGolden('channels-list.txt', said.text());
});

test('a test sends a marked message through each channel and shows what the other side said', async () => {
  const there = await world();
  there.always.set('pager', { kind: 'refused', detail: 'PagerDuty does not know the routing key' });
  const said = recordedOutput();
  expect(await testChannels([], there.start().ports, said.output)).toBe(1);
  expect(said.out).toEqual([
    'ok   slack  (slack)',
    'bad  pager  (pagerduty)  refused: PagerDuty does not know the routing key',
    'ok   lead  (email)',
  ]);
  expect(there.titles('slack')).toEqual(['TEST: scheduler-watchdog can send to "slack"']);
});

test('only the named ones are tested, and a name that no channel has sends nothing', async () => {
  const there = await world();
  const said = recordedOutput('channels-test');
  expect(await testChannels(['slack'], there.start().ports, said.output)).toBe(0);
  expect(said.lines()).toEqual([{ channel: 'slack', type: 'slack', answer: 'delivered', detail: null }]);
  await expect(testChannels(['slac'], there.start().ports, said.output)).rejects.toThrow(
    /there is no channel "slac" \(did you mean slack\?\)/,
  );
  expect(there.sent).toHaveLength(1);
});

test('a channel whose secret does not resolve is named before the first alert needs it', async () => {
  const { channels } = (await world()).world;
  const notifier = (why: string | null): Notifier => ({
    send: async () => ({ kind: 'delivered' }),
    ready: async () => why,
  });
  const said = recordedOutput();
  const notifiers = new Map([
    ['slack', notifier(null)],
    ['pager', notifier('The secret of channel "pager" (env:KEY) does not resolve')],
  ]);
  await warnOfChannels(channels, notifiers, said.output);
  expect(said.err).toEqual(['channel: The secret of channel "pager" (env:KEY) does not resolve']);
});
