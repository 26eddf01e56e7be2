import { formatDuration } from '../../../functions/core/time.ts';
import type { Law } from './law.ts';

const MOST_BYTES = 100_000;

export const everythingIsBounded: Law = {
  name: 'state and ticks are bounded',
  watch: (world, broken, tally) => ({
    saved: (key, bytes) => {
      tally.largestStateBytes = Math.max(tally.largestStateBytes, bytes);
      if (bytes > MOST_BYTES) broken(world.byId.get(key) ?? null, `the document "${key}" has ${bytes} bytes`);
    },
    tickEnded: (process) => {
      if (!process.dead)
        tally.longestTickMs = Math.max(tally.longestTickMs, world.loop.now() - process.startedAt);
    },
    overran: (process) => {
      // Neither a starved watchdog nor a store that throttles can keep its time.
      if (world.watchdog.starved > 1 || world.watchdog.storeMood !== 'ok') return;
      broken(
        null,
        `run ${process.number} was still going after ${formatDuration(world.loop.now() - process.startedAt)}`,
      );
    },
  }),
};
