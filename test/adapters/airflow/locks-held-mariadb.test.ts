import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { noMariadb } from '../../support/mariadb.ts';
import { describeHeld, heldRig } from './locks-held-suite.ts';
import { until } from './locks-suite.ts';
import { createAirflow, grantInstruments, INSTRUMENTED, mysqlWorld, type World } from './worlds.ts';

(noMariadb === null ? describe : describe.skip)(`MariaDB (${noMariadb ?? 'in Karachi'})`, () => {
  let world: World;
  beforeAll(async () => {
    // Five hours from UTC: a moment taken for UTC would be told five hours wrong.
    world = await mysqlWorld([], 'Asia/Karachi');
  }, 60_000);
  afterAll(() => world?.stop(), 30_000);

  const rig = heldRig(() => world);
  describeHeld(rig, () => null);

  test('what is held by sessions of another database is not ours', async () => {
    await createAirflow(world, 'held-elsewhere', 3);
    const holder = await world.stranger('held-elsewhere');
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM slot_pool FOR UPDATE');
    expect(await rig.held()).toEqual([]);
    await holder.end();
  });

  test('a prepared transaction holds on without a session', async () => {
    await rig.stranger(
      "XA START 'left'",
      'UPDATE slot_pool SET slots = 1',
      "XA END 'left'",
      "XA PREPARE 'left'",
    );
    await rig.hangUp();
    const roll = () =>
      world.run('', ["XA ROLLBACK 'left'"]).then(
        () => true,
        () => false,
      );
    try {
      const [held] = await until(
        () => rig.held(),
        ([one]) => one?.holder.id === 0,
      );
      expect(held?.holder).toMatchObject({ user: null, state: 'prepared transaction' });
    } finally {
      await until(roll, (isDone) => isDone);
    }
  });
});

(noMariadb === null ? describe : describe.skip)('MariaDB with its performance schema', () => {
  let world: World;
  beforeAll(async () => {
    world = await mysqlWorld(INSTRUMENTED);
  }, 60_000);
  afterAll(() => world?.stop(), 30_000);

  const rig = heldRig(() => world);
  describeHeld(rig, (table) => table);
  beforeAll(() => grantInstruments(world));

  test("rows of somebody else's table in the same database are not told, and ours are from anywhere", async () => {
    await rig.stranger('BEGIN', 'SELECT * FROM of_somebody_else FOR UPDATE');
    const away = await world.stranger('information_schema');
    await away.query('BEGIN');
    await away.query('SELECT * FROM `locked-airflow`.dag FOR UPDATE');
    expect(await rig.holders(1)).toMatchObject([{ on: 'dag' }]);
    await away.end();
  });

  test("a GET_LOCK of Airflow's is told, and others are not", async () => {
    await rig.stranger("SELECT GET_LOCK('airflow_MIGRATIONS', 1)", "SELECT GET_LOCK('cron of anna', 1)");
    expect(await rig.holders(1)).toMatchObject([{ on: 'advisory', transactionSeconds: null }]);
  });
});
