import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import { freePort } from '../../functions/demo/free-port.ts';

const SERVER = ['/usr/sbin/mariadbd', '/usr/bin/mariadbd', '/usr/local/bin/mariadbd'].find(existsSync);
const INSTALLER = ['/usr/bin/mariadb-install-db', '/usr/local/bin/mariadb-install-db'].find(existsSync);

/** Why there is no MariaDB to test with; null when there is one. No npm package brings its binaries. */
export const noMariadb: string | null =
  SERVER !== undefined && INSTALLER !== undefined
    ? null
    : 'no mariadbd on this machine (apt-get install mariadb-server)';

export interface TestMariadb {
  readonly port: number;
  url(database: string, user?: { readonly name: string; readonly password: string }): string;
  run(database: string, ...statements: readonly string[]): Promise<void>;
  client(database: string): Promise<mysql.Connection>;
  stop(): Promise<void>;
}

/** @param zone the server's own time zone */
export async function startTestMariadb(options: readonly string[] = [], zone = 'UTC'): Promise<TestMariadb> {
  if (SERVER === undefined || INSTALLER === undefined) throw new Error(noMariadb ?? '');
  const dir = await mkdtemp(join(tmpdir(), 'scheduler-watchdog-maria-'));
  const data = join(dir, 'data');
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const basics = ['--no-defaults', `--datadir=${data}`, ...user];
  await promisify(execFile)(INSTALLER, [
    ...basics,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]);
  const port = await freePort();
  const server = spawn(
    SERVER,
    [
      ...basics,
      `--port=${port}`,
      `--socket=${join(dir, 'sock')}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--innodb-flush-log-at-trx-commit=0',
      '--explicit-defaults-for-timestamp=1',
      ...options,
    ],
    { env: { ...process.env, TZ: zone } },
  );
  await ready(server);
  const url: TestMariadb['url'] = (database, who = { name: 'root', password: '' }) =>
    `mysql://${encodeURIComponent(who.name)}:${encodeURIComponent(who.password)}@127.0.0.1:${port}/${database}`;
  const client = (database: string) => mysql.createConnection(url(database));
  return {
    port,
    url,
    client,
    async run(database, ...statements) {
      const opened = await client(database);
      try {
        for (const statement of statements) await opened.query(statement);
      } finally {
        await opened.end();
      }
    },
    async stop() {
      server.kill('SIGTERM');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function ready(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  server.stdout?.resume();
  server.once('exit', () => reject(new Error(`mariadbd ended: ${said}`)));
  if (server.stderr !== null) {
    createInterface(server.stderr).on('line', (line) => {
      said = `${said}\n${line}`.slice(-2_000);
      if (line.includes('ready for connections')) resolve();
    });
  }
  await promise;
}
