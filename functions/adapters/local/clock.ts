import { promises as timers } from 'node:timers';
import type { Clock } from '../../ports.ts';

/** Timers count in 32 bits; a longer one would fire at once. */
const TIMER_MOST_MS = 2 ** 31 - 1;

/** The real time. A wait keeps the process alive exactly as long as somebody waits: aborting it also ends its timer. */
export function createClock(): Clock {
  return { now: () => Date.now(), sleep };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  for (let restMs = ms; restMs > 0 && !signal?.aborted; restMs -= TIMER_MOST_MS) {
    await timers
      .setTimeout(Math.min(restMs, TIMER_MOST_MS), undefined, signal ? { signal } : {})
      .catch((error: unknown) => {
        if (!signal?.aborted) throw error;
      });
  }
}
