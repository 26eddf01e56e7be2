import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { WatchdogError } from '../../core/errors.ts';
import type { DraftFolder } from '../../ports.ts';

/** Writes new files into one folder, made when the first one comes; what is there is never touched. */
export function createDraftFolder(path: string): DraftFolder {
  return {
    async write(name, text) {
      const place = join(path, name);
      try {
        await fs.mkdir(path, { recursive: true });
        await fs.writeFile(place, text, { flag: 'wx' });
        return { kind: 'written', place };
      } catch (cause) {
        const code = Error.isError(cause) && 'code' in cause ? String(cause.code) : 'unknown reason';
        if (code === 'EEXIST' && (await fs.lstat(place).catch(() => null)) !== null)
          return { kind: 'there', place };
        throw unwritable(place, code, cause);
      }
    },
  };
}

function unwritable(place: string, code: string, cause: unknown): WatchdogError {
  return new WatchdogError(
    {
      code: 'WD_DISCOVER',
      what: `the draft ${place} cannot be written (${code})`,
      notDone: 'it was not written',
      run: 'Name a folder that this user may write with `--out`.',
    },
    { cause },
  );
}
