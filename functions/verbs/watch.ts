import { Option } from 'commander';
import { MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { Register } from './context.ts';
import { durationFrom, examples, sayOptions, stateOptions, targetOption } from './options.ts';
import { type TickOptions, withPorts } from './tick.ts';

interface WatchOptions extends TickOptions {
  readonly every: number;
  readonly target: readonly string[];
  readonly quiet?: boolean;
  readonly listen?: string;
  readonly heartbeatUrl?: string;
}

/** A tick asks every API server and database anew; a tighter loop would be a load, not a better watch. */
const EVERY_LEAST_MS = 5 * SECOND_MS;

export const registerWatch: Register = (command, { done, signal }) => {
  const every = durationFrom(EVERY_LEAST_MS, 'each tick asks every API server and database anew');
  command.addOption(
    new Option('--every <duration>', 'time between the starts of two ticks, at least 5s')
      .argParser(every)
      .default(MINUTE_MS, '1m'),
  );
  command
    .option('--listen <address>', 'serve /healthz and /metrics there, such as 127.0.0.1:9469')
    .option(
      '--heartbeat-url <url>',
      "call it after each complete tick, for a dead man's switch (default: $WATCHDOG_HEARTBEAT_URL)",
    )
    .option('--quiet', 'only what changes: neither a banner nor a summary now and then')
    .option(
      '--reports <dir>',
      'keep a report of each incident in this folder (default: $WATCHDOG_REPORTS, else none)',
    );
  sayOptions(targetOption(stateOptions(command))).option(
    '--verbose',
    'every target of every tick, and what goes on between',
  );
  examples(command, [
    'watch',
    'watch --every 30s --targets ./targets',
    'watch --listen 127.0.0.1:9469 --quiet',
    'watch --json >> watchdog.log',
  ]);
  command.action(async (options: WatchOptions) => done(await watched(options, signal)));
};

async function watched(options: WatchOptions, signal: AbortSignal): Promise<number> {
  const [{ watch }, { placeOfState, readSettings }, { VERSION }, { openBoardAt }, { tellDeadMansSwitch }] =
    await Promise.all([
      import('../commands/watch.ts'),
      import('../wiring/settings.ts'),
      import('../wiring/version.ts'),
      import('../wiring/listen.ts'),
      import('../wiring/lambda.ts'),
    ]);
  const { quiet = false, verbose = false, heartbeatUrl, listen } = options;
  const settings = readSettings(options);
  const told = { ...settings, deadMansSwitchUrl: heartbeatUrl ?? settings.deadMansSwitchUrl };
  return withPorts(options, false, async (ports, output) => {
    const board = listen === undefined ? null : await openBoardAt(listen, options.every, ports.clock);
    const run = {
      everyMs: options.every,
      only: options.target,
      signal,
      loudness: verbose ? ('all' as const) : quiet ? ('quiet' as const) : ('changes' as const),
      surroundings: {
        version: VERSION,
        state: settings.state === null ? '' : placeOfState(settings.state),
        url: board?.url ?? null,
        heartbeat: told.deadMansSwitchUrl !== null,
      },
      board,
      deadMansSwitch: told.deadMansSwitchUrl === null ? null : () => tellDeadMansSwitch(told),
    };
    try {
      return await watch(run, ports, output);
    } finally {
      await board?.close();
    }
  });
}
