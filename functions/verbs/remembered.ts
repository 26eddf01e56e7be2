import type { Output } from '../commands/output.ts';
import type { Remembered } from '../wiring/state.ts';
import type { StateOptions } from './options.ts';
import { terminalOf } from './terminal.ts';

/** For the verbs that speak of a watchdog's state: it has to be there already. */
export async function withRemembered(
  options: StateOptions,
  work: (remembered: Remembered, output: Output) => Promise<number>,
): Promise<number> {
  const [{ readSettings }, { withState }] = await Promise.all([
    import('../wiring/settings.ts'),
    import('../wiring/state.ts'),
  ]);
  const output = terminalOf(options);
  return withState(readSettings(options), (remembered) => work(remembered, output));
}
