import type { Register } from './context.ts';
import { examples, rememberedOptions, type StateOptions, sayOptions, who } from './options.ts';
import { withRemembered } from './remembered.ts';

interface AcknowledgeOptions extends StateOptions {
  readonly by?: string;
}

export const registerAcknowledge: Register = (command, { done }) => {
  command
    .argument('<target>')
    .option('--by <name>', 'who has taken it up (default: your name on this machine)');
  sayOptions(rememberedOptions(command));
  examples(command, [
    'acknowledge prod-airflow',
    'acknowledge prod-airflow --by ann --targets ssm:/scheduler-watchdog --state dynamodb:TABLE',
  ]);
  command.action(async (target: string, options: AcknowledgeOptions) => {
    const { acknowledge } = await import('../commands/acknowledge.ts');
    const ask = { target, by: options.by ?? who() };
    done(await withRemembered(options, (remembered, output) => acknowledge(ask, remembered, output)));
  });
};
