import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LockSession, lockWaits } from '../../../functions/adapters/airflow/lock-graph.ts';

const client = (id: number) => ({
  id,
  user: null,
  address: null,
  application: null,
  state: null,
  queryAgeSeconds: null,
});

/** `3: [1, 2]` is session 3, which waits for 1 and 2; those named in `ours` are the watchdog's. */
function sessionsOf(waits: Readonly<Record<number, readonly number[]>>, ours: readonly number[] = []) {
  const ids = new Set([...Object.keys(waits).map(Number), ...Object.values(waits).flat()]);
  return new Map(
    [...ids].map((id): [number, LockSession] => {
      const blockedBy = waits[id] ?? [];
      const wait = blockedBy.length > 0 ? { on: 'dag', waitedSeconds: id } : null;
      return [id, { client: client(id), isOurs: ours.includes(id), blockedBy, wait }];
    }),
  );
}
const brief = (waits: Readonly<Record<number, readonly number[]>>, ours: readonly number[] = []) =>
  Object.fromEntries(
    lockWaits(sessionsOf(waits, ours)).map(({ waiting, holders }) => [
      waiting.id,
      holders.map(({ id }) => id),
    ]),
  );

test.each([
  { name: 'one waits for one', waits: { 2: [1] }, want: { 2: [1] } },
  { name: 'a chain', waits: { 4: [3], 3: [2], 2: [1] }, want: { 4: [1], 3: [1], 2: [1] } },
  { name: 'two holders', waits: { 3: [1, 2] }, want: { 3: [1, 2] } },
  { name: 'a queue', waits: { 4: [3, 2, 1], 3: [2, 1], 2: [1] }, want: { 4: [1], 3: [1], 2: [1] } },
  { name: 'a circle names whom each waits for', waits: { 1: [2], 2: [1] }, want: { 1: [2], 2: [1] } },
  { name: 'who waits behind a circle', waits: { 1: [2], 2: [1], 3: [1] }, want: { 1: [2], 2: [1], 3: [1] } },
  { name: 'a circle with a way out', waits: { 1: [2, 9], 2: [1] }, want: { 1: [9], 2: [9] } },
  { name: 'who waits for itself waits for nobody', waits: { 1: [1] }, want: {} },
  { name: 'only we are in the way', waits: { 2: [1] }, ours: [1], want: {} },
  { name: 'we and another are in the way', waits: { 3: [1, 2] }, ours: [1], want: { 3: [2] } },
  { name: 'we wait ourselves', waits: { 2: [1] }, ours: [2], want: {} },
  { name: 'behind us, who wait for a stranger', waits: { 3: [2], 2: [1] }, ours: [2], want: { 3: [1] } },
])('$name', ({ waits, ours, want }) => {
  expect(brief(waits, ours)).toEqual(want);
});

test('a session that is waited for but not listed is no holder', () => {
  const sessions = sessionsOf({ 2: [1] });
  sessions.delete(1);
  expect(lockWaits(sessions)).toEqual([]);
});

test('the longest waits come first, and not more than twenty of them', () => {
  const waits = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [index + 2, [1]]));
  expect(lockWaits(sessionsOf(waits)).map(({ waitedSeconds }) => waitedSeconds)).toEqual(
    Array.from({ length: 20 }, (_, index) => 51 - index),
  );
});

test('in any graph a holder is somebody else, never ours, never missing, and waits for nobody unless all go round', () => {
  const id = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(
      fc.dictionary(id.map(String), fc.array(id, { maxLength: 4 })),
      fc.array(id),
      (waits, ours) => {
        const sessions = sessionsOf(waits, ours);
        for (const { waiting, holders } of lockWaits(sessions)) {
          expect(holders.length).toBeGreaterThan(0);
          expect(ours).not.toContain(waiting.id);
          const still = holders.filter((holder) => (sessions.get(holder.id)?.blockedBy.length ?? 0) > 0);
          expect([0, holders.length]).toContain(still.length);
          for (const holder of holders) {
            expect(holder.id).not.toBe(waiting.id);
            expect(ours).not.toContain(holder.id);
          }
        }
      },
    ),
  );
});
