import { realpathSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { emit, emitError, explainedOf } from './commands/output.ts';
import { plainText } from './commands/plain-text.ts';
import { WatchdogError } from './core/errors.ts';
import { stopOnSignals } from './stop.ts';
import { addVerbs, isAskedFor } from './verbs/all.ts';
import { examples } from './verbs/options.ts';
import { terminalOf } from './verbs/terminal.ts';
import { VERSION } from './wiring/version.ts';

/** Runs one command and ends the process with its exit code; the README lists both. */
export async function main(args: readonly string[]): Promise<void> {
  const signal = stopOnSignals();
  // A reader that closes the pipe early (`| head`) is no defect.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 70));
  process.exitCode = await run(args, signal);
}

async function run(args: readonly string[], signal: AbortSignal): Promise<number> {
  let code = 0;
  const done = (ended: number) => {
    code = ended;
  };
  const program = createProgram();
  await addVerbs(program, { done, signal }, isAskedFor(args));
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return failed(error, args);
  }
}

function createProgram(): Command {
  const program = new Command('scheduler-watchdog')
    .description(
      'Finds wedged Airflow schedulers on Kubernetes from outside the cluster and removes exactly that pod.',
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(plainText(text)) })
    .showHelpAfterError('(see --help)');
  examples(program, ['targets validate', 'check', 'watch', 'status']);
  return program.addHelpText('after', EXIT_CODES);
}

function failed(error: unknown, args: readonly string[]): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const output = terminalOf({ json: args.includes('--json'), color: !args.includes('--no-color') });
  if (error instanceof CommanderError) {
    // People have read it on stderr by now; machines have not.
    const usage = { code: 'WD_USAGE', what: error.message, notDone: 'nothing was done', run: USAGE };
    emit(output, { error: usage }, []);
    return 2;
  }
  emitError(output, explainedOf(error, 'the command was not finished'));
  return error instanceof WatchdogError ? 2 : 70;
}

const USAGE = 'Run `scheduler-watchdog --help`.';

const EXIT_CODES = `
Exit codes: 0 nothing wrong · 1 something is wrong with a target · 2 bad usage or configuration, nothing was done ·
            3 blind: a target could not be judged · 70 a defect of ours`;

// Not by import.meta.main, which older Nodes leave undefined: they would run nothing and say nothing.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename)
  await main(process.argv.slice(2));
