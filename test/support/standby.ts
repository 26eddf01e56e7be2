import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../functions/demo/free-port.ts';
import { prepareBinaries } from '../../functions/demo/postgres-binaries.ts';
import type { TestPostgres } from './postgres.ts';

/** Settings of a primary that a standby can follow. */
export const FOLLOWED = { wal_level: 'replica', max_wal_senders: '3' } as const;

export interface TestStandby {
  url(database: string, user?: { readonly name: string; readonly password: string }): string;
  stop(): Promise<void>;
}

/** A real hot standby that streams from the primary: a base backup by the low-level interface, as there is no pg_basebackup. */
export async function startStandby(primary: TestPostgres): Promise<TestStandby> {
  const dir = await mkdtemp(join(tmpdir(), 'scheduler-watchdog-standby-'));
  const data = join(dir, 'data');
  const port = await freePort();
  const from = new URL(primary.url('postgres'));
  const admin = await primary.client('postgres');
  const { rows: places } = await admin.query('SHOW data_directory');
  await admin.query("SELECT pg_backup_start('standby', true)");
  await cp(places[0].data_directory, data, {
    recursive: true,
    filter: (path) => !/postmaster\.(pid|opts)$/.test(path),
  });
  const { rows: stopped } = await admin.query('SELECT labelfile FROM pg_backup_stop(false)');
  await admin.end();
  await writeFile(join(data, 'backup_label'), stopped[0].labelfile);
  await writeFile(join(data, 'standby.signal'), '');
  const conninfo = `host=127.0.0.1 port=${primary.port} user=${from.username} password=${from.password}`;
  await appendFile(
    join(data, 'postgresql.conf'),
    `\nport = ${port}\nhot_standby = on\nprimary_conninfo = '${conninfo}'\n`,
  );

  const { uid, gid } = await stat(places[0].data_directory);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await once(spawn('chown', ['-R', `${uid}:${gid}`, dir]), 'exit');
  await once(spawn('chmod', ['700', data]), 'exit');
  const { bin, libraryPath } = await prepareBinaries(dir, isRoot);
  const server = spawn(join(bin, 'postgres'), ['-D', data], {
    ...(isRoot && { uid, gid }),
    cwd: dir,
    env: { LD_LIBRARY_PATH: libraryPath, DYLD_LIBRARY_PATH: libraryPath, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const killNow = () => server.kill('SIGQUIT');
  process.on('exit', killNow);
  const { promise: isReady, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  server.once('exit', () => reject(new Error(`the standby ended: ${said}`)));
  createInterface(server.stderr).on('line', (line) => {
    said = `${said}\n${line}`.slice(-2_000);
    if (line.includes('ready to accept read-only connections')) resolve();
  });
  await isReady;
  return {
    url: (database, user = { name: from.username, password: from.password }) =>
      `postgres://${user.name}:${encodeURIComponent(user.password)}@127.0.0.1:${port}/${database}`,
    async stop() {
      process.off('exit', killNow);
      server.kill('SIGINT');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      await rm(dir, { recursive: true, force: true });
    },
  };
}
