import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMetadataDatabase } from '../../../functions/adapters/airflow/database.ts';
import { makeCertificates } from '../http/certificates.ts';
import { describeFailures } from './database-failures.ts';
import { describeDatabase } from './database-suite.ts';
import { describeLocks } from './locks-suite.ts';
import {
  createAirflow,
  type PostgresWorld,
  postgresWorld,
  realClock,
  secretsOf,
  targetWith,
} from './worlds.ts';

const certificates = makeCertificates();
let world: PostgresWorld;
beforeAll(async () => {
  world = await postgresWorld();
}, 60_000);
afterAll(() => world?.stop(), 30_000);

describe('PostgreSQL answers', () => describeDatabase(() => world));
describe('PostgreSQL and locks', () => describeLocks(() => world));
describe('PostgreSQL fails', () => describeFailures(() => world));

const lookAt = (url: string, deadlineMs = 8_000) =>
  createMetadataDatabase({ secrets: secretsOf({ URL: url }), clock: realClock }).look(
    targetWith('postgres'),
    { deadlineMs },
  );

test('a frozen server is a timeout, and thawed it answers again', async () => {
  await createAirflow(world, 'frozen', 3);
  await world.server.pause();
  const { jobs } = await lookAt(world.url('frozen'), 300);
  expect(jobs).toMatchObject({ kind: 'unreachable', cause: 'timeout' });
  await world.server.resume();
  expect((await lookAt(world.url('frozen'))).jobs).toMatchObject({ kind: 'answered', rows: [] });
});

test('no connection stays open behind the looks', async () => {
  await createAirflow(world, 'counted', 3);
  for (let count = 0; count < 5; count += 1) await lookAt(world.url('counted'));
  const client = await world.server.client('postgres');
  const open = "SELECT pid FROM pg_stat_activity WHERE datname = 'counted'";
  // The server needs a moment to see the goodbyes; it is asked until it has.
  while ((await client.query(open)).rows.length > 0);
  await client.end();
});

(certificates === null ? describe.skip : describe)('TLS (needs the openssl command)', () => {
  const { ca = '', good, otherHost } = certificates ?? {};
  let database: string;
  beforeAll(async () => {
    database = world.url('secure');
    await createAirflow(world, 'secure', 3);
  });
  const json = (sslmode: string | undefined, sslrootcert: string | undefined) => {
    const { username, password, port } = new URL(database);
    const fields = {
      engine: 'postgres',
      host: '127.0.0.1',
      dbname: 'secure',
      username,
      password,
      port,
      sslmode,
      sslrootcert,
    };
    return JSON.stringify(fields);
  };

  test.each([
    { name: 'with its CA the server is trusted', present: good, mode: undefined, trusted: ca, says: '' },
    {
      name: 'an unknown CA is not trusted',
      present: good,
      mode: 'verify-full',
      trusted: undefined,
      says: 'trusts',
    },
    { name: 'require checks nothing', present: otherHost, mode: 'require', trusted: undefined, says: '' },
    { name: 'verify-ca checks no name', present: otherHost, mode: 'verify-ca', trusted: ca, says: '' },
    {
      name: 'verify-full checks the name',
      present: otherHost,
      mode: 'verify-full',
      trusted: ca,
      says: 'for another host',
    },
  ])('$name', async ({ present, mode, trusted, says }) => {
    await world.useCertificate(present ?? { key: '', cert: '' });
    const { jobs } = await lookAt(json(mode, trusted));
    expect(jobs).toMatchObject(
      says === ''
        ? { kind: 'answered', rows: [] }
        : { kind: 'unreachable', cause: 'tls', detail: expect.stringContaining(says) },
    );
  });
});
