import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { createMetadataDatabase } from '../../../functions/adapters/airflow/database.ts';
import type { LockWait } from '../../../functions/core/observation.ts';
import {
  grants,
  insertDag,
  insertJob,
  insertRun,
  insertTask,
  statsGrant,
} from '../../support/airflow-schema.ts';
import {
  createAirflow,
  realClock,
  type Stranger,
  secretsOf,
  targetWith,
  type User,
  type World,
} from './worlds.ts';

const PLAIN: User = { name: 'watch_plain', password: 'hunter2hunter2' };
const STATS: User = { name: 'watch_stats', password: 'hunter2hunter2' };
const DATABASE = 'locked-airflow';

/** The rig of every test of locks: one database, strangers in it, and looks as either role. */
export function lockRig(started: () => World) {
  const strangers: Stranger[] = [];
  let database: ReturnType<typeof createMetadataDatabase>;

  beforeAll(async () => {
    const world = started();
    for (const { name, password } of [PLAIN, STATS]) await world.createUser({ name, password });
    await world.run('', [statsGrant(world.engine, STATS.name)]);
    await createAirflow(world, DATABASE, 3, PLAIN.name);
    await world.run(DATABASE, [
      ...grants(world.engine, 3, STATS.name),
      insertJob(world.engine, { id: 1, heartbeatAgo: 5 }),
      ...insertDag(world.engine, 3, { id: 'one' }),
      insertRun(world.engine, 3, { dag: 'one', run: 'r1', state: 'running' }),
      insertRun(world.engine, 3, { dag: 'one', run: 'r2', state: 'queued' }),
      insertTask(world.engine, 3, { dag: 'one', run: 'r1', task: 'a', state: 'running', since: 1 }),
      'CREATE TABLE of_somebody_else (id integer PRIMARY KEY)',
      'INSERT INTO of_somebody_else VALUES (1)',
    ]);
    const urls = { PLAIN: world.url(DATABASE, PLAIN), STATS: world.url(DATABASE, STATS) };
    database = createMetadataDatabase({ secrets: secretsOf(urls), clock: realClock });
  }, 60_000);
  const hangUp = async () => {
    for (const stranger of strangers.splice(0)) await stranger.end();
  };
  afterEach(async () => {
    await hangUp();
    // The server needs a moment to see that they are gone.
    await until(
      () => look(),
      ({ locks }) => locks.kind === 'answered' && locks.waits.length + locks.held.length === 0,
    );
  });

  const look = (as: 'PLAIN' | 'STATS' = 'STATS', deadlineMs = 8_000) =>
    database.look(targetWith(started().engine, as), { deadlineMs });
  const looking = async (as: 'PLAIN' | 'STATS' = 'STATS'): Promise<readonly LockWait[]> => {
    const { locks } = await look(as);
    if (locks.kind !== 'answered') throw new Error(locks.detail);
    return locks.waits;
  };
  return {
    look,
    looking,
    hangUp,
    async stranger(...statements: readonly string[]): Promise<Stranger> {
      const opened = await started().stranger(DATABASE);
      strangers.push(opened);
      for (const statement of statements) await opened.query(statement);
      return opened;
    },
    /** The waits as soon as there are so many. */
    waits: (number: number, as: 'PLAIN' | 'STATS' = 'STATS') =>
      until(
        () => looking(as),
        (waits) => waits.length >= number,
      ),
  };
}

export async function until<Told>(ask: () => Promise<Told>, isThere: (told: Told) => boolean): Promise<Told> {
  for (const end = Date.now() + 15_000; Date.now() < end; ) {
    const told = await ask();
    if (isThere(told)) return told;
    // InnoDB tells what it told before when it is asked again within 100 ms.
    await setTimeout(120);
  }
  throw new Error('not seen within 15 s');
}

/** What a look must tell on any engine about who waits for whom. */
export function describeLocks(started: () => World): void {
  const rig = lockRig(started);
  const holding = (waits: readonly LockWait[]) => waits.map(({ on, holders }) => [on, holders.length]);

  test('nobody waits: an answer with nothing in it', async () => {
    await rig.stranger('BEGIN', 'SELECT * FROM dag_run FOR UPDATE');
    expect(await rig.looking()).toEqual([]);
  });

  test.each(['dag_run', 'dag', 'task_instance', 'slot_pool', 'job'])(
    'rows of %s that a stranger locked and left: the waiting session, the table and the idle holder are told',
    async (table) => {
      await rig.stranger('BEGIN', `SELECT * FROM ${table} FOR UPDATE`);
      const scheduler = await rig.stranger('BEGIN');
      scheduler.begin(`SELECT * FROM ${table} FOR UPDATE`);
      const [wait] = await rig.waits(1);
      expect(wait).toEqual({
        waiting: {
          id: expect.any(Number),
          user: expect.any(String),
          address: '127.0.0.1',
          application: null,
          state: 'active',
          queryAgeSeconds: expect.any(Number),
        },
        waitedSeconds: expect.any(Number),
        on: table,
        holders: [
          expect.objectContaining({
            address: '127.0.0.1',
            state: 'idle in transaction',
            queryAgeSeconds: expect.any(Number),
          }),
        ],
      });
      expect(wait?.waitedSeconds).toBeLessThan(15);
      expect(wait?.holders[0]?.id).not.toBe(wait?.waiting.id);
    },
  );

  test('a chain of three ends at the one who waits for nobody', async () => {
    await rig.stranger('BEGIN', "SELECT * FROM dag WHERE dag_id = 'one' FOR UPDATE");
    const middle = await rig.stranger('BEGIN', "SELECT * FROM dag_run WHERE run_id = 'r1' FOR UPDATE");
    middle.begin("SELECT * FROM dag WHERE dag_id = 'one' FOR UPDATE");
    await rig.waits(1);
    const last = await rig.stranger('BEGIN');
    last.begin("UPDATE dag_run SET state = 'x' WHERE run_id = 'r1'");
    const waits = await rig.waits(2);
    expect(holding(waits)).toEqual(
      expect.arrayContaining([
        ['dag', 1],
        ['dag_run', 1],
      ]),
    );
    const [one, two] = waits;
    expect(one?.holders).toMatchObject([{ id: two?.holders[0]?.id, state: 'idle in transaction' }]);
  });

  test('a queue for one row names the holder, not those who came first', async () => {
    await rig.stranger('BEGIN', "SELECT * FROM dag_run WHERE run_id = 'r1' FOR UPDATE");
    for (let number = 1; number <= 4; number += 1) {
      const one = await rig.stranger('BEGIN');
      one.begin("SELECT * FROM dag_run WHERE run_id = 'r1' FOR UPDATE");
      await rig.waits(number);
    }
    const waits = await rig.waits(4);
    expect(holding(waits)).toEqual(Array(4).fill(['dag_run', 1]));
    expect(new Set(waits.map(({ holders }) => holders[0]?.id)).size).toBe(1);
  });

  test('waits on what no scheduler needs are not told', async () => {
    await rig.stranger('BEGIN', 'SELECT * FROM of_somebody_else FOR UPDATE');
    const other = await rig.stranger('BEGIN');
    other.begin('SELECT * FROM of_somebody_else FOR UPDATE');
    await rig.stranger('BEGIN', 'SELECT * FROM dag FOR UPDATE');
    const scheduler = await rig.stranger('BEGIN');
    scheduler.begin('SELECT * FROM dag FOR UPDATE');
    expect(holding(await rig.waits(1))).toEqual([['dag', 1]]);
  });

  test('at most twenty waits are told', async () => {
    await rig.stranger('BEGIN', "SELECT * FROM dag_run WHERE run_id = 'r1' FOR UPDATE");
    for (let number = 0; number < 25; number += 1) {
      const one = await rig.stranger('BEGIN');
      one.begin("SELECT * FROM dag_run WHERE run_id = 'r1' FOR UPDATE");
    }
    expect(await rig.waits(20)).toHaveLength(20);
  });

  test('jobs and progress that wait for a lock leave time and a session to see who holds it', async () => {
    const unlock = await started().lock(DATABASE, 'dag_run');
    const unlockJobs = await started().lock(DATABASE, 'job');
    await rig.stranger('BEGIN', 'SELECT * FROM slot_pool FOR UPDATE');
    const scheduler = await rig.stranger('BEGIN');
    scheduler.begin('SELECT * FROM slot_pool FOR UPDATE');
    try {
      const { jobs, progress, locks } = await until(
        rig.look,
        (told) => told.locks.kind === 'answered' && told.locks.waits.length > 0,
      );
      expect([jobs, progress]).toMatchObject([
        { kind: 'unreadable', cause: 'locked' },
        { kind: 'unreadable', cause: 'locked' },
      ]);
      expect(locks.kind === 'answered' && locks.waits.map(({ on }) => on)).toContain('slot_pool');
    } finally {
      await unlockJobs();
      await unlock();
    }
  });
}
