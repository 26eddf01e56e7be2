import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { databaseState, type PodSilence } from '../../functions/core/database-state.ts';
import type { LockWait } from '../../functions/core/observation.ts';
import type { TargetLooks } from '../../functions/core/patient.ts';
import { NEW_STATE, type TargetState } from '../../functions/core/state.ts';
import type { ComponentName } from '../../functions/core/target.ts';
import {
  aPod,
  aRow,
  aTarget,
  looksOf,
  MINUTE,
  NOW,
  own,
  rows,
  SECOND,
  silent,
  unreadable,
  web,
} from './builders.ts';

const LOCKS = { kind: 'answered', at: NOW, tookMs: 1, waits: [], held: [] } as const;
const pod = (name: string, component: ComponentName = 'scheduler') => aPod(name, { component });
const silentFor = (
  name: string,
  seconds: number | null,
  component: ComponentName = 'scheduler',
): PodSilence => ({
  pod: pod(name, component),
  silentMs: seconds === null ? null : seconds * SECOND,
  limit: { limitMs: 30 * SECOND },
});

/** Two sessions of one scheduler: its loop waits for a table that the other one holds. */
const session = (id: number, address: string) => ({
  id,
  user: 'airflow',
  address,
  application: null,
  state: 'idle in transaction',
  queryAgeSeconds: 227.4,
});
const SOMEBODY = session(4711, '10.9.9.9');
const OWN_WAIT: LockWait = {
  waiting: { ...session(14112, '10.0.0.1'), state: 'active' },
  on: 'dag_run',
  waitedSeconds: 226.5,
  holders: [session(14474, '10.0.0.1')],
};
const waits = (...all: readonly LockWait[]) => ({ ...LOCKS, waits: all });

interface Row {
  readonly name: string;
  readonly looks?: Partial<TargetLooks>;
  readonly living?: readonly PodSilence[];
  readonly database?: TargetState['database'];
  readonly is: string;
}

const rare = (seconds: number) => aRow(seconds, { component: 'triggerer', hostname: `t-${seconds}` });

const ask = ({ looks = {}, living = [silentFor('a', 3)], database }: Omit<Row, 'name' | 'is'>, now = NOW) =>
  databaseState(
    aTarget(),
    looksOf(
      living.map((one) => one.pod),
      looks,
    ),
    database === undefined ? NEW_STATE : { ...NEW_STATE, database },
    now,
    living,
  );

const health = (...says: ('healthy' | 'unhealthy')[]) => ({
  jobs: null,
  own: Object.fromEntries(says.map((one, at) => [`uid-${'abc'[at]}`, own(one)])),
});

describe('the state of the database', () => {
  test.each<Row>([
    { name: 'it answers and rows are fresh', is: 'up' },
    { name: 'there is none', looks: { jobs: null }, is: 'none' },
    { name: 'it does not answer', looks: { jobs: silent() }, is: 'down' },
    { name: 'its rows are locked', looks: { jobs: unreadable('locked') }, is: 'locked' },
    { name: 'other tables are locked', looks: { progress: unreadable('locked') }, is: 'locked' },
    {
      name: 'other tables are locked by a scheduler that waits for itself (as recorded on Airflow 3.3)',
      looks: { progress: unreadable('locked'), locks: waits(OWN_WAIT) },
      is: 'up',
    },
    {
      name: 'other tables are locked, and by whom is not to be seen',
      looks: { progress: unreadable('locked'), locks: unreadable('forbidden') },
      is: 'locked',
    },
    {
      name: 'other tables are locked, and a scheduler waits for somebody else',
      looks: { progress: unreadable('locked'), locks: waits({ ...OWN_WAIT, holders: [SOMEBODY] }) },
      is: 'locked',
    },
    {
      name: 'other tables are locked, and of two waits one is for somebody else',
      looks: { progress: unreadable('locked'), locks: waits(OWN_WAIT, { ...OWN_WAIT, holders: [SOMEBODY] }) },
      is: 'locked',
    },
    {
      name: 'other tables are locked since a moment by a scheduler that waits for itself',
      looks: { progress: unreadable('locked'), locks: waits({ ...OWN_WAIT, waitedSeconds: 4 }) },
      is: 'up',
    },
    { name: 'we may not read it', looks: { jobs: unreadable('forbidden') }, is: 'unreadable' },
    {
      name: 'we may not read it, and the web server says it is sick',
      looks: { jobs: unreadable('forbidden'), urls: [{ url: 'u', look: web('unhealthy', null) }] },
      is: 'down',
    },
    {
      name: 'there is none of ours, and the web server says it is sick',
      looks: { jobs: null, urls: [{ url: 'u', look: web('unhealthy', null) }] },
      is: 'down',
    },
    {
      name: 'both schedulers say 503',
      looks: health('unhealthy', 'unhealthy'),
      living: [silentFor('a', null), silentFor('b', null)],
      is: 'down',
    },
    {
      name: 'one scheduler of two says 503',
      looks: health('unhealthy', 'healthy'),
      living: [silentFor('a', null), silentFor('b', null)],
      is: 'none',
    },
    {
      name: 'the only scheduler says 503',
      looks: health('unhealthy'),
      living: [silentFor('a', null)],
      is: 'none',
    },
    { name: 'the server has just started', looks: { jobs: rows([aRow(3)], 20) }, is: 'recovering' },
    { name: 'the server started long ago', looks: { jobs: rows([aRow(3)], 7_200) }, is: 'up' },
    {
      name: 'it was down at the last look',
      database: { downSince: NOW - MINUTE, backAt: null },
      is: 'recovering',
    },
    {
      name: 'it came back within the grace',
      database: { downSince: null, backAt: NOW - 59 * SECOND },
      is: 'recovering',
    },
    {
      name: 'it came back before the grace',
      database: { downSince: null, backAt: NOW - 61 * SECOND },
      is: 'up',
    },
    {
      name: 'our clock jumped back over the grace',
      database: { downSince: null, backAt: NOW + 10 * MINUTE },
      is: 'up',
    },
    {
      name: 'all schedulers stopped together',
      living: [silentFor('a', 60), silentFor('b', 70)],
      is: 'shared-stop',
    },
    {
      name: 'all schedulers stopped, one after the other',
      living: [silentFor('a', 60), silentFor('b', 95)],
      is: 'up',
    },
    {
      name: 'every component stopped, as far apart as clocks and paces differ',
      living: [silentFor('a', 115), silentFor('t', 60, 'triggerer')],
      is: 'shared-stop',
    },
    {
      name: 'every component stopped, one after the other',
      living: [silentFor('a', 125), silentFor('t', 60, 'triggerer')],
      is: 'up',
    },
    {
      name: 'all schedulers stopped, one after the other, long after the triggerer',
      living: [silentFor('a', 60), silentFor('b', 95), silentFor('t', 300, 'triggerer')],
      is: 'up',
    },
    {
      name: 'all schedulers stopped together, and a row of the future tells nothing',
      looks: { jobs: rows([aRow(-29, { component: 'triggerer', hostname: 'x' })]) },
      living: [silentFor('a', 60), silentFor('b', 70)],
      is: 'shared-stop',
    },
    {
      name: 'the scheduler has been silent for longer than its limit and a minute, by the beats of two that beat seldom',
      looks: { jobs: rows([rare(25), rare(40)]) },
      living: [silentFor('a', 116)],
      is: 'up',
    },
    {
      name: 'the scheduler may have stopped with two that beat seldom',
      looks: { jobs: rows([rare(25), rare(40)]) },
      living: [silentFor('a', 114)],
      is: 'shared-stop',
    },
    {
      name: 'one scheduler stopped long ago, the other one with two that beat seldom',
      looks: { jobs: rows([rare(25), rare(40)]) },
      living: [silentFor('a', 900), silentFor('b', 30)],
      is: 'shared-stop',
    },
    {
      name: 'nothing is known of the scheduler, and two that we do not watch stopped together',
      looks: { jobs: rows([rare(25), rare(40)]) },
      living: [silentFor('a', null)],
      is: 'shared-stop',
    },
    { name: 'one of two stopped', living: [silentFor('a', 60), silentFor('b', 3)], is: 'up' },
    {
      name: 'every component stopped together',
      living: [silentFor('a', 60), silentFor('t', 65, 'triggerer')],
      is: 'shared-stop',
    },
    {
      name: 'both schedulers stopped, the triggerer beats and locks are seen',
      looks: { locks: LOCKS },
      living: [silentFor('a', 60), silentFor('b', 62), silentFor('t', 3, 'triggerer')],
      is: 'up',
    },
    {
      name: 'both schedulers stopped, the triggerer beats and locks are not seen',
      looks: { locks: unreadable('forbidden') },
      living: [silentFor('a', 60), silentFor('b', 62), silentFor('t', 3, 'triggerer')],
      is: 'shared-stop',
    },
    {
      name: 'both schedulers stopped, and a component that we do not watch beats',
      looks: { locks: LOCKS, jobs: rows([aRow(3, { component: 'dag-processor', hostname: 'x' })]) },
      living: [silentFor('a', 60), silentFor('b', 62)],
      is: 'up',
    },
  ])('$name: $is', ({ is, ...given }) => {
    expect(ask(given).kind).toBe(is);
  });
});

test('every fault that a witness tells comes before the grace of the last one', () => {
  const faults: readonly Partial<TargetLooks>[] = [
    { jobs: silent() },
    { jobs: unreadable('locked') },
    { progress: unreadable('locked') },
  ];
  fc.assert(
    fc.property(fc.constantFrom(...faults), fc.integer({ min: 0, max: 10 * MINUTE }), (looks, ago) => {
      const database = { downSince: null, backAt: NOW - ago };
      expect(['down', 'locked']).toContain(ask({ looks, database }).kind);
    }),
  );
});
