import { MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { Register } from './context.ts';
import { durationFrom, examples, sayOptions, stateOptions, targetOption } from './options.ts';
import { type TickOptions, withPorts } from './tick.ts';

interface WatchOptions extends TickOptions {
  readonly every: number;
  readonly target: readonly string[];
}

/** A tick asks every API server and database anew; a tighter loop would be a load, not a better watch. */
const EVERY_LEAST_MS = 5 * SECOND_MS;

export const registerWatch: Register = (program, { done, signal }) => {
  const every = durationFrom(EVERY_LEAST_MS, 'each tick asks every API server and database anew');
  const command = program
    .command('watch')
    .description("ticks for ever, as each target's mode says")
    .option('--every <duration>', 'time between the starts of two ticks, at least 5s', every, MINUTE_MS);
  command.option(
    '--reports <dir>',
    'keep a report of each incident in this folder (default: $WATCHDOG_REPORTS, else none)',
  );
  sayOptions(targetOption(stateOptions(command))).option(
    '--verbose',
    'say what is going on while it goes on',
  );
  examples(command, ['watch', 'watch --every 30s --targets ./targets', 'watch --json >> watchdog.log']);
  command.action(async (options: WatchOptions) => {
    const { watch } = await import('../commands/watch.ts');
    const run = { everyMs: options.every, only: options.target, signal };
    done(await withPorts(options, false, (ports, output) => watch(run, ports, output)));
  });
};
