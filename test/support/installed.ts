import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { VERSION } from '../../functions/wiring/version.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Whoever installs it has an npm of their own; here it must not ask anybody. */
export const OFFLINE: NodeJS.ProcessEnv = {
  ...process.env,
  npm_config_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  NO_COLOR: '1',
};

/** The package, packed from this tree and installed in an empty folder, as a user has it. */
export interface Installed {
  /** The folder it was installed in. */
  readonly app: string;
  /** The tarball. */
  readonly file: string;
  /** `node_modules/.bin/scheduler-watchdog`, what npx starts. */
  readonly bin: string;
  /** Removes all of it. */
  remove(): void;
}

export function installPackage(): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'watchdog-pack-'));
  const out = join(folder, 'out');
  execFileSync(process.execPath, [join(ROOT, 'infra/pack.mjs'), '--out', out], { stdio: 'pipe' });
  const app = join(folder, 'app');
  const file = join(out, `scheduler-watchdog-${VERSION}.tgz`);
  mkdirSync(app);
  // Without a prefix npm would take a folder above that has a node_modules.
  execFileSync('npm', ['install', '--prefix', app, file], { cwd: app, env: OFFLINE, stdio: 'pipe' });
  return {
    app,
    file,
    bin: join(app, 'node_modules/.bin/scheduler-watchdog'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a Node without blocking this one, in which the far sides live. */
export function runNode(
  node: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Said> {
  const { promise, resolve: done } = Promise.withResolvers<Said>();
  const child = execFile(node, args, options, (_, stdout, stderr) =>
    done({ status: child.exitCode ?? -1, stdout, stderr }),
  );
  return promise;
}
