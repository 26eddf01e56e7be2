import type { DurationMs } from '../core/time.ts';
import type { Ports } from '../ports.ts';
import { oneTick } from './check.ts';
import type { Output } from './output.ts';

export interface WatchOptions {
  readonly everyMs: DurationMs;
  readonly only: readonly string[];
  readonly signal: AbortSignal;
}

/** Ticks until it is told to stop; the tick under way is finished first. Ticks never overlap. */
export async function watch(options: WatchOptions, ports: Ports, output: Output): Promise<number> {
  const { everyMs, only, signal } = options;
  while (!signal.aborted) {
    const scheduledAt = ports.clock.now();
    await oneTick({ act: true, only, scheduledAt }, ports, output);
    const left = scheduledAt + everyMs - ports.clock.now();
    if (left > 0) await ports.clock.sleep(left, signal);
  }
  output.note('stopped; nothing is left undone');
  return 0;
}
