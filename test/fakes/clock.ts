import type { EpochMs } from '../../functions/core/time.ts';
import type { Clock } from '../../functions/ports.ts';

/** 2026-11-23T03:00:00Z */
export const START: EpochMs = Date.UTC(2026, 10, 23, 3, 0, 0);

export interface FakeClock extends Clock {
  /** Time only moves forward, whoever asks. */
  advanceTo(at: EpochMs): void;
  /** What takes so long: waits of others that run beside it may pass in the same time. */
  spend(ms: number): Promise<void>;
}

/** A clock that stands still until somebody sleeps; a sleep is over at once. */
export function fakeClock(start: EpochMs = START): FakeClock {
  let now = start;
  const clock: FakeClock = {
    now: () => now,
    advanceTo(at) {
      now = Math.max(now, at);
    },
    async spend(ms) {
      const end = now + ms;
      // Those who sleep side by side wake up side by side, so their lengths do not add up.
      await Promise.resolve();
      now = Math.max(now, end);
    },
    async sleep(ms, signal) {
      // A deadline: what it waits for may be done before any time has passed.
      if (signal !== undefined) await new Promise(setImmediate);
      if (signal?.aborted !== true) await clock.spend(ms);
    },
  };
  return clock;
}
