import fc from 'fast-check';
import type { LedgerEntry } from '../../functions/core/ledger.ts';
import { MINUTE_MS } from '../../functions/core/time.ts';
import { createWorld, type World, type WorldTarget } from './world.ts';

/** What befalls one target, for so many ticks. */
export interface Trouble {
  readonly tick: number;
  readonly what: 'wedge' | 'stall' | 'outage' | 'lock' | 'rollout';
  readonly number: number;
  readonly ticks: number;
}

export const troubles: fc.Arbitrary<readonly Trouble[]> = fc.array(
  fc.record<Trouble>({
    tick: fc.integer({ min: 8, max: 30 }),
    what: fc.constantFrom<Trouble['what']>('wedge', 'wedge', 'stall', 'outage', 'lock', 'rollout'),
    number: fc.nat(1),
    ticks: fc.integer({ min: 1, max: 12 }),
  }),
  { minLength: 1, maxLength: 6 },
);

/** A target with two schedulers through 40 minutes of them. */
export async function livedWorld(list: readonly Trouble[], given: WorldTarget = {}): Promise<World> {
  const world = createWorld([
    { components: { scheduler: 2 }, policy: { startupGraceMs: 2 * MINUTE_MS, ...given.policy } },
  ]);
  const ends = new Map<number, (() => void)[]>();
  for (let tick = 0; tick < 40; tick += 1) {
    for (const end of ends.get(tick) ?? []) end();
    for (const trouble of list.filter((one) => one.tick === tick)) {
      const until = [...(ends.get(tick + trouble.ticks) ?? []), befall(world, trouble)];
      ends.set(tick + trouble.ticks, until);
    }
    await world.tick();
  }
  return world;
}

/** Begins it, and gives what ends it. */
function befall(world: World, { what, number }: Trouble): () => void {
  const airflow = world.of('a');
  const now = world.clock.now();
  const living = airflow.living(now);
  const pod = living[number % Math.max(1, living.length)];
  if (what === 'rollout') {
    airflow.world.rollingOut = '1 of 2 pods updated';
    return () => {
      airflow.world.rollingOut = null;
    };
  }
  const spans = {
    wedge: pod?.wedges ?? [],
    stall: pod?.stalls ?? [],
    outage: airflow.outages,
    lock: airflow.locks,
  }[what];
  airflow.begin(spans, now);
  return () => airflow.end(spans, world.clock.now());
}

/** As a real store gives them back: through JSON. */
export async function looksOfWorld(world: World, target = 'a'): Promise<readonly LedgerEntry[]> {
  const entries = await world.store.history({ target, limit: 10_000, kind: 'looks' });
  return JSON.parse(JSON.stringify(entries)) as LedgerEntry[];
}
