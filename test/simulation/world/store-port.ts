import type { StateStore } from '../../../functions/ports.ts';
import type { Process, World } from './model.ts';
import { call } from './process.ts';

/** Measuring a document costs more than saving it here; so many saves pass for one that is measured. */
const MEASURED_EVERY = 61;

/** Documents under compare-and-set that outlive every process. Their content is nobody's business here. */
export function storePort(world: World, process: Process): StateStore {
  const { documents, watchdog } = world;
  const tookMs = () =>
    5 +
    world.random.unit() ** 3 * 30 +
    (watchdog.storeMood === 'throttling' ? world.random.between(0, 2_000) : 0);
  const refuse = () => {
    const { storeMood } = watchdog;
    if (storeMood !== 'refusing' && !(storeMood === 'throttling' && world.random.chance(0.2))) return;
    watchdog.lastBadAt = world.loop.now();
    throw world.program.outsideFault('WD_STATE_UNAVAILABLE', 'the state table refuses');
  };
  return {
    load: (key) =>
      call(world, process, tookMs(), () => {
        refuse();
        return documents.get(key) ?? null;
      }),
    save: (key, body, expectedVersion) =>
      call(world, process, tookMs(), () => {
        refuse();
        const version = documents.get(key)?.version ?? 0;
        if (version !== expectedVersion) return 'conflict';
        if (watchdog.storeMood === 'conflicting' && world.random.chance(0.4)) {
          // Somebody else wrote first what was there already.
          documents.set(key, { version: version + 1, body: documents.get(key)?.body ?? body });
          return 'conflict';
        }
        documents.set(key, { version: version + 1, body });
        process.saved.set(key, { call: process.calls, body });
        world.saves += 1;
        if (world.saves % MEASURED_EVERY === 0) world.hearing.saved(key, JSON.stringify(body).length);
        return 'saved';
      }),
    append: () => call(world, process, tookMs(), refuse),
    history: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}
