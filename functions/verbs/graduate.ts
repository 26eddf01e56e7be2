import type { Register } from './context.ts';
import { examples, rememberedOptions, type StateOptions, sayOptions, targetOption } from './options.ts';
import { withRemembered } from './remembered.ts';

interface GraduateOptions extends StateOptions {
  readonly target: readonly string[];
}

export const registerGraduate: Register = (program, { done }) => {
  const command = program
    .command('graduate')
    .argument('[targets...]', 'only these targets')
    .description('is it ready for `mode: remediate`: one line per criterion, pass or what is missing');
  sayOptions(targetOption(rememberedOptions(command)));
  examples(command, ['graduate', 'graduate prod-airflow', 'graduate prod-airflow --json']);
  command.action(async (targets: readonly string[], options: GraduateOptions) => {
    const { graduate } = await import('../commands/graduate.ts');
    const only = [...targets, ...options.target];
    done(await withRemembered(options, (remembered, output) => graduate(only, remembered, output)));
  });
};
