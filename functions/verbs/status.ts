import type { Register } from './context.ts';
import { examples, rememberedOptions, type StateOptions, sayOptions, targetOption } from './options.ts';
import { withRemembered } from './remembered.ts';

interface StatusOptions extends StateOptions {
  readonly target: readonly string[];
}

export const registerStatus: Register = (program, { done }) => {
  const command = program
    .command('status')
    .description(
      'one screen: targets, open incidents, pauses, removals left, last tick, where the state lies',
    );
  sayOptions(targetOption(rememberedOptions(command)));
  examples(command, ['status', 'status --targets ssm:/scheduler-watchdog --state dynamodb:TABLE --json']);
  command.action(async (options: StatusOptions) => {
    const { status } = await import('../commands/status.ts');
    done(await withRemembered(options, (remembered, output) => status(options.target, remembered, output)));
  });
};
