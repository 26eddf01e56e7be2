import type { EpochMs } from '../../../functions/core/time.ts';
import type { Clock } from '../../../functions/ports.ts';
import type { Process, World } from './model.ts';
import { call, starvedMs } from './process.ts';

/** What the watchdog's clock shows. */
export function clockOf(world: World): EpochMs {
  return Math.round(world.loop.now() + world.watchdog.skewMs);
}

export function clockPort(world: World, process: Process): Clock {
  return {
    now: () => clockOf(world),
    sleep: (ms) => {
      const over = world.watchdog.starved === 1 ? 0 : 4 * starvedMs(world);
      return call(world, process, ms + over, () => undefined);
    },
  };
}
