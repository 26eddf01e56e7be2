import type { Command } from 'commander';
import type { Register } from './context.ts';
import { examples, type PlaceOptions, placeOptions, sayOptions } from './options.ts';
import { terminalOf } from './terminal.ts';

export const registerChannels: Register = (channels, context) => {
  registerList(channels, context);
  registerTest(channels, context);
};

const registerList: Register = (channels, { done }) => {
  const command: Command = channels
    .command('list')
    .description('the channels, what each takes, and for which targets');
  sayOptions(placeOptions(command));
  examples(command, ['channels list', 'channels list --targets ssm:/scheduler-watchdog --json']);
  command.action(async (options: PlaceOptions) => {
    const [{ listChannels }, { readSettings }, { withTargets }] = await Promise.all([
      import('../commands/channels.ts'),
      import('../wiring/settings.ts'),
      import('../wiring/targets.ts'),
    ]);
    const output = terminalOf(options);
    done(await withTargets(readSettings(options), (source) => listChannels(source, output)));
  });
};

const registerTest: Register = (channels, { done }) => {
  const command: Command = channels
    .command('test')
    .argument('[names...]', 'only these channels')
    .description('sends a message marked TEST through each channel and shows what the other side said');
  sayOptions(placeOptions(command));
  examples(command, ['channels test', 'channels test oncall --targets ./targets']);
  command.action(async (names: readonly string[], options: PlaceOptions) => {
    const [{ testChannels }, { readSettings }, { wire }] = await Promise.all([
      import('../commands/channels.ts'),
      import('../wiring/settings.ts'),
      import('../wiring/wire.ts'),
    ]);
    const output = terminalOf(options);
    // Nothing of it is remembered, so no state is opened.
    const settings = { ...readSettings(options), state: { kind: 'memory' } as const };
    const { ports, close } = await wire({ settings, progress: () => {}, printAlert: null, readOnly: true });
    try {
      done(await testChannels(names, ports, output));
    } finally {
      await close();
    }
  });
};
