import { describe, expect, test } from '@jest/globals';
import { MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { STRANGER } from '../../fakes/airflow.ts';
import { calmWorld } from '../../fakes/stories.ts';
import type { World } from '../../fakes/world.ts';

const SIXTY = Array.from({ length: 60 }, (_, second) => second);
/** All pods of all schedulers take so long to write again. */
function recoverIn(world: World, id: string, ...seconds: readonly number[]): void {
  for (const [at, pod] of world.of(id).living(world.clock.now()).entries())
    pod.recoverMs = (seconds[at % seconds.length] ?? 3) * SECOND_MS;
}

describe("a stranger's lock is no wedge", () => {
  test.each([
    { seen: 'addresses', schedulers: 1 },
    { seen: 'addresses', schedulers: 2 },
    { seen: 'hidden', schedulers: 1 },
    { seen: 'hidden', schedulers: 2 },
    { seen: 'pooler', schedulers: 1 },
    { seen: 'pooler', schedulers: 2 },
  ] as const)(
    '$schedulers scheduler(s) wait for it, sessions seen by $seen: nobody goes, somebody is told',
    async ({ seen, schedulers }) => {
      const wrong: number[] = [];
      for (const second of SIXTY.filter((at) => at % 4 === 0)) {
        const world = await calmWorld({ components: { scheduler: schedulers, triggerer: 1 } });
        // Long after each other, so that it is not for their stopping together.
        world.clock.advanceTo(world.tickAt() + second * SECOND_MS);
        const from = world.clock.now();
        world.of('a').strangers.push({ from, to: from + 20 * MINUTE_MS, holder: STRANGER, seen });
        for (const triggerer of world.of('a').living(from, 'triggerer')) triggerer.recoverMs = 0;
        await world.ticks(15);
        expect(world.titles('slack').length).toBeGreaterThan(0);
        if (seen === 'addresses') {
          const { text } = world.sent[0]?.notification ?? { text: '' };
          expect(text).toMatch(
            /session 4711 \(user report, 10\.9\.9\.9, psql, idle in transaction, its statement 240 s old\)/,
          );
        }
        recoverIn(world, 'a', 7, 15);
        await world.ticks(15);
        if (world.removed.length > 0) wrong.push(second);
      }
      expect(wrong).toEqual([]);
    },
  );
});

test('a lock that a wedged peer holds costs the peer its pod, and not the one that waits', async () => {
  const world = await calmWorld({ components: { scheduler: 2, triggerer: 1 } });
  const airflow = world.of('a');
  const [holder, waiter] = airflow.living(world.clock.now());
  if (holder === undefined || waiter === undefined) throw new Error('no schedulers');
  const from = world.clock.now();
  airflow.begin(holder.wedges, from);
  // The peer comes to the lock half a minute later.
  const lock = {
    from: from + 30_000,
    to: null as number | null,
    holder: { ...STRANGER, user: 'airflow', address: holder.ips[0] ?? null },
    seen: 'addresses' as const,
  };
  airflow.strangers.push(lock);
  world.weather.onRemoved = (target, uid) => {
    lock.to = world.clock.now();
    world.removed.push({ target, uid, at: world.clock.now(), wasWell: uid === waiter.uid });
  };
  await world.ticks(20);
  expect(world.removed.map(({ uid }) => uid)).toEqual([holder.uid]);
  expect(world.kinds('slack').at(-1)).toBe('resolved');
});

test("once a stranger's lock is gone a scheduler that wedges goes as before", async () => {
  const world = await calmWorld({ components: { scheduler: 1, triggerer: 1 } });
  const from = world.clock.now();
  world.of('a').strangers.push({ from, to: from + 3 * MINUTE_MS, holder: STRANGER, seen: 'addresses' });
  await world.ticks(6);
  const pod = world.wedge();
  world.clock.advanceTo(world.clock.now() + 70_000);
  await world.ticks(2);
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
});

test('two triggerers that nobody watches and that beat seldom do not hide a wedged scheduler for ever', async () => {
  const late: number[] = [];
  for (const second of SIXTY.filter((at) => at % 5 === 0)) {
    const scheduler = { name: 'scheduler', selector: 'component=scheduler', container: 'scheduler' } as const;
    const world = await calmWorld({
      components: { scheduler: 1, triggerer: 2 },
      target: { components: [scheduler] },
    });
    const airflow = world.of('a');
    for (const [at, { loops }] of airflow.living(world.clock.now(), 'triggerer').entries())
      loops.push({ from: world.clock.now() + at * 3 * SECOND_MS, everyMs: 45 * SECOND_MS });
    await world.ticks(3);
    world.clock.advanceTo(world.tickAt() + second * SECOND_MS);
    const wedged = airflow.pod(world.clock.now());
    airflow.begin(wedged.wedges, world.clock.now());
    const from = world.clock.now();
    await world.ticks(10);
    const removed = world.removed.map(({ uid, at }) => (uid === wedged.uid ? at - from : -1));
    if (removed.length !== 1 || (removed[0] ?? -1) < 0 || (removed[0] ?? 0) > 5 * MINUTE_MS)
      late.push(second);
  }
  expect(late).toEqual([]);
});
