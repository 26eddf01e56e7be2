import { WatchdogError } from '../../core/errors.ts';

/** Primary result codes, https://sqlite.org/rescode.html */
const SQLITE = {
  error: 1,
  busy: 5,
  locked: 6,
  readOnly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  notADatabase: 26,
};

/** What a person would lose by starting afresh; said wherever the file is in doubt. */
const LOST = 'streaks, pauses, open incidents and the cool-down of each target, and the history';

export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === SQLITE.busy || code === SQLITE.locked;
}

/** Turns what SQLite threw into an error that a user can mend; other errors pass unchanged. */
export function explain(error: unknown, path: string): unknown {
  if (error instanceof SyntaxError) return corrupt(path, 'holds a record that is not JSON', error);
  switch (codeOf(error)) {
    case SQLITE.busy:
    case SQLITE.locked:
      return busy(path, error);
    case SQLITE.readOnly:
      return readOnly(path, 'is read-only for this user, or its folder is', error);
    case SQLITE.cantOpen:
      return readOnly(
        path,
        'cannot be opened: its folder is missing or closed to this user, or it is itself a folder',
        error,
      );
    case SQLITE.full:
      return readOnly(path, 'cannot grow: the disk is full', error);
    case SQLITE.io:
      return readOnly(path, 'could not be read or written: the disk answered with an error', error);
    case SQLITE.corrupt:
      return corrupt(path, 'is damaged', error);
    case SQLITE.notADatabase:
      return corrupt(path, 'is not a database', error);
    case SQLITE.error:
      return corrupt(path, 'lacks its tables', error);
    default:
      return error;
  }
}

export function corrupt(path: string, why: string, cause?: unknown): WatchdogError {
  return new WatchdogError(
    {
      code: 'WD_STATE_CORRUPT',
      what: `The state file ${path} ${why}`,
      notDone: 'no target was looked at and the file was left as it is',
      run: `Name another file with \`--state sqlite:FILE\`, or move this one away (\`mv ${path} ${path}.damaged\`) and run again; a new file begins without ${LOST}.`,
    },
    { cause },
  );
}

export function newer(path: string, found: number, known: number): WatchdogError {
  return new WatchdogError({
    code: 'WD_STATE_NEWER',
    what: `The state file ${path} has format ${found}, and this version knows up to ${known}`,
    notDone: 'no target was looked at and the file was left as it is',
    run: 'Run the newer scheduler-watchdog that wrote it, or name another file with `--state sqlite:FILE`.',
  });
}

function readOnly(path: string, why: string, cause: unknown): WatchdogError {
  return new WatchdogError(
    {
      code: 'WD_STATE_READ_ONLY',
      what: `The state file ${path} ${why}`,
      notDone: 'nothing was recorded, so nothing may be removed',
      run: 'Give this user a folder it may write to and name a file in it with `--state sqlite:FILE`.',
    },
    { cause },
  );
}

function busy(path: string, cause: unknown): WatchdogError {
  return new WatchdogError(
    {
      code: 'WD_STATE_BUSY',
      what: `The state file ${path} is in use by another process`,
      notDone: 'nothing was recorded, so nothing may be removed',
      run: `Run \`fuser ${path}\` to see by which; two watchdogs may share a file, so something holds it for long, such as a backup or a database shell.`,
    },
    { cause },
  );
}

/** The primary result code is the lowest byte of the extended one. */
function codeOf(error: unknown): number | null {
  return Error.isError(error) && 'errcode' in error ? Number(error.errcode) & 0xff : null;
}
