import type { EpochMs } from '../../functions/core/time.ts';
import type { FakeClock } from './clock.ts';

/** One thing that was done to the world or asked of it. */
export interface Effect {
  readonly at: EpochMs;
  /** `pods`, `database`, `load`, `save`, `append`, `logs`, `remove`, `send`, `sleep`. */
  readonly kind: string;
  readonly target: string;
  /** `intent`, `deleted`, `slack opened` … */
  detail: string;
}

/** The process died here; nothing catches this on purpose. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** What happens to one process: where it dies, which of its saves lose their race, how its steps mix with another's. */
export interface Fate {
  readonly crash?: { readonly at: number; readonly when: 'before' | 'after' };
  /** Numbers of the saves that somebody else gets in front of. */
  readonly conflicts?: readonly number[];
  /** How many turns of the event loop pass before each effect. */
  readonly turns?: () => number;
}

/** Effects that change something; only these are counted for a crash. */
const COUNTED = new Set(['save', 'append', 'logs', 'remove', 'send']);

/** One life of the program over a world that outlives it. */
export function startProcess(log: Effect[], clock: FakeClock, fate: Fate = {}) {
  let dead = false;
  let counted = 0;
  let saves = 0;
  const dieIf = (when: 'before' | 'after', isCounted: boolean, number: number) => {
    if (!isCounted || fate.crash?.when !== when || fate.crash.at !== number) return;
    dead = true;
    throw new Crash(`died ${when} effect ${number}`);
  };
  return {
    /** So many counted effects have happened, or were about to. */
    counted: () => counted,
    isDead: () => dead,
    /** Whether this save is one that somebody else gets in front of. */
    losesRace: () => {
      saves += 1;
      return fate.conflicts?.includes(saves - 1) === true;
    },
    async effect<T>(
      kind: string,
      target: string,
      run: (entry: Effect) => T | Promise<T>,
      detail = '',
    ): Promise<T> {
      for (let turns = fate.turns?.() ?? 0; turns > 0; turns -= 1) await Promise.resolve();
      if (dead) throw new Crash('dead already');
      const isCounted = COUNTED.has(kind);
      const number = counted;
      if (isCounted) counted += 1;
      dieIf('before', isCounted, number);
      const entry: Effect = { at: clock.now(), kind, target, detail };
      log.push(entry);
      const result = await run(entry);
      dieIf('after', isCounted, number);
      return result;
    },
  };
}

export type Process = ReturnType<typeof startProcess>;
