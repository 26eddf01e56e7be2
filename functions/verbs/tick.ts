import type { Output } from '../commands/output.ts';
import type { Ports } from '../ports.ts';
import type { StateOptions } from './options.ts';
import { terminalOf } from './terminal.ts';

export interface TickOptions extends StateOptions {
  readonly verbose?: boolean;
  readonly reports?: string;
}

/** For the verbs that look: everything there is, for as long as the work takes. */
export async function withPorts(
  options: TickOptions,
  readOnly: boolean,
  work: (ports: Ports, output: Output) => Promise<number>,
): Promise<number> {
  const [{ placeOfState, readSettings, strayState }, { wire }] = await Promise.all([
    import('../wiring/settings.ts'),
    import('../wiring/wire.ts'),
  ]);
  const output = terminalOf(options);
  const settings = readSettings(options);
  const stray = strayState(settings, options.state ?? process.env.WATCHDOG_STATE);
  if (stray !== null && settings.state !== null)
    output.note(
      `the state is ${placeOfState(settings.state)}, beside the targets; ${stray} is not used: name it with --state to go on with it`,
    );
  const { ports, close } = await wire({
    settings,
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
