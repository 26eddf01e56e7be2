import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { createClock } from '../../../functions/adapters/local/clock.ts';
import { openSqliteState } from '../../../functions/adapters/local/sqlite-state.ts';
import { WatchdogError } from '../../../functions/core/errors.ts';
import { describeStateStore } from '../../contracts/state-store.ts';
import { newFolder } from './folder.ts';

const folder = newFolder();
const clock = createClock();
const CHILD = fileURLToPath(new URL('sqlite-child.ts', import.meta.url));
const DAY_MS = 86_400_000;
const isRoot = process.getuid?.() === 0;
let files = 0;
const newFile = () => join(folder, `state-${++files}.db`);
const open = (file: string, busyTimeoutMs = 100) => openSqliteState(file, { clock, busyTimeoutMs });

describeStateStore('sqlite', () => open(newFile()));

test('a file that must exist is never created, and one with odd letters in its name is found', async () => {
  const file = join(folder, 'a b?c#d%20.db');
  const existing = () => openSqliteState(file, { clock, mustExist: true });
  await expect(existing()).rejects.toThrow('WD_STATE_READ_ONLY');
  expect(existsSync(file)).toBe(false);
  await (await open(file)).save('a', { schema: 1 }, 0);
  expect(await (await existing()).load('a')).toEqual({ version: 1, body: { schema: 1 } });
});

function child(task: string, file: string, asNobody = false): ChildProcess {
  const user = asNobody && isRoot ? { uid: 65_534, gid: 65_534 } : {};
  const flags = ['--disable-warning=ExperimentalWarning'];
  return spawn(process.execPath, [...flags, CHILD, task, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    ...user,
  });
}

async function answerOf(process: ChildProcess): Promise<unknown> {
  let text = '';
  process.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  await once(process, 'close');
  return JSON.parse(text.trim().split('\n').at(-1) ?? '');
}

/** What opening this file says. */
async function explanation(file: string): Promise<WatchdogError['explained']> {
  try {
    await (await open(file)).close();
  } catch (error) {
    if (error instanceof WatchdogError) return error.explained;
    throw error;
  }
  throw new Error(`${file} was opened`);
}

describe('a state file', () => {
  test('keeps documents and ledger for the next process', async () => {
    const file = newFile();
    const first = await open(file);
    await first.save('k', { streak: 2 }, 0);
    await first.append({ target: 'a', at: clock.now(), kind: 'resume', body: { by: 'ann', was: true } });
    await first.close();
    const second = await open(file);
    expect(await second.load('k')).toEqual({ version: 1, body: { streak: 2 } });
    expect(await second.history({ target: 'a', limit: 9 })).toHaveLength(1);
    expect(await second.save('k', { streak: 3 }, 1)).toBe('saved');
    await second.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test('is written in WAL mode, says its format and forces writes to the disk', async () => {
    const file = newFile();
    await (await open(file)).close();
    const database = new DatabaseSync(file);
    const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    expect([pragma('journal_mode'), pragma('user_version'), pragma('synchronous')]).toEqual(['wal', 1, 2]);
    database.close();
  });

  test('forgets ledger entries after 30 days: at opening, and once a day while open', async () => {
    const file = newFile();
    let now = 1_000 * DAY_MS;
    const later = { ...clock, now: () => now };
    const entry = (at: number) => ({
      target: 'a',
      at,
      kind: 'resume' as const,
      body: { by: 'ann', was: true },
    });
    const ages = async (store: Awaited<ReturnType<typeof open>>) =>
      (await store.history({ target: 'a', limit: 9 })).map(({ at }) => at / DAY_MS);
    const first = await openSqliteState(file, { clock: later });
    for (const day of [969, 970, 971]) await first.append(entry(day * DAY_MS));
    expect(await ages(first)).toEqual([969, 970, 971]);
    await first.close();
    const second = await openSqliteState(file, { clock: later });
    expect(await ages(second)).toEqual([970, 971]);
    now += DAY_MS;
    await second.append(entry(now));
    expect(await ages(second)).toEqual([971, 1_001]);
    await second.close();
  });
});

describe('a state file in trouble', () => {
  const junk = 'This is a letter to my grandmother. '.repeat(200);

  test.each([
    { name: 'text', spoil: (file: string) => writeFileSync(file, junk) },
    { name: 'a short text', spoil: (file: string) => writeFileSync(file, 'hi') },
    {
      name: 'a cut file',
      spoil: (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 3_000)),
    },
    {
      name: 'overwritten pages',
      spoil: (file: string) => writeFileSync(file, readFileSync(file).fill(0x5a, 100)),
    },
  ])('$name is WD_STATE_CORRUPT and is left as it is', async ({ spoil }) => {
    const file = newFile();
    await (await open(file)).close();
    spoil(file);
    const before = readFileSync(file);
    expect(await explanation(file)).toMatchObject({
      code: 'WD_STATE_CORRUPT',
      run: expect.stringMatching(/mv .* without streaks, pauses, open incidents/),
    });
    expect(readFileSync(file)).toEqual(before);
  });

  test('damage that shows only later is WD_STATE_CORRUPT too', async () => {
    const file = newFile();
    const store = await open(file);
    await store.save('k', { padding: 'x'.repeat(50_000) }, 0);
    await store.close();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0x5a, 8_192));
    const spoilt = await open(file).catch((error: unknown) => error);
    const error =
      spoilt instanceof Error ? spoilt : await (spoilt as typeof store).load('k').catch((e: unknown) => e);
    expect(error).toMatchObject({ explained: { code: 'WD_STATE_CORRUPT' } });
  });

  test("another program's database is not touched", async () => {
    const file = newFile();
    const airflow = new DatabaseSync(file);
    airflow.exec('CREATE TABLE job (id INTEGER)');
    airflow.close();
    const before = readFileSync(file);
    expect(await explanation(file)).toMatchObject({
      code: 'WD_STATE_CORRUPT',
      what: `The state file ${file} is the database of another program`,
    });
    expect(readFileSync(file)).toEqual(before);
  });

  test('tables of another shape are WD_STATE_CORRUPT', async () => {
    const file = newFile();
    await (await open(file)).close();
    const database = new DatabaseSync(file);
    database.exec('DROP TABLE documents; CREATE TABLE documents (key TEXT, value TEXT)');
    database.close();
    expect(await explanation(file)).toMatchObject({ code: 'WD_STATE_CORRUPT' });
  });

  test('a newer format is WD_STATE_NEWER', async () => {
    const file = newFile();
    await (await open(file)).close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(await explanation(file)).toMatchObject({
      code: 'WD_STATE_NEWER',
      what: `The state file ${file} has format 99, and this version knows up to 1`,
    });
  });

  test.each([
    { name: 'a missing folder', file: () => join(folder, 'absent', 'state.db') },
    { name: 'a folder', file: () => folder },
  ])('$name is WD_STATE_READ_ONLY', async ({ file }) => {
    expect(await explanation(file())).toMatchObject({ code: 'WD_STATE_READ_ONLY' });
  });

  test('a read-only file and a read-only folder are WD_STATE_READ_ONLY', async () => {
    // Modes do not stop root, so the process that tries is nobody's.
    const place = join(folder, 'modes');
    mkdirSync(join(place, 'closed'), { recursive: true });
    chmodSync(folder, 0o755);
    const file = join(place, 'state.db');
    await (await open(file)).close();
    copyFileSync(file, join(place, 'closed', 'state.db'));
    chmodSync(file, 0o444);
    chmodSync(place, 0o777);
    chmodSync(join(place, 'closed', 'state.db'), 0o666);
    chmodSync(join(place, 'closed'), 0o555);
    const answers = ['state.db', 'closed/state.db', 'closed/new.db', 'mine.db'].map((name) =>
      answerOf(child('write', join(place, name), true)),
    );
    expect(await Promise.all(answers)).toEqual([
      'WD_STATE_READ_ONLY',
      'WD_STATE_READ_ONLY',
      'WD_STATE_READ_ONLY',
      'saved',
    ]);
    chmodSync(join(place, 'closed'), 0o755);
  });

  test('a file that another process holds is WD_STATE_BUSY, and usable once it lets go', async () => {
    const file = newFile();
    await (await open(file)).close();
    const holder = child('hold', file);
    if (holder.stdout) await once(holder.stdout, 'data');
    const startedAt = Date.now();
    expect(await explanation(file)).toMatchObject({ code: 'WD_STATE_BUSY' });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    holder.stdin?.end();
    await once(holder, 'close');
    await (await open(file)).close();
  });

  test('a save that finds the file held is WD_STATE_BUSY', async () => {
    const file = newFile();
    const store = await open(file);
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.save('k', {}, 0)).rejects.toMatchObject({ explained: { code: 'WD_STATE_BUSY' } });
    other.exec('ROLLBACK');
    other.close();
    expect(await store.save('k', {}, 0)).toBe('saved');
    await store.close();
  });

  test('four processes racing from a file that does not exist yet lose no write', async () => {
    const file = newFile();
    const wins = await Promise.all([1, 2, 3, 4].map(() => answerOf(child('race', file))));
    expect(wins.reduce<number>((sum, one) => sum + Number(one), 0)).toBe(100);
    const store = await open(file);
    expect((await store.load('counter'))?.version).toBe(100);
    const versions = (await store.history({ target: 'counter', limit: 999 })).map((entry) =>
      entry.kind === 'resume' ? entry.body.by : null,
    );
    expect([...versions].sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 100 }, (_, at) => String(at + 1)),
    );
    await store.close();
  });
});
