import type { Register } from './context.ts';
import { examples, moment, rememberedOptions, type StateOptions, sayOptions } from './options.ts';
import { withRemembered } from './remembered.ts';

interface ExplainOptions extends StateOptions {
  readonly at?: number;
}

export const registerExplain: Register = (command, { done }) => {
  command
    .argument('<target>', 'id of the target')
    .option(
      '--at <time>',
      'the newest decision at or before this moment, such as 2026-11-23T03:13:00Z',
      moment,
    );
  sayOptions(rememberedOptions(command));
  examples(command, [
    'explain prod-airflow',
    'explain prod-airflow --at 2026-11-23T03:13:00Z',
    'explain prod-airflow --json',
  ]);
  command.action(async (target: string, options: ExplainOptions) => {
    const { explain } = await import('../commands/explain.ts');
    const { at = null } = options;
    done(await withRemembered(options, (remembered, output) => explain({ target, at }, remembered, output)));
  });
};
