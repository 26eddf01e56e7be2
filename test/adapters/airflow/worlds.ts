import { WatchdogError } from '../../../functions/core/errors.ts';
import { DEFAULT_POLICY } from '../../../functions/core/policy.ts';
import type { Target } from '../../../functions/core/target.ts';
import type { Clock, SecretSource } from '../../../functions/ports.ts';
import { type AirflowVersion, airflowSchema, type Engine, grants } from '../../support/airflow-schema.ts';
import { startTestMariadb } from '../../support/mariadb.ts';
import { startTestPostgres } from '../../support/postgres.ts';

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
  stop(): Promise<void>;
}

export async function postgresWorld(): Promise<World> {
  const server = await startTestPostgres();
  return {
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
    stop: () => server.stop(),
  };
}

export async function mysqlWorld(): Promise<World> {
  const server = await startTestMariadb();
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
    stop: () => server.stop(),
  };
}

/** A database with Airflow's schema and, for `reader`, the minimal grants. */
export async function createAirflow(
  world: World,
  database: string,
  version: AirflowVersion,
  reader?: string,
  withoutGrantOn = '',
): Promise<void> {
  await world.run('', [`CREATE DATABASE ${database}`]);
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
  database: { engine, secret: { scheme: 'env', name: secret } },
  policy: DEFAULT_POLICY,
  channels: null,
});
