import { userInfo } from 'node:os';
import { styleText } from 'node:util';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { check } from './commands/check.ts';
import { copyDocuments } from './commands/copy-documents.ts';
import { history } from './commands/history.ts';
import { emit, emitError, explainedOf, type Output } from './commands/output.ts';
import { pause, resume } from './commands/pause.ts';
import { listTargets, validateTargets } from './commands/targets.ts';
import { watch } from './commands/watch.ts';
import { WatchdogError } from './core/errors.ts';
import { parseDuration } from './core/time.ts';
import { openDocuments, refuseUnfit } from './wiring/documents.ts';
import { readSettings } from './wiring/settings.ts';
import { VERSION } from './wiring/version.ts';
import { wire } from './wiring/wire.ts';

interface Common {
  readonly targets?: string;
  readonly state?: string;
  readonly target: readonly string[];
  readonly json?: boolean;
  readonly color: boolean;
  readonly verbose?: boolean;
}

interface Copying extends Pick<Common, 'json' | 'color'> {
  readonly targets: string;
  readonly ssm: string;
  readonly prune?: boolean;
  readonly yes?: boolean;
}

/** Runs one command and ends the process with its exit code; the README lists both. */
export async function main(args: readonly string[]): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  // A reader that closes the pipe early (`| head`) is no defect.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 70));
  process.exitCode = await run(args, stop.signal);
}

async function run(args: readonly string[], signal: AbortSignal): Promise<number> {
  let code = 0;
  const program = build((command) => {
    code = command;
  }, signal);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return failed(error, args);
  }
}

function build(done: (code: number) => void, signal: AbortSignal): Command {
  const program = new Command('scheduler-watchdog')
    .description(
      'Finds wedged Airflow schedulers on Kubernetes from outside the cluster and removes exactly that pod.',
    )
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(see --help)')
    .addHelpText('after', EXIT_CODES);
  const verb = (name: string, description: string, parent: Command = program) =>
    parent
      .command(name)
      .description(description)
      .option('--targets <place>', 'FILE, DIR or ssm:/PREFIX with target documents (default ./targets)')
      .option(
        '--state <place>',
        'sqlite:FILE, dynamodb:TABLE or memory: (default sqlite:./scheduler-watchdog.db)',
      )
      .addOption(
        new Option('--target <id>', 'only this target; may be repeated')
          .argParser((id: string, all: readonly string[]) => [...all, id])
          .default([], 'all of them'),
      )
      .option('--json', 'JSON lines on stdout, everything for people on stderr')
      .option('--no-color', 'plain text')
      .option('--verbose', 'say what is going on while it goes on');

  verb('check', 'one tick now over all targets; never acts unless told')
    .option('--act', "remove what should be removed, as each target's mode says; save state and send alerts")
    .action(async (options: Common & { readonly act?: boolean }) => {
      const act = options.act === true;
      done(
        await wired(options, !act, (ports, output) => check({ act, only: options.target }, ports, output)),
      );
    });
  verb('watch', "ticks for ever, as each target's mode says")
    .option('--every <duration>', 'time between the starts of two ticks', duration, 60_000)
    .action(async (options: Common & { readonly every: number }) => {
      const run = { everyMs: options.every, only: options.target, signal };
      done(await wired(options, false, (ports, output) => watch(run, ports, output)));
    });
  const documents = program.command('targets').description('the target documents, in files and in SSM');
  verb('list', 'what is watched, and how', documents).action(async (options: Common) => {
    done(
      await wired({ ...options, state: 'memory:' }, true, (ports, output) =>
        listTargets(ports.targets, output),
      ),
    );
  });
  for (const [name, description] of [
    ['push', 'copies files to SSM: shows the difference, asks, writes'],
    ['pull', 'copies SSM to files: shows the difference, asks, writes'],
  ] as const) {
    documents
      .command(name)
      .description(description)
      .option(
        '--targets <place>',
        name === 'push' ? 'FILE or DIR to copy from' : 'DIR to copy to',
        './targets',
      )
      .option('--ssm <prefix>', 'the place in SSM', 'ssm:/scheduler-watchdog')
      .option('--prune', 'remove what only the other side has, too')
      .option('--yes', 'do not ask')
      .option('--json', 'JSON lines on stdout, everything for people on stderr')
      .option('--no-color', 'plain text')
      .action(async (options: Copying) => done(await copied(name, options)));
  }
  verb('validate', 'checks every target document and names all problems at once', documents).action(
    async (options: Common) => {
      done(
        await wired({ ...options, state: 'memory:' }, true, (ports, output) =>
          validateTargets(ports.targets, output),
        ),
      );
    },
  );
  verb('history', 'what happened, newest last')
    .argument('[target]', 'only this target')
    .option('--limit <n>', 'at most so many entries', count, 50)
    .action(async (target: string | undefined, options: Common & { readonly limit: number }) => {
      const ask = { target: target ?? options.target[0] ?? null, limit: options.limit };
      done(await wired(options, true, (ports, output) => history(ask, ports.state, output)));
    });
  verb('pause', 'holds all removals of a target for a while')
    .argument('<target>')
    .requiredOption('--for <duration>', 'how long, such as 2h', duration)
    .requiredOption('--reason <text>', 'why, for those who meet the hold')
    .action(async (target: string, options: Common & { readonly for: number; readonly reason: string }) => {
      const ask = { target, forMs: options.for, reason: options.reason, by: who() };
      done(await wired(options, false, (ports, output) => pause(ask, ports, output)));
    });
  verb('resume', 'ends a pause')
    .argument('<target>')
    .action(async (target: string, options: Common) => {
      done(await wired(options, false, (ports, output) => resume(target, who(), ports, output)));
    });
  program
    .command('demo')
    .description('the whole story on this machine: find, keep evidence, remove, recover, alert')
    .option('--json', 'JSON lines on stdout, everything for people on stderr')
    .option('--real', 'the same story on the end-to-end rig: real Kubernetes, real Airflow')
    .option('--no-color', 'plain text')
    .action(async (options: Common & { readonly real?: boolean }) => {
      const { runDemo } = await import('./demo/story.ts');
      const { write, note, json } = outputOf(options);
      done(await runDemo({ json, real: options.real === true, color: options.color, write, note, signal }));
    });
  return program;
}

async function wired(
  options: Common,
  readOnly: boolean,
  work: (ports: Awaited<ReturnType<typeof wire>>['ports'], output: Output) => Promise<number>,
): Promise<number> {
  const output = outputOf(options);
  const { ports, close } = await wire({
    settings: readSettings(options),
    progress: ({ target, text }) => {
      if (options.verbose === true || process.stderr.isTTY)
        output.note(output.style('dim', `${target ?? ''}: ${text}`));
    },
    printAlert: readOnly ? null : (line) => output.note(line),
    readOnly,
  });
  try {
    return await work(ports, output);
  } finally {
    await close();
  }
}

async function copied(direction: 'push' | 'pull', options: Copying): Promise<number> {
  const output = outputOf(options);
  const { files, ssm, problems, close } = await openDocuments(
    { files: options.targets, ssm: options.ssm },
    readSettings({}),
  );
  try {
    if (direction === 'push') refuseUnfit(await problems());
    return await copyDocuments(
      {
        from: direction === 'push' ? files : ssm,
        to: direction === 'push' ? ssm : files,
        place: direction === 'push' ? options.ssm : options.targets,
        prune: options.prune === true,
        yes: options.yes === true,
        confirm: process.stdin.isTTY && process.stderr.isTTY && options.json !== true ? ask : null,
      },
      output,
    );
  } finally {
    await close();
  }
}

async function ask(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await reader.question(`${question} [y/N] `)).trim());
  } finally {
    reader.close();
  }
}

function outputOf(options: Pick<Common, 'json' | 'color'>): Output {
  const stream = options.json === true ? process.stderr : process.stdout;
  const colored = options.color && process.env.NO_COLOR === undefined && stream.isTTY === true;
  return {
    write: (line) => process.stdout.write(`${line}\n`),
    note: (line) => process.stderr.write(`${line}\n`),
    json: options.json === true,
    style: (style, text) => (colored ? styleText(style, text, { validateStream: false }) : text),
  };
}

function failed(error: unknown, args: readonly string[]): number {
  const output = outputOf({ json: args.includes('--json'), color: !args.includes('--no-color') });
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // People have read it on stderr by now; machines have not.
    const usage = { code: 'WD_USAGE', what: error.message, notDone: 'nothing was done', run: USAGE };
    emit(output, { error: usage }, []);
    return 2;
  }
  emitError(output, explainedOf(error, 'the command was not finished'));
  return error instanceof WatchdogError ? 2 : 70;
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('expected a duration such as 90s, 5m or 2h.');
  return ms;
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('expected a whole number from 1 up.');
  return number;
}

function who(): string {
  return userInfo().username;
}

const USAGE = 'Run `scheduler-watchdog --help`.';

const EXIT_CODES = `
Exit codes: 0 nothing wrong · 1 something is wrong with a target · 2 bad usage or configuration, nothing was done ·
            3 blind: a target could not be judged · 70 a defect of ours`;

if (import.meta.main) await main(process.argv.slice(2));
