import type { Duplex } from 'node:stream';
import type { Client, ClientConfig, QueryResult } from 'pg';
import type { Connection } from './connection.ts';
import { APPLICATION, GOODBYE_MS, type Row, type Session, type SessionLimits } from './session.ts';
import type { Tls } from './tls.ts';

/** PostgreSQL by `pg`, which is loaded only where a target needs it. */
export async function createPostgresSession(connection: Connection, limits: SessionLimits): Promise<Session> {
  const { default: pg } = await import('pg');
  const client = new pg.Client(configOf(connection));
  // A connection that breaks between two queries must not end the process; the next query says what happened.
  client.on('error', () => {});
  let isBroken = false;
  return {
    async connect() {
      await client.connect();
    },
    async query(sql) {
      // One message saves round trips. After an error the server refuses everything until the rollback.
      const text = `${isBroken ? 'ROLLBACK; ' : ''}${begin(limits)}${sql}; COMMIT`;
      isBroken = true;
      const results = (await client.query(text)) as unknown as readonly QueryResult<Row>[];
      isBroken = false;
      return results.at(-2)?.rows ?? [];
    },
    close(how) {
      if (how === 'now') return socketOf(client).destroy();
      const timer = setTimeout(() => socketOf(client).destroy(), GOODBYE_MS);
      client.end().then(
        () => clearTimeout(timer),
        () => socketOf(client).destroy(),
      );
    },
  };
}

/**
 * SET LOCAL inside the transaction, not start-up options: poolers refuse those, and would hand a plain SET on to the next client.
 * A transaction per question: one kept open over the visit would hold its locks on Airflow's tables against a migration.
 */
const begin = ({ statementMs, lockMs }: SessionLimits): string =>
  `BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL statement_timeout = ${statementMs};
SET LOCAL lock_timeout = ${lockMs}; SET LOCAL idle_in_transaction_session_timeout = 10000; `;

function configOf({ host, port, user, password, database, options, tls }: Connection): ClientConfig {
  const config = {
    host,
    port,
    user,
    password,
    database,
    ssl: sslOf(tls),
    application_name: APPLICATION,
  };
  return options === null ? config : { ...config, options };
}

function sslOf(tls: Tls): ClientConfig['ssl'] & (object | boolean) {
  if (tls.mode === 'plain') return false;
  return {
    rejectUnauthorized: tls.checks !== 'nothing',
    ...(tls.ca !== null && { ca: tls.ca }),
    ...(tls.checks === 'chain' && { checkServerIdentity: () => undefined }),
  };
}

/** `pg` has no public way to cut a connection; this field has been there since its first version. */
const socketOf = (client: Client): Duplex =>
  (client as unknown as { readonly connection: { readonly stream: Duplex } }).connection.stream;
