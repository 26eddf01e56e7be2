import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSqliteState } from '../../functions/adapters/local/sqlite-state.ts';
import { wedgedWorld } from '../fakes/stories.ts';

const bin = resolve(import.meta.dirname, '../../functions/bin.mjs');
let folder: string;
let removedAt: string;

/** The story of a fake world, moved so that it ends now: a real store forgets what is older than 30 days. */
function moved<T>(value: T, byMs: number): T;
function moved(value: unknown, byMs: number): unknown {
  if (typeof value === 'number') return value > 1e12 && value < 1e13 ? value + byMs : value;
  if (typeof value === 'string') {
    const at = /^\d{4}-\d\d-\d\dT.*Z$/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(at) ? value : new Date(at + byMs).toISOString();
  }
  if (Array.isArray(value)) return value.map((one) => moved(one, byMs));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, moved(one, byMs)]));
}

/** The story of a wedge, in the state file of a watchdog that ran. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-questions-'));
  mkdirSync(join(folder, 'targets'));
  writeFileSync(join(folder, 'targets/a.yaml'), 'namespace: airflow\nhealth: { podPort: 8974 }\n');
  writeFileSync(join(folder, 'same.yaml'), 'heartbeatLimit: 45s\n');
  writeFileSync(join(folder, 'watch.yaml'), 'mode: watch\n');
  writeFileSync(join(folder, 'wrong.yaml'), 'heartbeatlimit: 45s\n');
  const { world } = await wedgedWorld();
  await world.ticks(4);
  const clock = { ...world.clock, now: () => Date.now() };
  const byMs = clock.now() - world.clock.now();
  const state = await openSqliteState(join(folder, 'scheduler-watchdog.db'), { clock });
  await state.save('a', moved((await world.store.load('a'))?.body, byMs), 0);
  for (const entry of await world.store.history({ target: 'a', limit: 1_000 }))
    await state.append(moved(entry, byMs));
  const [removal] = await world.ledger('removal');
  removedAt = new Date((removal?.at ?? 0) + byMs + 1_000).toISOString();
  await state.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function cli(...args: readonly string[]) {
  const env = { ...process.env, NO_COLOR: '1' };
  return spawnSync(process.execPath, [bin, ...args], { cwd: folder, env, encoding: 'utf8' });
}

const AT_REMOVAL = 'AT_REMOVAL';

test.each([
  {
    args: ['explain', 'a', '--at', AT_REMOVAL],
    status: 1,
    says: /decision: remove a-scheduler-1/,
  },
  { args: ['explain', 'a', '--at', 'yesterday'], status: 2, says: /expected a time such as/ },
  { args: ['explain', 'b'], status: 2, says: /WD_TARGET_UNKNOWN/ },
  { args: ['simulate', '--policy', 'same.yaml', '--since', '30d'], status: 0, says: /removals: 0 gained/ },
  { args: ['simulate', 'a', '--policy', 'watch.yaml', '--since', '30d'], status: 1, says: /removal lost/ },
  {
    args: ['simulate', '--policy', 'wrong.yaml'],
    status: 2,
    says: /wrong\.yaml:1:1: .*did you mean heartbeatLimit/,
  },
  {
    args: ['simulate', '--policy', 'absent.yaml'],
    status: 2,
    says: /absent\.yaml cannot be read \(ENOENT\)/,
  },
  { args: ['simulate'], status: 2, says: /--policy/ },
  {
    args: ['graduate', 'a'],
    status: 1,
    says: /missing {2}drill: none is kept {2}→ scheduler-watchdog drill a/,
  },
  { args: ['graduate', '--state', 'sqlite:absent.db'], status: 2, says: /WD_STATE_ABSENT/ },
])('$args ends with $status and says why', ({ args, status, says }) => {
  const found = cli(...args.map((arg) => (arg === AT_REMOVAL ? removedAt : arg)));
  expect(`${found.stdout}${found.stderr}`).toMatch(says);
  expect(found.status).toBe(status);
});
