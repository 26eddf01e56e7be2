import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Waiting, waitingOf } from '../../functions/core/locks.ts';
import type { DatabaseClient, LocksFacts, LockWait, Look } from '../../functions/core/observation.ts';
import { aPod, NOW, unreadable } from './builders.ts';

const me = aPod('a', { ips: ['10.0.0.1'] });
const peer = aPod('b', { ips: ['10.0.0.2'] });
const worker = aPod('c', { component: 'triggerer', ips: ['10.0.0.3'] });
const ALL = [me, peer, worker];

const client = (address: string | null, change: Partial<DatabaseClient> = {}): DatabaseClient => ({
  id: 7,
  user: 'airflow',
  address,
  application: null,
  state: null,
  queryAgeSeconds: null,
  ...change,
});
const wait = (
  waiting: DatabaseClient,
  holders: readonly DatabaseClient[],
  seconds: number | null = 60,
): LockWait => ({
  waiting,
  waitedSeconds: seconds,
  on: 'dag_run',
  holders,
});
const locks = (...waits: readonly LockWait[]): Look<LocksFacts> => ({
  kind: 'answered',
  held: [],
  at: NOW,
  tookMs: 1,
  waits,
});
const ask = (look: Look<LocksFacts> | null, isPeerWedged = false): Waiting['kind'] | null =>
  waitingOf(me, look, [peer], () => isPeerWedged, ALL)?.kind ?? null;

const MINE = client('10.0.0.1');
const PEERS = client('10.0.0.2');
const STRANGER = client('10.9.9.9', {
  user: 'report',
  application: 'psql',
  state: 'idle in transaction',
  queryAgeSeconds: 240,
});
const POOLED = client('10.8.8.8');
const HIDDEN = client(null);

describe('what a pod waits for', () => {
  test.each([
    { name: 'nobody was asked', look: null, is: null },
    { name: 'nobody may say', look: unreadable('forbidden'), is: null },
    { name: 'nobody waits', look: locks(), is: null },
    { name: 'it waits for a stranger', look: locks(wait(MINE, [STRANGER])), is: 'stranger' },
    { name: 'it waits for a moment', look: locks(wait(MINE, [STRANGER], 5)), is: null },
    {
      name: 'it waits for a time that the server does not say',
      look: locks(wait(MINE, [STRANGER], null)),
      is: 'stranger',
    },
    { name: 'it waits for itself', look: locks(wait(MINE, [client('10.0.0.1', { id: 8 })])), is: null },
    { name: 'it waits for a peer that is well', look: locks(wait(MINE, [PEERS])), is: 'stranger' },
    {
      name: 'it waits for a peer that is wedged',
      look: locks(wait(MINE, [PEERS])),
      wedged: true,
      is: 'wedged-peer',
    },
    { name: 'a peer waits for it', look: locks(wait(PEERS, [MINE])), is: null },
    { name: 'a peer waits for a stranger', look: locks(wait(PEERS, [STRANGER])), is: null },
    {
      name: 'somebody hidden waits for somebody hidden',
      look: locks(wait(HIDDEN, [HIDDEN])),
      is: 'unattributed',
    },
    { name: 'it waits for somebody hidden', look: locks(wait(MINE, [HIDDEN])), is: 'unattributed' },
    {
      name: 'somebody hidden waits for another login',
      look: locks(wait(HIDDEN, [STRANGER])),
      is: 'stranger',
    },
    {
      name: 'somebody behind a pooler waits for somebody behind it',
      look: locks(wait(POOLED, [POOLED])),
      is: 'unattributed',
    },
    { name: 'somebody behind a pooler waits for it', look: locks(wait(POOLED, [MINE])), is: null },
    { name: 'a worker waits for it', look: locks(wait(client('10.0.0.3'), [MINE])), is: null },
    {
      name: 'a stranger excuses more than a wedged peer',
      look: locks(wait(MINE, [PEERS]), wait(MINE, [STRANGER])),
      wedged: true,
      is: 'stranger',
    },
  ] as { name: string; look: Look<LocksFacts> | null; wedged?: boolean; is: Waiting['kind'] | null }[])(
    '$name: $is',
    ({ look, wedged, is }) => expect(ask(look, wedged)).toBe(is),
  );
});

test("the sentence names the blocker's pid, user, address and the age of its statement", () => {
  expect(waitingOf(me, locks(wait(MINE, [STRANGER])), [peer], () => false, ALL)?.why).toBe(
    'session 7 (user airflow, 10.0.0.1) waits for 60 s for a lock on dag_run that session 7 (user report, 10.9.9.9, psql, idle in transaction, its statement 240 s old) holds',
  );
});

test('a pod is never excused by waits of peers for each other, nor by its own locks', () => {
  const arbitraryPeer = fc.constantFrom(PEERS, client('10.0.0.3'));
  const arbitraryHolder = fc.constantFrom(MINE, PEERS, STRANGER, POOLED, HIDDEN);
  fc.assert(
    fc.property(fc.array(fc.tuple(arbitraryPeer, arbitraryHolder)), (pairs) => {
      expect(ask(locks(...pairs.map(([waiting, holder]) => wait(waiting, [holder]))))).toBeNull();
    }),
  );
});
