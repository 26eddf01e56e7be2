import type { DurationMs } from '../core/time.ts';
import type { Ports } from '../ports.ts';
import { warnOfChannels } from './channels.ts';
import { oneTick } from './check.ts';
import { emitError, explainedOf, type Output } from './output.ts';
import { mustKnow } from './unknown-target.ts';

export interface WatchOptions {
  readonly everyMs: DurationMs;
  readonly only: readonly string[];
  readonly signal: AbortSignal;
}

/** A state file that is busy or a disk that is full may pass; what does not is for whoever supervises the process. */
const FAILURES_IN_A_ROW = 5;

/** Ticks until it is told to stop; the tick under way is finished first. Ticks never overlap. */
export async function watch(options: WatchOptions, ports: Ports, output: Output): Promise<number> {
  const { everyMs, only, signal } = options;
  // A name that no document has would make every tick do nothing.
  await mustKnow(only, ports.targets, 'nothing was looked at');
  let isFirst = true;
  for (let failures = 0; !signal.aborted; ) {
    const scheduledAt = ports.clock.now();
    try {
      await oneTick({ act: true, only, scheduledAt, slotMs: everyMs }, ports, output);
      failures = 0;
      if (isFirst)
        await warnOfChannels(
          ports.targets.lastChannels(),
          ports.notifiersOf(ports.targets.lastChannels()),
          output,
        );
      isFirst = false;
    } catch (error) {
      failures += 1;
      if (failures >= FAILURES_IN_A_ROW) throw error;
      emitError(output, explainedOf(error, 'this tick was not finished; the next one tries again'));
    }
    const left = scheduledAt + everyMs - ports.clock.now();
    if (left > 0) await ports.clock.sleep(left, signal);
  }
  output.note('stopped; nothing is left undone');
  return 0;
}
