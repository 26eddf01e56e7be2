/** A real PostgreSQL that has passwords judged as RDS does: a password is a request, signed for this host, port and user. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../functions/demo/free-port.ts';
import { signatureOf } from '../stubs/aws-signature.ts';
import { type LdapStub, startLdapStub } from '../stubs/ldap.ts';

const NOBODY = 65_534;
const TOKEN_LIVES_MS = 15 * 60_000;
const DEBIAN = '/usr/lib/postgresql';

export interface TokenPostgres {
  readonly port: number;
  /** Logins of the database user, accepted or not. */
  readonly logins: LdapStub['binds'];
  /** What its certificate is signed by; no login token goes to a server that is not known. */
  readonly ca: string;
  run(sql: string): Promise<void>;
  close(): Promise<void>;
}

export interface TokenPostgresOptions {
  readonly user: string;
  readonly region: string;
  /** Secrets by access key. */
  readonly keys: Readonly<Record<string, string>>;
  readonly now?: () => number;
}

export async function startTokenPostgres({
  user,
  region,
  keys,
  now = Date.now,
}: TokenPostgresOptions): Promise<TokenPostgres> {
  const bin = binaries();
  const port = await freePort();
  const directory = await startLdapStub((name, token) => name === `cn=${user}` && isGood(token));
  function isGood(token: string): boolean {
    const url = URL.parse(`https://${token}`);
    if (url === null || url.host !== `127.0.0.1:${port}`) return false;
    const request = { method: 'GET', url: url.pathname + url.search, headers: { host: url.host }, body: '' };
    const signature = signatureOf(request);
    const asked = [url.searchParams.get('Action'), url.searchParams.get('DBUser')].join();
    if (signature === null || asked !== `connect,${user}`) return false;
    const isFresh = Math.abs(now() - signature.signedAt) < TOKEN_LIVES_MS;
    const isForHere = signature.service === 'rds-db' && signature.region === region;
    return isFresh && isForHere && signature.isFrom(keys[signature.accessKeyId] ?? '');
  }

  const folder = mkdtempSync(join(tmpdir(), 'watchdog-token-pg-'));
  chownSync(folder, NOBODY, NOBODY);
  const data = join(folder, 'data');
  const identity = { uid: NOBODY, gid: NOBODY, cwd: folder };
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'owner', '-A', 'trust', '--no-sync'], {
    ...identity,
    stdio: 'pipe',
  });
  const ca = certificate(folder);
  const directoryAt = `ldapserver=127.0.0.1 ldapport=${directory.port} ldapprefix="cn="`;
  writeFileSync(
    join(data, 'pg_hba.conf'),
    `local all owner trust\nhost all owner 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 ldap ${directoryAt}\n`,
  );
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    ssl: 'on',
    ssl_cert_file: join(folder, 'server.pem'),
    ssl_key_file: join(folder, 'server.key'),
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...options], { ...identity, stdio: 'ignore' });
  const run = (sql: string) => asOwner(port, sql);
  await ready(run, server);
  return {
    port,
    logins: directory.binds,
    ca,
    run,
    async close() {
      const ended = new Promise((done) => server.once('exit', done));
      server.kill('SIGQUIT');
      await ended;
      await directory.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Signed by itself, for 127.0.0.1; its text. */
function certificate(folder: string): string {
  const [key, pem] = [join(folder, 'server.key'), join(folder, 'server.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=database', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', pem, ...names], {
    stdio: 'pipe',
  });
  for (const file of [key, pem]) chownSync(file, NOBODY, NOBODY);
  return readFileSync(pem, 'utf8');
}

/** Debian's build has LDAP; the one of npm has not. */
function binaries(): string {
  const [newest] = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort().reverse() : [];
  if (newest === undefined) throw new Error('there is no PostgreSQL of Debian: run test/rig/build');
  return join(DEBIAN, newest, 'bin');
}

async function asOwner(port: number, sql: string): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'owner', database: 'postgres' });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function ready(run: (sql: string) => Promise<void>, server: ChildProcess): Promise<void> {
  for (;;) {
    try {
      return await run('SELECT 1');
    } catch (error) {
      if (server.exitCode !== null) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}
