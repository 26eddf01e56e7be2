import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';
import { prepareBinaries } from './postgres-binaries.ts';
import { collect, createCluster, failed, type Run, SUPERUSER } from './postgres-cluster.ts';
import { descendants } from './process-tree.ts';

export interface PostgresOptions {
  /** An empty or missing folder for this server alone. */
  readonly dir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** More `postgresql.conf` settings. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly onProgress?: (text: string) => void;
}

export interface LocalPostgres {
  readonly port: number;
  /** With the password in it; `user` defaults to the superuser. */
  url(database: string, user?: { readonly name: string; readonly password: string }): string;
  /** Freezes every process of the server: connections are accepted by the kernel and never answered. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** Nobody: as root the server must run as somebody else, and no user is created for it. */
const NOBODY = 65_534;

/** Starts a real PostgreSQL of the npm package on a loopback port. It loses data on a crash, on purpose: that is faster. */
export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const { dir, onProgress = () => {} } = options;
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  await fs.mkdir(dir, { recursive: true, mode: 0o700 });
  if (identity.uid !== undefined) await fs.chown(dir, identity.uid, identity.gid);
  const { bin, libraryPath } = await prepareBinaries(dir, identity.uid !== undefined);
  const env = { LD_LIBRARY_PATH: libraryPath, DYLD_LIBRARY_PATH: libraryPath, LC_ALL: 'C', TZ: 'UTC' };
  const run: Run = (name, args) =>
    spawn(join(bin, name), args, { ...identity, cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });

  onProgress('creating a database cluster');
  const password = randomBytes(18).toString('base64url');
  const port = options.port ?? (await freePort());
  const data = await createCluster(run, dir, password, { port: String(port), ...options.settings });
  onProgress(`starting PostgreSQL on 127.0.0.1:${port}`);
  const server = run('postgres', ['-D', data]);
  // Otherwise a crash of this process would leave a server behind.
  const killNow = () => server.kill('SIGQUIT');
  process.on('exit', killNow);
  await ready(server);
  const url: LocalPostgres['url'] = (database, user = { name: SUPERUSER, password }) =>
    `postgres://${encodeURIComponent(user.name)}:${encodeURIComponent(user.password)}@127.0.0.1:${port}/${database}`;
  const signalAll = async (signal: NodeJS.Signals) => {
    if (server.pid === undefined) return;
    // Every backend leads a session of its own, so there is no process group to signal.
    for (const pid of [server.pid, ...(await descendants(server.pid))]) kill(pid, signal);
  };
  let stopping: Promise<void> | null = null;
  const stop = async () => {
    process.off('exit', killNow);
    await signalAll('SIGCONT');
    server.kill('SIGINT');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    await fs.rm(dir, { recursive: true, force: true });
  };
  return {
    port,
    url,
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Resolves on the server's own word. */
async function ready(server: ChildProcess): Promise<void> {
  const said = collect(server);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.once('exit', () => reject(failed('postgres', said())));
  if (server.stderr !== null) {
    createInterface(server.stderr).on('line', (line) => {
      if (line.includes('database system is ready to accept connections')) resolve();
    });
  }
  await promise;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the listing and the signal.
  }
}
