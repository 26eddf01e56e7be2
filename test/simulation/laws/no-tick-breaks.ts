import type { Law } from './law.ts';

export const noTickBreaks: Law = {
  name: 'no tick breaks by itself',
  watch: (world, broken) => ({
    tickEnded: (process, failure) => {
      if (failure === null || process.dead || world.watchdog.storeMood !== 'ok') return;
      // What the outside broke may break the tick; the store's trouble may have ended while the tick still ran.
      if (
        world.watchdog.lastBadAt >= process.startedAt ||
        world.channels.some((one) => one.lastBadAt >= process.startedAt)
      )
        return;
      broken(null, `run ${process.number}: ${failure.slice(0, 600)}`);
    },
  }),
};
