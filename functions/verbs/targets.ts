import type { Command } from 'commander';
import type { Output } from '../commands/output.ts';
import type { PausesFrom } from '../commands/pauses.ts';
import { WatchdogError } from '../core/errors.ts';
import type { TargetSource } from '../ports.ts';
import type { Register } from './context.ts';
import { registerCopies } from './copy.ts';
import {
  examples,
  type PlaceOptions,
  placeOptions,
  rememberedOptions,
  type StateOptions,
  sayOptions,
  targetOption,
} from './options.ts';
import { terminalOf } from './terminal.ts';

export const registerTargets: Register = (documents, context) => {
  registerList(documents, context);
  registerValidate(documents, context);
  registerCopies(documents, context);
};

const registerList: Register = (documents, { done }) => {
  const command: Command = documents.command('list').description('what is watched, and how');
  sayOptions(targetOption(rememberedOptions(command)));
  examples(command, ['targets list', 'targets list --targets ssm:/scheduler-watchdog --json']);
  command.action(async (options: StateOptions & { readonly target: readonly string[] }) => {
    const [{ listTargets }, { readSettings }, { withDocuments }] = await Promise.all([
      import('../commands/targets.ts'),
      import('../wiring/settings.ts'),
      import('../wiring/state.ts'),
    ]);
    const output = terminalOf(options);
    done(
      await withDocuments(readSettings(options), (source, remembered) => {
        const from: PausesFrom =
          remembered instanceof WatchdogError
            ? { kind: 'none', why: remembered.explained.what }
            : { kind: 'state', ...remembered };
        return listTargets(options.target, source, from, output);
      }),
    );
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
