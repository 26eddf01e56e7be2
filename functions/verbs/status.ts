import { SECOND_MS } from '../core/time.ts';
import type { Register } from './context.ts';
import {
  durationFrom,
  examples,
  rememberedOptions,
  type StateOptions,
  sayOptions,
  targetOption,
} from './options.ts';
import { withRemembered } from './remembered.ts';

interface StatusOptions extends StateOptions {
  readonly target: readonly string[];
  readonly watch?: number | true;
}

const REDRAW_MS = 5 * SECOND_MS;
const CLEAR_SCREEN = '\x1b[H\x1b[2J\x1b[3J';

export const registerStatus: Register = (command, { done, signal }) => {
  const every = durationFrom(SECOND_MS, 'nothing changes faster than that');
  command.option('--watch [duration]', 'draw it anew until it is stopped (every 5s)', every);
  sayOptions(targetOption(rememberedOptions(command)));
  examples(command, [
    'status',
    'status --watch 10s',
    'status --targets ssm:/scheduler-watchdog --state dynamodb:TABLE --json',
  ]);
  command.action(async (options: StatusOptions) => {
    const { status, statusAnew } = await import('../commands/status.ts');
    const { target, watch } = options;
    done(
      await withRemembered(options, (remembered, output) => {
        if (watch === undefined) return status(target, remembered, output);
        const clear = () => process.stdout.isTTY && !output.json && process.stdout.write(CLEAR_SCREEN);
        const everyMs = watch === true ? REDRAW_MS : watch;
        return statusAnew({ only: target, everyMs, signal, clear }, remembered, output);
      }),
    );
  });
};
