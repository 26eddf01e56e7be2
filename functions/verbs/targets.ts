import type { Command } from 'commander';
import type { Output } from '../commands/output.ts';
import type { TargetSource } from '../ports.ts';
import type { Register } from './context.ts';
import { registerCopies } from './copy.ts';
import { examples, type PlaceOptions, placeOptions, sayOptions, targetOption } from './options.ts';
import { terminalOf } from './terminal.ts';

export const registerTargets: Register = (program, context) => {
  const documents = program.command('targets').description('the target documents, in files and in SSM');
  registerList(documents, context);
  registerValidate(documents, context);
  registerCopies(documents, context);
};

const registerList: Register = (documents, { done }) => {
  const command: Command = documents.command('list').description('what is watched, and how');
  sayOptions(targetOption(placeOptions(command)));
  examples(command, ['targets list', 'targets list --targets ssm:/scheduler-watchdog --json']);
  command.action(async (options: PlaceOptions & { readonly target: readonly string[] }) => {
    const { listTargets } = await import('../commands/targets.ts');
    done(await withSource(options, (source, output) => listTargets(options.target, source, output)));
  });
};

const registerValidate: Register = (documents, { done }) => {
  const command: Command = documents
    .command('validate')
    .description('checks every target document and names all problems at once');
  sayOptions(placeOptions(command));
  examples(command, ['targets validate', 'targets validate --targets ./targets/prod-airflow.yaml']);
  command.action(async (options: PlaceOptions) => {
    const { validateTargets } = await import('../commands/targets.ts');
    done(await withSource(options, validateTargets));
  });
};

async function withSource(
  options: PlaceOptions,
  work: (source: TargetSource, output: Output) => Promise<number>,
): Promise<number> {
  const [{ readSettings }, { withTargets }] = await Promise.all([
    import('../wiring/settings.ts'),
    import('../wiring/targets.ts'),
  ]);
  const output = terminalOf(options);
  return withTargets(readSettings(options), (source) => work(source, output));
}
