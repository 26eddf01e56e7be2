import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMetadataDatabase } from '../../../functions/adapters/airflow/database.ts';
import { readConnection } from '../../../functions/adapters/sql/connection.ts';
import { createSession } from '../../../functions/adapters/sql/create-session.ts';
import type { SecretSource } from '../../../functions/ports.ts';
import { insertJob } from '../../support/airflow-schema.ts';
import { createAirflow, realClock, secretsOf, targetWith, type World } from './worlds.ts';

const PASSWORD = 'hunter2hunter2';
const reader = { name: 'watcher', password: PASSWORD };

/** Everything that can be wrong with a database, on real servers; each gives a sentence and no secret. */
export function describeFailures(started: () => World): void {
  let world: World;
  const sockets = new Set<Socket>();
  const listeners: ReturnType<typeof createServer>[] = [];

  beforeAll(async () => {
    world = started();
    await world.createUser(reader);
    await createAirflow(world, 'good', 2, reader.name);
    await world.run('good', [insertJob(world.engine, { id: 1, heartbeatAgo: 5 })]);
  }, 60_000);
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(listeners.map((listener) => once(listener.close(), 'close')));
  }, 30_000);

  const lookAt = async (url: string | SecretSource, deadlineMs = 8_000) => {
    const secrets = typeof url === 'string' ? secretsOf({ URL: url }) : url;
    const looks = await createMetadataDatabase({ secrets, clock: realClock }).look(targetWith(world.engine), {
      deadlineMs,
    });
    for (const look of [looks.jobs, looks.progress]) {
      if (look.kind === 'answered') continue;
      expect(look.detail).not.toContain('hunter2');
      expect(look.detail).toMatch(/^\S.{15,}/);
    }
    return looks;
  };
  const brief = ({ jobs, progress }: Awaited<ReturnType<typeof lookAt>>) =>
    [jobs, progress].map((look) => (look.kind === 'answered' ? 'answered' : `${look.kind} ${look.cause}`));
  const both = (word: string) => [word, word];

  /** A server of our own on a loopback port, as the database's place. */
  const impostor = async (onConnection: (socket: Socket) => void) => {
    const listener = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      onConnection(socket);
    }).listen(0, '127.0.0.1');
    listeners.push(listener);
    await once(listener, 'listening');
    const address = listener.address();
    const port = typeof address === 'object' ? address?.port : 0;
    return world.url('good', reader).replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`);
  };

  test('a name without an address', async () => {
    const url = world.url('good', reader).replace('127.0.0.1', 'db.invalid');
    expect(brief(await lookAt(`${url}?sslmode=disable`))).toEqual(both('unreachable dns'));
  });

  test('nobody listens', async () => {
    const url = await impostor(() => {});
    await once((listeners.pop() as ReturnType<typeof createServer>).close(), 'close');
    expect(brief(await lookAt(url))).toEqual(both('unreachable refused'));
  });

  test('a database that accepts and never answers', async () => {
    expect(brief(await lookAt(await impostor(() => {}), 300))).toEqual(both('unreachable timeout'));
  });

  test('a database that hangs up', async () => {
    expect(brief(await lookAt(await impostor((socket) => socket.end())))).toEqual(both('unreachable reset'));
  });

  test('TLS asked of a server that has none', async () => {
    const looks = await lookAt(`${world.url('good', reader)}?sslmode=require`);
    expect(brief(looks)).toEqual(both('unreachable tls'));
    expect(looks.jobs).toMatchObject({ detail: expect.stringContaining('sslmode') });
  });

  test('a wrong password', async () => {
    const url = world.url('good', { ...reader, password: 'hunter2wrong' });
    expect(brief(await lookAt(url))).toEqual(both('unreadable unauthorized'));
  });

  /** Gives the first value until it is told to fetch anew. */
  const rotated = (before: string, after: string) => {
    const asked: boolean[] = [];
    const secrets: SecretSource = {
      async resolve(_, { renew = false } = {}) {
        asked.push(renew);
        return renew ? after : before;
      },
    };
    return { asked, secrets };
  };
  const wrong = () => world.url('good', { ...reader, password: 'hunter2wrong' });

  test('a password that was rotated: the refusal fetches the new one, and the look is made', async () => {
    const { asked, secrets } = rotated(wrong(), world.url('good', reader));
    expect((await lookAt(secrets)).jobs).toMatchObject({ kind: 'answered' });
    expect(asked).toEqual([false, true]);
  });

  test('a password that is still refused is fetched once, not again and again', async () => {
    const { asked, secrets } = rotated(wrong(), world.url('good', { ...reader, password: 'hunter2worse' }));
    expect(brief(await lookAt(secrets))).toEqual(both('unreadable unauthorized'));
    expect(asked).toEqual([false, true]);
  });

  test('a login token is never sent where its way is not protected', async () => {
    const target = targetWith(world.engine);
    const database = target.database && { ...target.database, auth: 'rds-iam' as const };
    let signed = 0;
    const iamToken = async () => {
      signed += 1;
      return 'hunter2token';
    };
    const secrets = secretsOf({ URL: `${world.url('good', reader)}?sslmode=disable` });
    const looks = await createMetadataDatabase({ secrets, clock: realClock, iamToken }).look(
      { ...target, database },
      { deadlineMs: 8_000 },
    );
    expect(looks.jobs).toMatchObject({ kind: 'unreadable', detail: expect.stringContaining('verify-full') });
    expect(signed).toBe(0);
  });

  test('no such database', async () => {
    const url = world.url('nowhere', world.engine === 'postgres' ? reader : undefined);
    expect(brief(await lookAt(url))).toEqual(both('unreadable not-found'));
  });

  test('no right to any table of the database', async () => {
    await createAirflow(world, 'closed', 2);
    const { jobs } = await lookAt(world.url('closed', reader));
    expect(jobs).toMatchObject({
      kind: 'unreadable',
      cause: 'forbidden',
      detail: expect.stringContaining('docs/database.md'),
    });
  });

  test.each(['job', 'dag', 'dag_run', 'task_instance', 'slot_pool', 'serialized_dag'])(
    'no grant on %s',
    async (table) => {
      const database = `without_${table}`;
      await createAirflow(world, database, 2, reader.name, table);
      const looks = await lookAt(world.url(database, reader));
      expect(brief(looks)).toEqual(
        table === 'job' ? ['unreadable forbidden', 'answered'] : ['answered', 'unreadable forbidden'],
      );
    },
  );

  test('a column of Airflow 3 that exists but is not granted is not taken for absent', async () => {
    await createAirflow(world, 'narrow', 3, reader.name);
    const to = world.engine === 'postgres' ? reader.name : `'${reader.name}'@'%'`;
    await world.run('narrow', [`REVOKE SELECT (exceeds_max_non_backfill) ON dag FROM ${to}`]);
    expect(brief(await lookAt(world.url('narrow', reader)))).toEqual(['answered', 'unreadable forbidden']);
  });

  test.each(['job', 'dag', 'slot_pool'])('no table %s', async (table) => {
    const database = `missing_${table}`;
    await createAirflow(world, database, 2);
    await world.run(database, [`DROP TABLE ${table}`]);
    const looks = await lookAt(world.url(database));
    expect(brief(looks)).toEqual(
      table === 'job' ? ['unreadable missing-table', 'answered'] : ['answered', 'unreadable missing-table'],
    );
  });

  test('an empty database', async () => {
    await world.run('', ['CREATE DATABASE bare']);
    expect(brief(await lookAt(world.url('bare')))).toEqual(both('unreadable missing-table'));
  });

  test('a schema of neither version', async () => {
    await createAirflow(world, 'odd', 2);
    await world.run('odd', [
      'ALTER TABLE dag RENAME COLUMN is_active TO is_alive',
      'ALTER TABLE dag_run RENAME COLUMN execution_date TO planned_at',
    ]);
    const looks = await lookAt(world.url('odd'));
    expect(brief(looks)).toEqual(['answered', 'unreadable unknown-schema']);
    expect(looks.progress).toMatchObject({ detail: expect.stringContaining('dag.is_active') });
  });

  test('a query that takes too long is stopped by the server itself', async () => {
    await createAirflow(world, 'slow', 2);
    const sleep = world.engine === 'postgres' ? 'pg_sleep(60)' : '(SELECT SLEEP(60) AS z)';
    await world.run('slow', [
      'ALTER TABLE dag RENAME TO dag_rows',
      "INSERT INTO dag_rows (dag_id, is_paused, is_active) VALUES ('a', false, true)",
      "INSERT INTO serialized_dag (dag_id) VALUES ('a')",
      `CREATE VIEW dag AS SELECT d.* FROM dag_rows d CROSS JOIN ${sleep} s`,
    ]);
    const looks = await lookAt(world.url('slow'), 2_000);
    expect(brief(looks)).toEqual(['answered', 'unreadable slow-query']);
    expect(looks.progress).toMatchObject({ detail: expect.stringContaining('stopped the query') });
  });

  test('a session time zone other than UTC changes no age', async () => {
    const zoned =
      world.engine === 'postgres'
        ? ["ALTER DATABASE good SET timezone = 'Asia/Karachi'", 'ALTER DATABASE good RESET timezone']
        : ["SET GLOBAL time_zone = '+05:00'", "SET GLOBAL time_zone = '+00:00'"];
    await world.run('', zoned.slice(0, 1));
    const { jobs } = await lookAt(world.url('good', reader));
    await world.run('', zoned.slice(1));
    const age = jobs.kind === 'answered' ? jobs.rows[0]?.heartbeatAgeSeconds : null;
    expect(age).toBeGreaterThanOrEqual(5);
    expect(age).toBeLessThan(300);
  });

  test('no connection left for the role', async () => {
    const limited = { name: 'limited', password: PASSWORD };
    await world.createUser(limited);
    await world.run('', [
      world.engine === 'postgres'
        ? 'ALTER ROLE limited CONNECTION LIMIT 0'
        : "ALTER USER 'limited'@'%' WITH MAX_CONNECTIONS_PER_HOUR 1",
      ...(world.engine === 'postgres' ? [] : ["GRANT SELECT ON good.* TO 'limited'@'%'"]),
    ]);
    if (world.engine === 'mysql') await lookAt(world.url('good', limited));
    expect(brief(await lookAt(world.url('good', limited)))).toEqual(both('unreachable refused'));
  });

  test('a session cannot write, whoever it is', async () => {
    const connection = await readConnection(world.url('good'), world.engine);
    if ('problem' in connection) throw new Error(connection.problem);
    const session = await createSession(connection, 8_000);
    await session.connect();
    await expect(session.query("INSERT INTO job (id, state) VALUES (99, 'running')")).rejects.toMatchObject({
      message: expect.stringMatching(/read.?only/i),
    });
    // After a refused statement the session still answers.
    expect(await session.query('SELECT COUNT(*) AS jobs FROM job WHERE id = 99')).toHaveLength(1);
    session.close('politely');
  });

  describe('secrets', () => {
    const throwing = (error: unknown): SecretSource => ({ resolve: () => Promise.reject(error) });
    test.each([
      { name: 'that do not exist', source: secretsOf({}), says: 'the secret env:URL does not exist' },
      {
        name: 'that hold something else',
        source: secretsOf({ URL: PASSWORD }),
        says: 'neither a database URL nor JSON',
      },
      {
        name: 'whose source breaks',
        source: throwing(new Error(`GET https://x/?token=${PASSWORD}`)),
        says: 'env:URL does not resolve',
      },
      {
        name: 'that never arrive',
        source: { resolve: () => new Promise<string>(() => {}) },
        says: 'env:URL did not arrive within 0.2 s',
      },
    ])('$name', async ({ source, says }) => {
      const looks = await lookAt(source, says.includes('0.2') ? 200 : 8_000);
      expect(brief(looks)).toEqual(both('unreadable secret'));
      expect(looks.jobs).toMatchObject({ detail: expect.stringContaining(says) });
    });
  });

  test('the blast radius of an unreachable database is silent too', async () => {
    const own = createMetadataDatabase({
      secrets: secretsOf({ URL: await impostor((socket) => socket.end()) }),
      clock: realClock,
    });
    const look = await own.blastRadius(targetWith(world.engine), 7, { deadlineMs: 5_000 });
    expect(look).toMatchObject({
      kind: 'unreachable',
      cause: 'reset',
      detail: expect.stringContaining('closed the connection'),
    });
  });

  test('a target without a database says so', async () => {
    const own = createMetadataDatabase({ secrets: secretsOf({}), clock: realClock });
    const { jobs } = await own.look({ ...targetWith(world.engine), database: null }, { deadlineMs: 1_000 });
    expect(jobs).toMatchObject({ kind: 'unreadable', cause: 'not-found' });
  });
}
