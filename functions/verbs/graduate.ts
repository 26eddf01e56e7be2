import type { Register } from './context.ts';
import { examples, rememberedOptions, type StateOptions, sayOptions, targetOption } from './options.ts';
import { withRemembered } from './remembered.ts';

interface GraduateOptions extends StateOptions {
  readonly target: readonly string[];
}

export const registerGraduate: Register = (command, { done }) => {
  command.argument('[targets...]', 'only these targets');
  sayOptions(targetOption(rememberedOptions(command)));
  examples(command, ['graduate', 'graduate prod-airflow', 'graduate prod-airflow --json']);
  command.action(async (targets: readonly string[], options: GraduateOptions) => {
    const { graduate } = await import('../commands/graduate.ts');
    const only = [...targets, ...options.target];
    done(await withRemembered(options, (remembered, output) => graduate(only, remembered, output)));
  });
};
