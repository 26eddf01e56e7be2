import { readFile } from 'node:fs/promises';
import { WatchdogError } from '../core/errors.ts';
import type { Register } from './context.ts';
import {
  duration,
  examples,
  rememberedOptions,
  type StateOptions,
  sayOptions,
  targetOption,
} from './options.ts';
import { withRemembered } from './remembered.ts';

interface SimulateOptions extends StateOptions {
  readonly policy: string;
  readonly since: number;
  readonly target: readonly string[];
}

const WEEK_MS = 7 * 24 * 3_600_000;

export const registerSimulate: Register = (command, { done }) => {
  command
    .argument('[targets...]', 'only these targets')
    .requiredOption(
      '--policy <file>',
      'policy keys that take the place of those in force, or a document whose `policy:` is the whole of it',
    )
    .option('--since <duration>', 'looks of the last so long (7d)', duration, WEEK_MS);
  sayOptions(targetOption(rememberedOptions(command)));
  examples(command, [
    'simulate --policy policy.yaml',
    'simulate prod-airflow --policy targets/prod-airflow.yaml --since 30d',
    'simulate --policy policy.yaml --json',
  ]);
  command.action(async (targets: readonly string[], options: SimulateOptions) => {
    const { simulatePolicy } = await import('../commands/simulate.ts');
    const { policy: source, since: sinceMs, target } = options;
    const policy = { source, text: await textOf(source) };
    const ask = { policy, sinceMs, targets: [...targets, ...target] };
    done(await withRemembered(options, (remembered, output) => simulatePolicy(ask, remembered, output)));
  });
};

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = Error.isError(error) && 'code' in error ? ` (${String(error.code)})` : '';
    throw new WatchdogError({
      code: 'WD_USAGE',
      what: `the policy ${file} cannot be read${code}`,
      notDone: 'nothing was replayed',
      run: 'Run `scheduler-watchdog simulate --help`.',
    });
  }
}
