import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { heldForMs, rememberHeld, skippingOf } from '../../functions/core/locks.ts';
import type {
  DatabaseClient,
  HeldLock,
  LocksFacts,
  LockWait,
  Look,
} from '../../functions/core/observation.ts';
import { LIMITS } from '../../functions/core/policy.ts';
import { aPod, MINUTE, NOW, SECOND, unreadable } from './builders.ts';

const POD = aPod();
const PEER = aPod('airflow-scheduler-b', { ips: ['10.0.0.2'] });

const client = (change: Partial<DatabaseClient> = {}): DatabaseClient => ({
  id: 8,
  user: 'airflow',
  address: null,
  application: null,
  state: null,
  queryAgeSeconds: null,
  ...change,
});
const held = (holder: Partial<DatabaseClient>, change: Partial<HeldLock> = {}): HeldLock => ({
  on: 'dag_run',
  holder: client(holder),
  transaction: '3/14',
  transactionSeconds: 400,
  ...change,
});
const looked = (list: readonly HeldLock[], waits: readonly LockWait[] = []): Look<LocksFacts> => ({
  kind: 'answered',
  at: NOW,
  tookMs: 1,
  waits,
  held: list,
});
const skipping = (
  list: readonly HeldLock[],
  { heldSince = {}, waits = [] }: { heldSince?: Record<string, number>; waits?: readonly LockWait[] } = {},
) => skippingOf(POD, looked(list, waits), [PEER], heldForMs(heldSince, NOW));

const OWN = held({ address: '10.0.0.1' }, { transaction: '1/1' });
const OF_PEER = held({ address: '10.0.0.2' }, { transaction: '2/2' });
const STRANGER = held({ id: 9, address: '10.9.9.9', user: 'ann' }, { transaction: '9/9' });
const HIDDEN = held({ id: 7 }, { transaction: '7/7', transactionSeconds: null });
const LONG_SEEN = { heldSince: { '7/7': NOW - MINUTE } };

describe('whose transaction excuses', () => {
  test.each([
    { name: 'nobody’s', list: [], kind: undefined },
    { name: 'only its own', list: [OWN], kind: undefined },
    { name: 'a stranger’s', list: [STRANGER], kind: 'stranger' },
    { name: 'its own and a stranger’s', list: [OWN, STRANGER], kind: 'stranger' },
    { name: 'a peer’s', list: [OF_PEER], kind: 'wedged-peer' },
    { name: 'a peer’s and a stranger’s', list: [OF_PEER, STRANGER], kind: 'stranger' },
    { name: 'somebody’s, seen for the first time', list: [HIDDEN], kind: 'untimed' },
    { name: 'somebody’s, seen for a minute', list: [HIDDEN], given: LONG_SEEN, kind: 'unattributed' },
    { name: 'somebody’s and a peer’s', list: [HIDDEN, OF_PEER], given: LONG_SEEN, kind: 'wedged-peer' },
    { name: 'a young stranger’s', list: [{ ...STRANGER, transactionSeconds: 59 }], kind: undefined },
    {
      name: 'that of a local session under the pods’ own name',
      list: [OWN, held({ id: 7, state: 'idle in transaction' })],
      kind: 'unattributed',
    },
    {
      name: 'that of a local session under a name that no pod has',
      list: [OWN, held({ id: 7, user: 'postgres', state: 'idle in transaction' })],
      kind: 'stranger',
    },
    {
      name: 'another name, while no name of a pod is known',
      list: [held({ id: 7, user: 'postgres' })],
      kind: 'unattributed',
    },
    { name: 'a prepared transaction', list: [held({ id: 0, user: null })], kind: 'stranger' },
  ])('$name → $kind', ({ list, given, kind }) => {
    expect(skipping(list, given)?.kind).toBe(kind);
  });

  test('names of pods are also learned from who waits', () => {
    const waits: LockWait[] = [
      { waiting: client({ address: '10.0.0.2' }), waitedSeconds: 1, on: 'dag', holders: [client({ id: 7 })] },
    ];
    expect(skipping([held({ id: 7, user: 'postgres' })], { waits })?.kind).toBe('stranger');
  });

  test('nothing is known where locks cannot be read', () => {
    for (const look of [null, unreadable('forbidden')])
      expect(skippingOf(POD, look, [PEER], heldForMs({}, NOW))).toBeNull();
  });
});

test.each([
  {
    list: [
      held({
        address: '10.9.9.9',
        user: 'ann',
        application: 'psql',
        state: 'idle in transaction',
        queryAgeSeconds: 399.6,
      }),
    ],
    why: 'session 8 (user ann, 10.9.9.9, psql, idle in transaction, its statement 400 s old) holds a lock on dag_run in a transaction open for 6m40s, and schedulers pass by what is locked',
  },
  {
    list: [OF_PEER],
    why: 'session 8 (user airflow, 10.0.0.2) holds a lock on dag_run in a transaction open for 6m40s, and schedulers pass by what is locked; that is airflow-scheduler-b',
  },
  {
    list: [{ ...HIDDEN, on: 'advisory' }],
    why: 'session 7 (user airflow) holds an advisory lock in a transaction seen for 1m, and schedulers pass by what is locked; whose sessions these are is hidden, from this login or behind a pooler (docs/database.md names the grant)',
  },
])('says: $why', ({ list, why }) => {
  expect(skipping(list, LONG_SEEN)).toMatchObject({ why });
});

const addresses = fc.constantFrom<string | null>(null, '10.0.0.1', '10.0.0.2', '10.9.9.9', 'fe80::1');
const anyHeld = fc
  .record({
    address: addresses,
    user: fc.constantFrom<string | null>(null, 'airflow', 'ann'),
    seconds: fc.oneof(fc.constant(null), fc.double({ min: 0, max: 1_000, noNaN: true })),
    transaction: fc.constantFrom('1/1', '2/2', '3/3', '4/4', '5/5', '6/6'),
  })
  .map(({ address, user, seconds, transaction }) =>
    held({ id: Number(transaction[0]), address, user }, { transaction, transactionSeconds: seconds }),
  );
const someHeld = fc.uniqueArray(anyHeld, { selector: ({ transaction }) => transaction });
const anySince = fc.dictionary(
  fc.constantFrom('1/1', '2/2', '3/3', '4/4', '5/5', '6/6'),
  fc.integer({ min: NOW - 20 * MINUTE, max: NOW + MINUTE }),
);
const isExcuse = (found: ReturnType<typeof skipping>) => found !== null && found.kind !== 'untimed';

test('it is excused if, and only if, somebody else is known to hold for a minute', () => {
  fc.assert(
    fc.property(someHeld, anySince, (list, heldSince) => {
      const forMs = heldForMs(heldSince, NOW);
      const expected = list.some(
        (one) => one.holder.address !== '10.0.0.1' && forMs(one) >= LIMITS.heldLeastMs,
      );
      expect(isExcuse(skipping(list, { heldSince }))).toBe(expected);
    }),
  );
});

test('whatever is hidden from us never takes an excuse away, nor makes anybody’s lock a stranger’s', () => {
  fc.assert(
    fc.property(someHeld, anySince, (list, heldSince) => {
      const before = skipping(list, { heldSince });
      const hidden = list.map((one) => ({ ...one, holder: { ...one.holder, address: null } }));
      const after = skipping(hidden, { heldSince });
      if (isExcuse(before)) expect(isExcuse(after)).toBe(true);
      expect(after?.kind).not.toBe('stranger');
      expect(after?.kind).not.toBe('wedged-peer');
    }),
  );
});

describe('since when a transaction of hidden age is seen', () => {
  const remember = (before: Record<string, number>, list: readonly HeldLock[], now = NOW) =>
    rememberHeld(before, looked(list), now);

  test.each([
    { name: 'the first look begins it', before: {}, list: [HIDDEN], want: { '7/7': NOW } },
    {
      name: 'further looks keep it',
      before: { '7/7': NOW - 5 * SECOND },
      list: [HIDDEN],
      want: { '7/7': NOW - 5 * SECOND },
    },
    { name: 'an end forgets it', before: { '7/7': NOW - MINUTE }, list: [], want: {} },
    { name: 'what tells its age needs no memory', before: {}, list: [STRANGER], want: {} },
    {
      name: 'a clock that was set back begins anew',
      before: { '7/7': NOW + MINUTE },
      list: [HIDDEN],
      want: { '7/7': NOW },
    },
  ])('$name', ({ before, list, want }) => {
    expect(remember(before, list)).toEqual(want);
  });

  test('a look that could not be made changes nothing', () => {
    const before = { '7/7': NOW - MINUTE };
    for (const look of [null, unreadable('forbidden')]) expect(rememberHeld(before, look, NOW)).toBe(before);
  });

  test('it is bounded, whatever an adapter tells', () => {
    const many = Array.from({ length: 50 }, (_, at) => ({ ...HIDDEN, transaction: `${at}/1` }));
    expect(Object.keys(remember({}, many))).toHaveLength(LIMITS.heldKept);
  });
});
