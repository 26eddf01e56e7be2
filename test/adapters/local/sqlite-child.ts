// One process of its own for sqlite-state.test.ts: `node sqlite-child.ts TASK FILE`, one JSON line on stdout.

import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClock } from '../../../functions/adapters/local/clock.ts';
import { openSqliteState } from '../../../functions/adapters/local/sqlite-state.ts';
import { WatchdogError } from '../../../functions/core/errors.ts';

const [task, file = ''] = process.argv.slice(2);

/** Holds the file for as long as stdin stays open. */
async function hold(): Promise<string> {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  console.log('"holding"');
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  database.close();
  return 'let go';
}

/** Counts to 100 with everybody else who does; each success is one version. */
async function race(): Promise<number> {
  const store = await openSqliteState(file, { clock: createClock(), busyTimeoutMs: 10_000 });
  let wins = 0;
  for (;;) {
    const version = (await store.load('counter'))?.version ?? 0;
    if (version >= 100) break;
    if ((await store.save('counter', { by: process.pid }, version)) === 'saved') {
      wins++;
      const body = { by: String(version + 1), was: true };
      await store.append({ target: 'counter', at: Date.now(), kind: 'resume', body });
    }
    await sleep(0);
  }
  await store.close();
  return wins;
}

async function write(): Promise<string> {
  const store = await openSqliteState(file, { clock: createClock(), busyTimeoutMs: 100 });
  const answer = await store.save(`key-${process.pid}`, {}, 0);
  await store.close();
  return answer;
}

const tasks = { hold, race, write };
try {
  console.log(JSON.stringify(await tasks[task as keyof typeof tasks]()));
} catch (error) {
  console.log(JSON.stringify(error instanceof WatchdogError ? error.explained.code : String(error)));
}
