import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { HOUR_MS } from '../../core/time.ts';
import type { Clock, LedgerEntry, StateStore } from '../../ports.ts';
import { corrupt, explain, isBusy, newer } from './sqlite-errors.ts';

/** Format of the file, in `PRAGMA user_version`. */
const FORMAT = 1;
/** "WDOG": tells our files from those of other programs, such as Airflow's own airflow.db. */
const APPLICATION_ID = 0x57444f47;
/** Long enough to look back over a month of nights and to replay them under another policy, short enough for one small file. */
const LEDGER_KEPT_MS = 30 * 24 * HOUR_MS;
const TRIM_EVERY_MS = 24 * HOUR_MS;
/** Writers hold the file for milliseconds, but node:sqlite waits on the event loop, so the wait has to be short. */
const BUSY_TIMEOUT_MS = 2_000;
const OPEN_RETRY_MS = 50;

const TABLES = `
  CREATE TABLE IF NOT EXISTS documents (
    key TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL CHECK (json_valid(body))
  ) STRICT;
  CREATE TABLE IF NOT EXISTS ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, at REAL NOT NULL, kind TEXT NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body))
  ) STRICT;
  CREATE INDEX IF NOT EXISTS ledger_by_at ON ledger (at);
  CREATE INDEX IF NOT EXISTS ledger_by_target ON ledger (target, at);
  CREATE INDEX IF NOT EXISTS ledger_by_kind ON ledger (kind, at);
`;

export interface SqliteOptions {
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly busyTimeoutMs?: number;
  /** Never creates the file, also when it goes away at this very moment. */
  readonly mustExist?: boolean;
}

/** Opens or creates a state file. Each method is one statement, so every one of them is also possible on DynamoDB. */
export async function openSqliteState(path: string, options: SqliteOptions): Promise<StateStore> {
  const { clock, busyTimeoutMs = BUSY_TIMEOUT_MS, mustExist = false } = options;
  const place = mustExist ? existingOnly(path) : path;
  const giveUpAt = clock.now() + busyTimeoutMs;
  for (;;) {
    try {
      return open(place, path, busyTimeoutMs, clock);
    } catch (error) {
      // Switching a new file to WAL answers "busy" at once and does not wait as other statements do.
      if (!isBusy(error) || clock.now() >= giveUpAt) throw explain(error, path);
      await clock.sleep(OPEN_RETRY_MS);
    }
  }
}

function existingOnly(path: string): URL {
  const url = pathToFileURL(path);
  url.searchParams.set('mode', 'rw');
  return url;
}

function open(place: string | URL, path: string, timeout: number, clock: Pick<Clock, 'now'>): StateStore {
  const database = new DatabaseSync(place, { timeout });
  try {
    refuseForeign(database, path);
    // A process that dies loses nothing; a power cut may take the newest saves, but none from before an `append`.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    // Writing both pragmas each time also proves that the file can be written: an open alone falls back to read-only.
    database.exec(
      `BEGIN IMMEDIATE; ${TABLES} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT}; COMMIT`,
    );
    return storeOn(database, path, clock);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Never writes to a file that is not ours or is ahead of us. */
function refuseForeign(database: DatabaseSync, path: string): void {
  const number = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
  const owner = number('PRAGMA application_id');
  const format = number('PRAGMA user_version');
  const isOurs = owner === APPLICATION_ID;
  if ((isOurs || owner === 0) && format > FORMAT) throw newer(path, format, FORMAT);
  if (!isOurs && number('SELECT count(*) FROM sqlite_master') > 0)
    throw corrupt(path, 'is the database of another program');
}

function storeOn(database: DatabaseSync, path: string, clock: Pick<Clock, 'now'>): StateStore {
  const load = database.prepare('SELECT version, body FROM documents WHERE key = ?');
  const insert = database.prepare('INSERT INTO documents VALUES (?, 1, ?) ON CONFLICT DO NOTHING');
  const update = database.prepare(
    'UPDATE documents SET body = ?, version = version + 1 WHERE key = ? AND version = ?',
  );
  const append = database.prepare('INSERT INTO ledger (target, at, kind, body) VALUES (?, ?, ?, ?)');
  const trim = database.prepare('DELETE FROM ledger WHERE at < ?');
  let trimmedAt = Number.NEGATIVE_INFINITY;
  const trimIfDue = (): void => {
    if (clock.now() - trimmedAt < TRIM_EVERY_MS) return;
    trim.run(clock.now() - LEDGER_KEPT_MS);
    trimmedAt = clock.now();
  };
  const explained = async <T>(work: () => T): Promise<T> => {
    try {
      return work();
    } catch (error) {
      throw explain(error, path);
    }
  };
  trimIfDue();
  return {
    load: (key) =>
      explained(() => {
        const row = load.get(key);
        return row === undefined
          ? null
          : { version: Number(row.version), body: JSON.parse(String(row.body)) };
      }),
    save: (key, body, expectedVersion) =>
      explained(() => {
        const json = JSON.stringify(body);
        const { changes } =
          expectedVersion === 0 ? insert.run(key, json) : update.run(json, key, expectedVersion);
        return changes === 1 ? 'saved' : 'conflict';
      }),
    append: ({ target, at, kind, body }) =>
      explained(() => {
        // Flushes the log file with all that was saved before: an intent is on the disk before its pod goes.
        database.exec('PRAGMA synchronous = FULL');
        append.run(target, at, kind, JSON.stringify(body));
        database.exec('PRAGMA synchronous = NORMAL');
        trimIfDue();
      }),
    history: (query) => explained(() => history(database, query)),
    close: async () => {
      if (database.isOpen) database.close();
    },
  };
}

function history(
  database: DatabaseSync,
  { target, kind, without, limit }: Parameters<StateStore['history']>[0],
): LedgerEntry[] {
  const conditions = [
    ...(target === null ? [] : ['target = :target']),
    ...(kind === undefined ? [] : ['kind = :kind']),
    ...(without === undefined ? [] : ['kind <> :without']),
  ];
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const rows = database
    .prepare(`SELECT target, at, kind, body FROM ledger ${where} ORDER BY at DESC, id DESC LIMIT :limit`)
    .all({
      ...(target === null ? {} : { target }),
      ...(kind === undefined ? {} : { kind }),
      ...(without === undefined ? {} : { without }),
      limit: Math.max(0, Math.min(Math.floor(limit), Number.MAX_SAFE_INTEGER)),
    });
  return rows.reverse().map(
    (row) =>
      ({
        target: String(row.target),
        at: Number(row.at),
        kind: String(row.kind),
        body: JSON.parse(String(row.body)),
      }) as LedgerEntry,
  );
}
