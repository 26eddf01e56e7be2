import type { Connection as Client, ConnectionOptions, RowDataPacket } from 'mysql2';
import type { Connection } from './connection.ts';
import { GOODBYE_MS, type Session, type SessionLimits } from './session.ts';
import type { Tls } from './tls.ts';

/** MySQL and MariaDB by `mysql2`, whose megabyte is loaded only where a target needs it. */
export async function createMysqlSession(connection: Connection, limits: SessionLimits): Promise<Session> {
  const { default: mysql } = await import('mysql2');
  let client: Client | null = null;
  const run = <Rows extends RowDataPacket[]>(sql: string): Promise<Rows> =>
    new Promise((resolve, reject) => {
      if (client === null) return reject(new Error('the session is not connected'));
      client.query<Rows>(sql, (error, rows) => (error === null ? resolve(rows) : reject(error)));
    });
  return {
    async connect() {
      const opened = mysql.createConnection(optionsOf(connection, limits));
      client = opened;
      await new Promise<void>((resolve, reject) => {
        opened.connect((error) => (error === null ? resolve() : reject(error)));
        // Stays: a connection that breaks between two queries must not end the process.
        opened.on('error', reject);
      });
      await run(setUp(limits));
    },
    query: run,
    close(how) {
      if (client === null) return;
      const closing = client;
      if (how === 'now') return closing.destroy();
      const timer = setTimeout(() => closing.destroy(), GOODBYE_MS);
      closing.end(() => {
        clearTimeout(timer);
        closing.destroy();
      });
    },
  };
}

/**
 * One statement for both servers: MariaDB runs what stands in `M!`, MySQL from 5.7.20 what stands in `!50720`, which MariaDB skips.
 * In UTC no hour is skipped or repeated: with daylight saving, ages across the change would be an hour off.
 */
const setUp = ({ statementMs, lockMs }: SessionLimits): string => {
  const lockSeconds = Math.max(1, Math.round(lockMs / 1000));
  return `SET time_zone = '+00:00', lock_wait_timeout = ${lockSeconds}, innodb_lock_wait_timeout = ${lockSeconds}
/*M! , max_statement_time = ${statementMs / 1000}, tx_read_only = 1 */
/*!50720 , max_execution_time = ${statementMs}, transaction_read_only = 1 */`;
};

function optionsOf(
  { host, port, user, password, passwordIsToken = false, database, tls }: Connection,
  { connectMs }: SessionLimits,
): ConnectionOptions {
  const options = { host, port, user, password, database, connectTimeout: connectMs };
  if (tls.mode === 'plain') return options;
  return { ...options, ssl: sslOf(tls), enableCleartextPlugin: passwordIsToken };
}

function sslOf(tls: Extract<Tls, { mode: 'tls' }>): NonNullable<Exclude<ConnectionOptions['ssl'], string>> {
  return {
    rejectUnauthorized: tls.checks !== 'nothing',
    // mysql2 looks for "localhost" in the certificate when the host is an IP address: name hosts where it matters.
    verifyIdentity: tls.checks === 'host',
    ...(tls.ca !== null && { ca: tls.ca }),
  };
}
