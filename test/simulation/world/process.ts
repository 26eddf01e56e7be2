import type { DurationMs, EpochMs } from '../../../functions/core/time.ts';
import type { Process, World } from './model.ts';

/** Answers come on a grid, so that those of many targets arrive together and cost one turn. */
const GRID_MS = 10;

export function startProcess(world: World, scheduledAt: EpochMs): Process {
  const { watchdog } = world;
  world.runs += 1;
  const process: Process = {
    number: world.runs,
    startedAt: world.loop.now(),
    scheduledAt,
    dead: false,
    callsLeft: watchdog.killAfter ?? Infinity,
    diesAfter: world.random.chance(0.5),
    calls: 0,
    lookedAt: new Map(),
    saved: new Map(),
    onDeath: () => undefined,
  };
  watchdog.killAfter = null;
  return process;
}

/** A promise that is never kept: what a dead process waits for. */
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** The request was on its way when its caller died: what it does is done, and a refusal reaches nobody. */
function unheard(effect: () => unknown): void {
  try {
    effect();
  } catch {}
}

/**
 * One call of a process into the world. Its effect happens once the request has arrived, whatever becomes of the caller;
 * the caller goes on when the answer is back, unless it is dead by then.
 */
export function call<T>(world: World, process: Process, tookMs: DurationMs, effect: () => T): Promise<T> {
  process.calls += 1;
  if (process.dead) return never();
  if (process.callsLeft !== Infinity) {
    process.callsLeft -= 1;
    if (process.callsLeft < 0) {
      process.dead = true;
      world.loop.at(world.loop.now(), process.onDeath);
      if (process.diesAfter) world.loop.at(world.loop.now() + 20, () => unheard(effect));
      return never();
    }
  }
  const { loop } = world;
  const ms = world.watchdog.starved === 1 ? tookMs : tookMs + starvedMs(world);
  const at = Math.ceil((loop.now() + ms) / GRID_MS) * GRID_MS;
  return new Promise<T>((resolve, reject) => {
    loop.at(at, () => {
      if (process.dead) return;
      loop.touch();
      try {
        resolve(effect());
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Its own event loop was blocked meanwhile. */
export function starvedMs(world: World): DurationMs {
  return world.random.unit() ** 3 * 200 * world.watchdog.starved;
}
