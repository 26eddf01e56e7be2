import { once } from 'node:events';
import { chown, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { WatchdogError } from '../../../functions/core/errors.ts';
import { DEFAULT_POLICY } from '../../../functions/core/policy.ts';
import type { Target } from '../../../functions/core/target.ts';
import type { Clock, SecretSource } from '../../../functions/ports.ts';
import { type AirflowVersion, airflowSchema, type Engine, grants } from '../../support/airflow-schema.ts';
import { startTestMariadb } from '../../support/mariadb.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';

export interface User {
  readonly name: string;
  readonly password: string;
}

/** One real server, asked in the same words whatever its engine. */
export interface World {
  readonly engine: Engine;
  readonly port: number;
  url(database: string, user?: User): string;
  run(database: string, statements: readonly string[]): Promise<void>;
  createUser(user: User): Promise<void>;
  /** Holds the table against readers until the returned function is called. */
  lock(database: string, table: string): Promise<() => Promise<void>>;
  /** A connection of somebody else, with every right, that stays until `end`. */
  stranger(database: string): Promise<Stranger>;
  stop(): Promise<void>;
}

export interface Stranger {
  query(sql: string): Promise<unknown>;
  /** Begins a statement that will wait. */
  begin(sql: string): void;
  end(): Promise<void>;
}

export interface PostgresWorld extends World {
  readonly server: TestPostgres;
  /** Makes the running server offer TLS with it. */
  useCertificate(certificate: { readonly key: string; readonly cert: string }): Promise<void>;
}

export async function postgresWorld(): Promise<PostgresWorld> {
  const server = await startTestPostgres({ max_prepared_transactions: '2' });
  return {
    server,
    async useCertificate({ key, cert }) {
      const client = await server.client('postgres');
      const { rows } = await client.query('SHOW data_directory');
      const { uid, gid } = await stat(rows[0].data_directory);
      for (const [file, text] of [
        ['server.key', key],
        ['server.crt', cert],
      ] as const) {
        const path = join(rows[0].data_directory, file);
        await writeFile(path, text, { mode: 0o600 });
        await chown(path, uid, gid);
      }
      await client.query('ALTER SYSTEM SET ssl = on');
      await client.query('SELECT pg_reload_conf()');
      await client.end();
      // The reload is asynchronous: new connections tell when it is through.
      for (let offered = ''; offered !== cert; ) offered = await presented(server.port);
    },
    engine: 'postgres',
    port: server.port,
    url: server.url,
    run: (database, statements) => server.run(database || 'postgres', statements.join(';\n')),
    createUser: ({ name, password }) =>
      server.run('postgres', `CREATE ROLE ${name} LOGIN PASSWORD '${password}'`),
    async lock(database, table) {
      const client = await server.client(database);
      await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      return () => client.end();
    },
    async stranger(database) {
      const client = await server.client(database);
      const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
      return strangerOf(client, () => server.run('postgres', `SELECT pg_terminate_backend(${rows[0].pid})`));
    },
    stop: () => server.stop(),
  };
}

interface AnyClient {
  query(sql: string): Promise<unknown>;
}

/** @param hangUp a goodbye would wait behind the statement that waits */
const strangerOf = (client: AnyClient, hangUp: () => Promise<unknown>): Stranger => ({
  query: (sql) => client.query(sql),
  begin: (sql) => void client.query(sql).catch(() => {}),
  end: async () => void (await hangUp()),
});

export async function mysqlWorld(...options: Parameters<typeof startTestMariadb>): Promise<World> {
  const server = await startTestMariadb(...options);
  return {
    engine: 'mysql',
    port: server.port,
    url: server.url,
    run: (database, statements) => server.run(database, ...statements),
    createUser: ({ name, password }) =>
      server.run('', `CREATE USER '${name}'@'%' IDENTIFIED BY '${password}'`),
    async lock(database, table) {
      const client = await server.client(database);
      await client.query(`LOCK TABLES ${table} WRITE`);
      return () => client.end();
    },
    async stranger(database) {
      const client = await server.client(database);
      return strangerOf(client, async () => client.destroy());
    },
    stop: () => server.stop(),
  };
}

/** How a MariaDB is started so that its performance schema tells of locks on whole tables. */
export const INSTRUMENTED = [
  '--performance-schema=ON',
  '--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON',
];

export const grantInstruments = (world: World): Promise<unknown> =>
  world.run(
    '',
    ['metadata_locks', 'threads'].map(
      (name) => `GRANT SELECT ON performance_schema.${name} TO 'watch_stats'@'%'`,
    ),
  );

/** A database with Airflow's schema and, for `reader`, the minimal grants. */
export async function createAirflow(
  world: World,
  database: string,
  version: AirflowVersion,
  reader?: string,
  withoutGrantOn = '',
): Promise<void> {
  const quoted = world.engine === 'postgres' ? `"${database}"` : `\`${database}\``;
  await world.run('', [`CREATE DATABASE ${quoted}`]);
  await world.run(database, airflowSchema(world.engine, version));
  if (reader !== undefined) await world.run(database, grants(world.engine, version, reader, withoutGrantOn));
}

export const realClock: Clock = { now: () => Date.now(), sleep: () => Promise.reject(new Error('unused')) };

/** Secrets by name; an unknown one throws as the real sources do. */
export function secretsOf(values: Readonly<Record<string, string>>): SecretSource {
  return {
    async resolve({ scheme, name }) {
      const value = values[name];
      if (value !== undefined) return value;
      throw new WatchdogError({
        code: 'WD_SECRET',
        what: `the secret ${scheme}:${name} does not exist`,
        notDone: 'nothing was read',
        run: 'Set it',
      });
    },
  };
}

export const targetWith = (engine: Engine, secret = 'URL'): Target => ({
  id: `t-${secret.toLowerCase()}`,
  cluster: { kind: 'kubeconfig', path: null, context: null },
  namespace: 'airflow',
  components: [],
  health: [],
  database: { engine, secret: { scheme: 'env', name: secret }, auth: 'password' },
  policy: DEFAULT_POLICY,
  channels: null,
});

/** The certificate that the server at this port shows, as PEM; empty while it offers no TLS. */
async function presented(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    // SSLRequest: eight bytes long, code 80877103 (postgresql.org/docs/current/protocol-message-formats.html).
    socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (answer.toString() !== 'S') return '';
    const secure = connectTls({ socket, rejectUnauthorized: false });
    await once(secure, 'secureConnect');
    return secure.getPeerX509Certificate()?.toString() ?? '';
  } finally {
    socket.destroy();
  }
}

/** Both schemas, each on any engine. */
export const VERSIONS = [2, 3] as const;
export const deadline = { deadlineMs: 8_000 };

/** Every age is checked as "this much, and at most a minute of test time more". */
export const aged = (seconds: number) => ({
  asymmetricMatch: (age: unknown) => Number(age) >= seconds && Number(age) < seconds + 60,
  toString: () => `about ${seconds} s`,
});
