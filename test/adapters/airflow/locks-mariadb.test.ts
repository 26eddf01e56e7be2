import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMetadataDatabase } from '../../../functions/adapters/airflow/database.ts';
import { airflowSchema, grants, insertJob } from '../../support/airflow-schema.ts';
import { noMariadb, startTestMariadb, type TestMariadb } from '../../support/mariadb.ts';
import { lockRig, until } from './locks-suite.ts';
import {
  grantInstruments,
  INSTRUMENTED,
  mysqlWorld,
  realClock,
  secretsOf,
  targetWith,
  type World,
} from './worlds.ts';

(noMariadb === null ? describe : describe.skip)(`MariaDB (${noMariadb ?? 'in Karachi'})`, () => {
  let world: World;
  beforeAll(async () => {
    // Without daylight saving and five hours from UTC: a moment taken for UTC would be told five hours wrong.
    world = await mysqlWorld([], 'Asia/Karachi');
  }, 60_000);
  afterAll(() => world?.stop(), 30_000);
  const rig = lockRig(() => world);

  test('without PROCESS only the locks are unreadable, with what to do about it', async () => {
    const { jobs, progress, locks } = await rig.look('PLAIN');
    expect([jobs.kind, progress.kind]).toEqual(['answered', 'answered']);
    expect(locks).toMatchObject({
      kind: 'unreadable',
      cause: 'forbidden',
      detail: expect.stringMatching(/PROCESS privilege.*docs\/database\.md/),
    });
  });

  test("a wait is as long as it is, whatever the server's time zone", async () => {
    await rig.stranger('BEGIN', 'SELECT * FROM dag_run FOR UPDATE');
    const scheduler = await rig.stranger();
    scheduler.begin('SELECT * FROM dag_run FOR UPDATE');
    const [wait] = await rig.waits(1);
    expect(wait?.waitedSeconds).toBeGreaterThanOrEqual(0);
    expect(wait?.waitedSeconds).toBeLessThan(15);
  });

  test('a session that left its transaction open from another database is told too', async () => {
    const holder = await world.stranger('information_schema');
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM `locked-airflow`.dag FOR UPDATE');
    const scheduler = await rig.stranger();
    scheduler.begin("UPDATE dag SET is_paused = true WHERE dag_id = 'one'");
    expect(await rig.waits(1)).toMatchObject([
      { on: 'dag', holders: [{ user: 'root', state: 'idle in transaction' }] },
    ]);
    await holder.end();
  });

  test('a prepared transaction holds on without a session', async () => {
    await rig.stranger(
      "XA START 'forgotten'",
      'UPDATE slot_pool SET slots = 1',
      "XA END 'forgotten'",
      "XA PREPARE 'forgotten'",
    );
    await rig.hangUp();
    try {
      const scheduler = await rig.stranger();
      scheduler.begin('SELECT * FROM slot_pool FOR UPDATE');
      expect(await rig.waits(1)).toMatchObject([
        {
          on: 'slot_pool',
          holders: [{ id: 0, user: null, state: 'prepared transaction', queryAgeSeconds: null }],
        },
      ]);
    } finally {
      await until(
        () =>
          world.run('', ["XA ROLLBACK 'forgotten'"]).then(
            () => true,
            () => false,
          ),
        (isDone) => isDone,
      );
    }
  });

  test('a table that is locked as a whole is named by nobody: it is no row lock', async () => {
    const unlock = await world.lock('locked-airflow', 'dag_run');
    const { progress, locks } = await rig.look();
    await unlock();
    expect(progress).toMatchObject({ kind: 'unreadable', cause: 'locked' });
    expect(locks).toMatchObject({ kind: 'answered', waits: [] });
  });
});

(noMariadb === null ? describe : describe.skip)('MariaDB with its performance schema', () => {
  let world: World;
  beforeAll(async () => {
    world = await mysqlWorld(INSTRUMENTED);
  }, 60_000);
  afterAll(() => world?.stop(), 30_000);
  const rig = lockRig(() => world);
  beforeAll(() => grantInstruments(world));

  test('a LOCK TABLES names its holder', async () => {
    await rig.stranger('LOCK TABLES dag_run WRITE');
    const scheduler = await rig.stranger();
    scheduler.begin('SELECT * FROM dag_run');
    expect(await rig.waits(1)).toEqual([
      {
        on: 'dag_run',
        waitedSeconds: null,
        waiting: expect.objectContaining({ state: 'active', user: 'root' }),
        holders: [
          {
            id: expect.any(Number),
            user: 'root',
            address: '127.0.0.1',
            application: null,
            state: 'idle',
            queryAgeSeconds: expect.any(Number),
          },
        ],
      },
    ]);
  });

  test('readers behind an ALTER TABLE wait for the transaction that the ALTER waits for', async () => {
    const holder = await rig.stranger('BEGIN', 'SELECT * FROM dag');
    const [[row]] = (await holder.query('SELECT CONNECTION_ID() AS id')) as [{ readonly id: number }[]];
    const migration = await rig.stranger();
    migration.begin('ALTER TABLE dag ADD COLUMN x integer');
    await rig.waits(1);
    const scheduler = await rig.stranger();
    scheduler.begin('SELECT * FROM dag');
    const waits = await rig.waits(2);
    expect(waits.map(({ on, holders }) => [on, holders.map(({ id }) => id)])).toEqual(
      Array(2).fill(['dag', [row?.id]]),
    );
  });

  test('a GET_LOCK is told, and tables of somebody else are not', async () => {
    await rig.stranger("SELECT GET_LOCK('airflow', 1)", 'LOCK TABLES of_somebody_else WRITE');
    const other = await rig.stranger();
    other.begin('SELECT * FROM of_somebody_else');
    const scheduler = await rig.stranger();
    scheduler.begin("SELECT GET_LOCK('airflow', 60)");
    expect(await rig.waits(1)).toMatchObject([{ on: 'advisory', holders: [{ state: 'idle' }] }]);
  });
});

(noMariadb === null ? describe : describe.skip)('a replica of MariaDB', () => {
  const reader = { name: 'watcher', password: 'hunter2hunter2' };
  let primary: TestMariadb;
  let replica: TestMariadb;
  beforeAll(async () => {
    primary = await startTestMariadb(['--log-bin', '--server-id=1']);
    replica = await startTestMariadb(['--server-id=2', '--read-only=1']);
    await primary.run(
      '',
      "CREATE USER 'repl'@'%' IDENTIFIED BY 'hunter2'",
      "GRANT REPLICATION SLAVE ON *.* TO 'repl'@'%'",
      `CREATE USER '${reader.name}'@'%' IDENTIFIED BY '${reader.password}'`,
      'CREATE DATABASE airflow',
    );
    await replica.run(
      '',
      `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${primary.port}, MASTER_USER = 'repl',
       MASTER_PASSWORD = 'hunter2', MASTER_USE_GTID = slave_pos`,
      'START SLAVE',
    );
    await primary.run('airflow', ...airflowSchema('mysql', 3), ...grants('mysql', 3, reader.name));
    await primary.run('airflow', insertJob('mysql', { id: 1, heartbeatAgo: 5 }));
  }, 60_000);
  afterAll(async () => {
    await replica?.stop();
    await primary?.stop();
  }, 30_000);

  const look = async () => {
    const secrets = secretsOf({ URL: replica.url('airflow', reader) });
    const looks = await createMetadataDatabase({ secrets, clock: realClock }).look(targetWith('mysql'), {
      deadlineMs: 8_000,
    });
    return looks.jobs;
  };

  test('says that it is one, and with the right to ask also how far behind', async () => {
    const jobs = await until(look, (told) => told.kind === 'answered' && told.rows.length === 1);
    expect(jobs).toMatchObject({
      replica: { replayedSecondsAgo: null },
      databaseUptimeSeconds: expect.any(Number),
    });
    await primary.run('', `GRANT REPLICA MONITOR ON *.* TO '${reader.name}'@'%'`);
    const told = await until(
      look,
      (one) => one.kind === 'answered' && one.replica?.replayedSecondsAgo !== null,
    );
    const behind = told.kind === 'answered' ? told.replica?.replayedSecondsAgo : null;
    expect(behind).toBeGreaterThanOrEqual(0);
    expect(behind).toBeLessThan(60);
  });
});
