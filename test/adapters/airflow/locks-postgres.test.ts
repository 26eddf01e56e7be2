import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lockRig } from './locks-suite.ts';
import { createAirflow, type PostgresWorld, postgresWorld } from './worlds.ts';

let world: PostgresWorld;
beforeAll(async () => {
  world = await postgresWorld();
}, 60_000);
afterAll(() => world?.stop(), 30_000);
const rig = lockRig(() => world);

test('without pg_read_all_stats the waits are told, with what every role may see of the holder', async () => {
  await rig.stranger("SET application_name = 'psql of anna'", 'BEGIN', 'SELECT * FROM dag_run FOR UPDATE');
  const scheduler = await rig.stranger();
  scheduler.begin("UPDATE dag_run SET state = 'x'");
  const hidden = {
    id: expect.any(Number),
    user: 'postgres',
    address: null,
    state: null,
    queryAgeSeconds: null,
  };
  const [wait] = await rig.waits(1, 'PLAIN');
  expect(wait).toEqual({
    waiting: { ...hidden, application: null },
    waitedSeconds: expect.any(Number),
    on: 'dag_run',
    holders: [{ ...hidden, application: 'psql of anna' }],
  });
});

test('a LOCK TABLE is told with its table, and so is a reindexing that a reader waits for', async () => {
  await rig.stranger('BEGIN', 'LOCK TABLE dag IN ACCESS EXCLUSIVE MODE');
  const reader = await rig.stranger();
  reader.begin('SELECT COUNT(*) FROM dag');
  expect(await rig.waits(1, 'PLAIN')).toMatchObject([{ on: 'dag', holders: [{ state: null }] }]);
  await rig.stranger('BEGIN', 'REINDEX INDEX ti_state');
  const other = await rig.stranger();
  other.begin("SELECT COUNT(*) FROM task_instance WHERE state = 'running'");
  expect((await rig.waits(2)).map(({ on }) => on)).toContain('task_instance');
});

test("Airflow's lock of the critical section: held by a stranger, waited for by a scheduler", async () => {
  await rig.stranger('BEGIN', 'SELECT pg_advisory_xact_lock(2)');
  const scheduler = await rig.stranger("SET application_name = 'airflow scheduler'", 'BEGIN');
  scheduler.begin('SELECT pg_advisory_xact_lock(2)');
  expect(await rig.waits(1)).toMatchObject([
    {
      on: 'advisory',
      waiting: { application: 'airflow scheduler', state: 'active' },
      holders: [{ state: 'idle in transaction', address: '127.0.0.1' }],
    },
  ]);
});

test('a chain that leads through a table of somebody else still ends at the holder', async () => {
  const holder = await rig.stranger('BEGIN', 'SELECT * FROM of_somebody_else FOR UPDATE');
  const middle = await rig.stranger('BEGIN', 'SELECT * FROM dag FOR UPDATE');
  middle.begin('UPDATE of_somebody_else SET id = 2');
  const scheduler = await rig.stranger();
  scheduler.begin("UPDATE dag SET is_paused = true WHERE dag_id = 'one'");
  const [wait] = await rig.waits(1);
  const { rows } = (await holder.query('SELECT pg_backend_pid() AS pid')) as {
    readonly rows: readonly { readonly pid: number }[];
  };
  expect(wait).toMatchObject({ on: 'dag', holders: [{ id: rows[0]?.pid }] });
});

test('two inserts of one key wait without a tuple: the table that was touched is told', async () => {
  await world.run('locked-airflow', ['CREATE UNIQUE INDEX one_run ON dag_run (dag_id, run_id)']);
  const insert = "INSERT INTO dag_run (dag_id, run_id) VALUES ('one', 'same')";
  await rig.stranger('BEGIN', insert);
  const second = await rig.stranger();
  second.begin(insert);
  expect(await rig.waits(1)).toMatchObject([{ on: 'dag_run' }]);
});

test('a circle that the server has not broken yet names whom each waits for', async () => {
  const one = await rig.stranger("SET deadlock_timeout = '60s'", 'BEGIN', 'SELECT * FROM dag FOR UPDATE');
  const two = await rig.stranger("SET deadlock_timeout = '60s'", 'BEGIN', 'SELECT * FROM job FOR UPDATE');
  one.begin('SELECT * FROM job FOR UPDATE');
  two.begin('SELECT * FROM dag FOR UPDATE');
  const [first, second] = await rig.waits(2);
  expect(first?.holders.map(({ id }) => id)).toEqual([second?.waiting.id]);
  expect(second?.holders.map(({ id }) => id)).toEqual([first?.waiting.id]);
});

test('a prepared transaction holds on without a session', async () => {
  await rig.stranger('BEGIN', 'SELECT * FROM slot_pool FOR UPDATE', "PREPARE TRANSACTION 'forgotten'");
  try {
    const scheduler = await rig.stranger();
    scheduler.begin('SELECT * FROM slot_pool FOR UPDATE');
    const [wait] = await rig.waits(1);
    expect(wait).toMatchObject({ on: 'slot_pool', holders: [{ id: 0, state: 'prepared transaction' }] });
  } finally {
    await world.run('locked-airflow', ["ROLLBACK PREPARED 'forgotten'"]);
  }
});

test('waits in another database of the server are not ours', async () => {
  await createAirflow(world, 'elsewhere', 3);
  const [holder, waiter] = [await world.stranger('elsewhere'), await world.stranger('elsewhere')];
  try {
    await holder.query('BEGIN; SELECT * FROM slot_pool FOR UPDATE; SELECT pg_advisory_xact_lock(3)');
    waiter.begin('SELECT * FROM slot_pool FOR UPDATE');
    await rig.stranger('BEGIN', 'SELECT * FROM dag FOR UPDATE');
    const scheduler = await rig.stranger();
    scheduler.begin('SELECT * FROM dag FOR UPDATE');
    expect((await rig.waits(1)).map(({ on }) => on)).toEqual(['dag']);
  } finally {
    await holder.end();
    await waiter.end();
  }
});

test('our own session neither waits nor holds: a migration that waits for nobody else is no news', async () => {
  await rig.stranger();
  const looks = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const migration = await rig.stranger('BEGIN');
      migration.begin('LOCK TABLE job IN ACCESS EXCLUSIVE MODE');
      const { locks } = await rig.look();
      await migration.query('ROLLBACK');
      return locks;
    }),
  );
  for (const locks of looks) {
    const clients =
      locks.kind === 'answered' ? locks.waits.flatMap(({ waiting, holders }) => [waiting, ...holders]) : [];
    expect(clients.filter(({ application }) => application === 'scheduler-watchdog')).toEqual([]);
  }
});
