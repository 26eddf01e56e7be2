import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_POLICY, LIMITS } from '../../functions/core/policy.ts';
import { MINUTE_MS } from '../../functions/core/time.ts';
import { createWorld, type World } from '../fakes/world.ts';

const TARGETS = ['a', 'b'] as const;
const TICKS = 60;

type Happening =
  | 'wedge'
  | 'stall'
  | 'heal'
  | 'outage'
  | 'blind'
  | 'lock'
  | 'rollout'
  | 'drain'
  | 'lost-answer';

interface Event {
  readonly tick: number;
  readonly target: (typeof TARGETS)[number];
  readonly what: Happening;
  readonly number: number;
  /** How far into the minute before the tick. */
  readonly afterMs: number;
  /** Outages, blindness, locks and rollouts end after so many ticks. */
  readonly ticks: number;
}

const events = fc.array(
  fc.record<Event>({
    tick: fc.integer({ min: 8, max: TICKS - 1 }),
    target: fc.constantFrom(...TARGETS),
    what: fc.constantFrom<Happening>(
      'wedge',
      'wedge',
      'wedge',
      'stall',
      'heal',
      'outage',
      'blind',
      'lock',
      'rollout',
      'drain',
      'lost-answer',
    ),
    number: fc.nat(1),
    afterMs: fc.nat(59_000),
    ticks: fc.integer({ min: 1, max: 12 }),
  }),
  { maxLength: 14 },
);

/** Ends of what an event began, by the tick at which they happen. */
type Ends = Map<number, (() => void)[]>;

function happen(world: World, event: Event, ends: Ends): void {
  const airflow = world.of(event.target);
  const now = world.clock.now();
  const living = airflow.living(now);
  const pod = living[event.number % Math.max(1, living.length)];
  const until = (end: () => void) => {
    const at = event.tick + event.ticks;
    ends.set(at, [...(ends.get(at) ?? []), end]);
  };
  const spans = { outage: airflow.outages, blind: airflow.blinds, lock: airflow.locks };
  switch (event.what) {
    case 'wedge':
      if (pod !== undefined) airflow.begin(pod.wedges, now);
      return;
    case 'stall':
      if (pod !== undefined) airflow.begin(pod.stalls, now);
      return;
    case 'heal':
      for (const one of airflow.pods) for (const sick of [one.wedges, one.stalls]) airflow.end(sick, now);
      return;
    case 'rollout':
      airflow.world.rollingOut = '1 of 2 pods updated';
      until(() => {
        airflow.world.rollingOut = null;
      });
      return;
    case 'drain':
      if (pod !== undefined) airflow.terminate(pod, now);
      return;
    case 'lost-answer':
      world.weather.removals.push('lost', 'failed');
      return;
    default: {
      const span = spans[event.what];
      airflow.begin(span, now);
      until(() => airflow.end(span, world.clock.now()));
    }
  }
}

/** Runs the whole hour and then lets everything get well again. */
async function live(list: readonly Event[], each: (world: World, tick: number) => Promise<void>) {
  const world = createWorld(
    TARGETS.map((id) => ({ id, components: { scheduler: 2 }, policy: { startupGraceMs: 2 * MINUTE_MS } })),
  );
  const ends: Ends = new Map();
  for (let tick = 0; tick < TICKS; tick += 1) {
    const began = world.clock.now();
    for (const end of ends.get(tick) ?? []) end();
    const due = list.filter((event) => event.tick === tick).sort((a, b) => a.afterMs - b.afterMs);
    for (const event of due) {
      world.clock.advanceTo(Math.min(began + event.afterMs, world.tickAt() + 59_000));
      happen(world, event, ends);
    }
    const report = await world.tick();
    expect(report.defects).toEqual([]);
    await each(world, tick);
  }
  for (const last of [...ends.keys()].filter((tick) => tick >= TICKS))
    for (const end of ends.get(last) ?? []) end();
  for (const id of TARGETS) {
    const airflow = world.of(id);
    for (const pod of airflow.pods)
      for (const sick of [pod.wedges, pod.stalls]) airflow.end(sick, world.clock.now());
  }
  await world.ticks(25);
  // The end of what came and went is told after a calm.
  const isFlapping = async () =>
    (await Promise.all(TARGETS.map((id) => world.stateOf(id)))).some(
      ({ routing }) => routing.flapping !== null,
    );
  for (let tick = 0; tick < 40 && (await isFlapping()); tick += 1) await world.tick();
  return world;
}

test('in no world is a well scheduler removed, two within the cool-down, or any without an intent', async () => {
  let removals = 0;
  await fc.assert(
    fc.asyncProperty(events, async (list) => {
      const world = await live(list, async () => {});
      removals += world.removed.length;
      expect(world.removed.filter(({ wasWell }) => wasWell)).toEqual([]);
      for (const id of TARGETS) {
        const own = world.removed.filter(({ target }) => target === id);
        for (const [at, one] of own.entries()) {
          const gap = one.at - (own[at - 1]?.at ?? Number.NEGATIVE_INFINITY);
          expect(gap).toBeGreaterThanOrEqual(DEFAULT_POLICY.cooldownMs - LIMITS.tickBudgetMs);
        }
        const steps = world.log.filter(
          ({ kind, target, detail }) =>
            target === id && (kind === 'remove' || (kind === 'save' && detail === 'intent')),
        );
        expect(steps.map(({ kind }) => kind)).toEqual(
          steps.map((_, at) => (at % 2 === 0 ? 'save' : 'remove')),
        );
        expect(new Set(own.map(({ uid }) => uid)).size).toBe(own.length);
      }
      expect(world.watched.largestBytes).toBeLessThan(100_000);
      for (const { forMs, budgetMs } of world.awake) expect(forMs).toBeLessThanOrEqual(budgetMs);
      for (const id of TARGETS) expect(await world.stateOf(id)).toMatchObject({ incident: null, outbox: [] });
      for (const channel of ['slack', 'pager']) {
        const byIncident = Map.groupBy(
          world.sent.filter((one) => one.channel === channel),
          ({ notification }) => notification.incident,
        );
        for (const story of byIncident.values()) {
          const kinds = story.map(({ notification }) => notification.kind);
          expect(kinds[0]).toBe('opened');
          expect(kinds.at(-1)).toBe('resolved');
          expect(kinds.filter((kind) => kind !== 'updated' && kind !== 'escalated')).toEqual([
            'opened',
            'resolved',
          ]);
        }
      }
    }),
    { numRuns: 60 },
  );
  // The property must not hold for want of removals.
  expect(removals).toBeGreaterThan(20);
});

test('blindness and outages that outlast their limits are told, whatever else happens', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (list) => {
      const since = new Map<string, number>();
      await live(list, async (world) => {
        const now = world.clock.now();
        for (const id of TARGETS) {
          const { outages, blinds, isIn, world: truth } = world.of(id);
          // While a rollout is under way its own, longer limit counts for a database outage.
          const isBad = (isIn(outages, now) && truth.rollingOut === null) || isIn(blinds, now);
          if (!isBad) since.delete(id);
          else if (!since.has(id)) since.set(id, now);
          if (!isBad || now - (since.get(id) ?? now) < 4 * MINUTE_MS) continue;
          const { incident } = await world.stateOf(id);
          expect(incident?.told).toBeGreaterThan(0);
        }
      });
    }),
    { numRuns: 40 },
  );
});
