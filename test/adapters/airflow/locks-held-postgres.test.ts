import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeHeld, heldRig } from './locks-held-suite.ts';
import { until } from './locks-suite.ts';
import { createAirflow, type PostgresWorld, postgresWorld } from './worlds.ts';

let world: PostgresWorld;
beforeAll(async () => {
  world = await postgresWorld();
}, 60_000);
afterAll(() => world?.stop(), 30_000);

const rig = heldRig(() => world);
describeHeld(rig, (table) => table);

test('without pg_read_all_stats address, state and age are hidden, user and transaction are not', async () => {
  await rig.stranger("SET application_name = 'psql of anna'", 'BEGIN', 'SELECT * FROM dag_run FOR UPDATE');
  const [held] = await rig.holders(1, 'PLAIN');
  expect(held).toEqual({
    on: 'dag_run',
    holder: {
      id: expect.any(Number),
      user: 'postgres',
      address: null,
      application: 'psql of anna',
      state: null,
      queryAgeSeconds: null,
    },
    transaction: expect.stringMatching(/^\d+\/\d+$/),
    transactionSeconds: null,
  });
  expect((await rig.held('STATS'))[0]?.transaction).toBe(held?.transaction);
});

test('the oldest twenty are told to a role that sees no ages, too', async () => {
  await rig.stranger('BEGIN', 'SELECT * FROM slot_pool FOR UPDATE');
  const [first] = await rig.holders(1, 'PLAIN');
  for (let number = 0; number < 24; number += 1)
    await rig.stranger('BEGIN', `INSERT INTO dag (dag_id, is_paused) VALUES ('made ${number}', true)`);
  const held = await rig.holders(20, 'PLAIN');
  expect(held).toHaveLength(20);
  expect(held.map(({ transaction }) => transaction)).toContain(first?.transaction);
});

test('who passes by locked rows holds nothing itself', async () => {
  await rig.stranger('BEGIN', 'SELECT * FROM dag_run FOR UPDATE');
  await rig.stranger('BEGIN', 'SELECT * FROM dag_run FOR UPDATE SKIP LOCKED');
  expect(await rig.holders(1)).toHaveLength(1);
});

test.each(['PLAIN', 'STATS'] as const)(
  "Airflow's lock of the critical section is told to %s, and other advisory locks are not",
  async (role) => {
    await rig.stranger('BEGIN', 'SELECT pg_advisory_xact_lock(3)', 'SELECT pg_advisory_xact_lock(0, 2)');
    await rig.stranger('BEGIN', 'SELECT pg_try_advisory_xact_lock(2)');
    expect(await rig.holders(1, role)).toMatchObject([{ on: 'advisory' }]);
  },
);

test('a lock of a session, outside of any transaction, is told and keeps its name', async () => {
  await rig.stranger('SELECT pg_advisory_lock(2)');
  const [held] = await rig.holders(1);
  expect(held).toMatchObject({ on: 'advisory', holder: { state: 'idle' }, transactionSeconds: null });
  expect((await rig.held())[0]?.transaction).toBe(held?.transaction);
});

test('all that one transaction holds is one line', async () => {
  await rig.stranger(
    'BEGIN',
    'SELECT * FROM dag FOR UPDATE',
    'SAVEPOINT one',
    'SELECT * FROM dag_run FOR SHARE',
    "INSERT INTO dag (dag_id) VALUES ('other')",
    'SELECT pg_advisory_xact_lock(2)',
  );
  expect(await rig.holders(1)).toMatchObject([{ on: 'advisory, dag, dag_run' }]);
});

test.each([
  {
    name: 'asking for rows where there are none',
    statement: "SELECT * FROM dag WHERE dag_id = '-' FOR UPDATE",
  },
  { name: 'a vacuum of the table', statement: 'LOCK TABLE dag IN SHARE UPDATE EXCLUSIVE MODE' },
  {
    name: 'a serializable reader',
    statement: 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT * FROM dag',
  },
  { name: 'a plan to write', statement: 'LOCK TABLE dag IN ROW EXCLUSIVE MODE' },
  { name: "rows of somebody else's table", statement: 'SELECT * FROM of_somebody_else FOR UPDATE' },
])('$name locks no row of Airflow', async ({ statement }) => {
  await rig.stranger('BEGIN', statement);
  expect(await rig.held()).toEqual([]);
});

test('a lock on the whole table is told before anybody waits', async () => {
  await rig.stranger('BEGIN', 'LOCK TABLE slot_pool IN SHARE MODE');
  expect(await rig.holders(1)).toMatchObject([{ on: 'slot_pool' }]);
});

test('a prepared transaction holds on without a session', async () => {
  await rig.stranger('BEGIN', 'SELECT * FROM slot_pool FOR UPDATE', "PREPARE TRANSACTION 'left behind'");
  try {
    const [held] = await rig.holders(1, 'PLAIN');
    expect(held).toMatchObject({
      on: 'slot_pool',
      holder: { id: 0, user: null, state: 'prepared transaction' },
      transactionSeconds: null,
    });
    expect((await rig.held())[0]?.transaction).toBe(held?.transaction);
  } finally {
    await world.run('locked-airflow', ["ROLLBACK PREPARED 'left behind'"]);
  }
});

test('what is held in another database of the server is not ours', async () => {
  await createAirflow(world, 'held-elsewhere', 3);
  const holder = await world.stranger('held-elsewhere');
  try {
    await holder.query('BEGIN; SELECT * FROM slot_pool FOR UPDATE; SELECT pg_advisory_xact_lock(2)');
    expect(await rig.held()).toEqual([]);
  } finally {
    await holder.end();
  }
});

test('who waits and who holds are told side by side', async () => {
  const holder = await rig.stranger('BEGIN', 'SELECT * FROM dag FOR UPDATE');
  const waiter = await rig.stranger('BEGIN', 'SELECT * FROM slot_pool FOR UPDATE');
  waiter.begin("UPDATE dag SET is_paused = true WHERE dag_id = 'one'");
  const { locks } = await until(
    () => rig.look(),
    (told) => told.locks.kind === 'answered' && told.locks.waits.length === 1,
  );
  if (locks.kind !== 'answered') throw new Error(locks.detail);
  expect(locks.held.map(({ on }) => on).toSorted()).toEqual(['dag', 'dag, slot_pool']);
  expect(locks.waits[0]?.holders[0]?.id).toBe(locks.held.find(({ on }) => on === 'dag')?.holder.id);
  await holder.query('ROLLBACK');
});
