import type { Register } from './context.ts';
import { duration, examples, rememberedOptions, type StateOptions, sayOptions, who } from './options.ts';
import { withRemembered } from './remembered.ts';

interface PauseOptions extends StateOptions {
  readonly for: number;
  readonly reason: string;
  readonly replace?: boolean;
}

export const registerPause: Register = (command, { done }) => {
  command
    .argument('<target>')
    .requiredOption('--for <duration>', 'how long, such as 2h; at most 30d', duration)
    .requiredOption('--reason <text>', 'why, for those who meet the hold')
    .option('--replace', 'also where that ends a pause earlier than it would');
  sayOptions(rememberedOptions(command));
  examples(command, [
    'pause prod-airflow --for 2h --reason "node upgrade"',
    'pause prod-airflow --for 30m --reason "done sooner" --replace',
    'pause prod-airflow --for 1d --reason migration --targets ssm:/scheduler-watchdog --state dynamodb:TABLE',
  ]);
  command.action(async (target: string, options: PauseOptions) => {
    const { pause } = await import('../commands/pause.ts');
    const { for: forMs, reason, replace = false } = options;
    const ask = { target, forMs, reason, replace, by: who() };
    done(await withRemembered(options, (remembered, output) => pause(ask, remembered, output)));
  });
};

export const registerResume: Register = (command, { done }) => {
  command.argument('<target>');
  sayOptions(rememberedOptions(command));
  examples(command, ['resume prod-airflow']);
  command.action(async (target: string, options: StateOptions) => {
    const { resume } = await import('../commands/pause.ts');
    done(await withRemembered(options, (remembered, output) => resume(target, who(), remembered, output)));
  });
};
