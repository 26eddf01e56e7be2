import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type DoctorWorld, doctorWorld, redOf, type Shared, type Spot } from './world.ts';

let world: DoctorWorld;
let spot: Spot;
const folder = mkdtempSync(join(tmpdir(), 'watchdog-doctor-state-'));

beforeAll(async () => {
  world = await doctorWorld();
  spot = await world.spot('prod');
}, 60_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world?.stop();
}, 30_000);

const slack = (webhook: string) => ({ oncall: { type: 'slack', webhook } });

function foreignDatabase(): string {
  const path = join(folder, 'airflow.db');
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE IF NOT EXISTS dag (id TEXT)');
  database.close();
  return path;
}

test.each<{ name: string; red: readonly string[]; change: () => Partial<Shared> }>([
  {
    name: 'a document with a typo',
    red: ['documents bad'],
    change: () => ({ files: { 'bad.yaml': 'namespace: airflow\npolcy: {}\n' } }),
  },
  { name: 'no channel', red: ['channels'], change: () => ({ channels: {} }) },
  {
    name: 'a channel whose secret is not set',
    red: ['channel-secret oncall'],
    change: () => ({ channels: slack('env:ABSENT') }),
  },
  {
    name: "a channel whose secret is a database's",
    red: ['channel-secret oncall'],
    change: () => ({ channels: slack('env:DB_PROD') }),
  },
  {
    name: 'a routing key that is none',
    red: ['channel-secret pager'],
    change: () => ({
      channels: { pager: { type: 'pagerduty', routingKey: 'env:KEY' } },
      env: { KEY: 'short' },
    }),
  },
  {
    name: 'a channel whose host does not resolve',
    red: ['channel-way oncall'],
    change: () => ({
      channels: { oncall: { ...slack('env:SLACK').oncall, endpoint: 'https://nowhere.invalid' } },
    }),
  },
  {
    name: 'a channel that takes no connections',
    red: ['channel-way oncall'],
    change: () => ({
      channels: { oncall: { ...slack('env:SLACK').oncall, endpoint: 'http://127.0.0.1:9' } },
    }),
  },
  {
    name: "another program's file as state",
    red: ['state-place'],
    change: () => ({ statePath: foreignDatabase() }),
  },
  {
    name: 'a state that was never written',
    red: ['state-place', 'schedule'],
    change: () => ({ statePath: join(folder, 'none.db') }),
  },
  {
    name: 'a state in a folder that is not there',
    red: ['state-place', 'state-writable', 'schedule'],
    change: () => ({ statePath: join(folder, 'nowhere', 'none.db') }),
  },
])('$name', async ({ red, change }) => {
  const lines = await world.examine([spot], change());
  expect(redOf(lines, null)).toEqual(red);
});

test('a schedule that has stopped', async () => {
  const before = spot.state.current;
  spot.state.current = { ...before, lastTick: Date.now() - 600_000 };
  const lines = await world.examine([spot]);
  spot.state.current = before;
  expect(redOf(lines, null)).toEqual(['schedule']);
  expect(lines.find(({ prerequisite }) => prerequisite === 'schedule')?.says).toContain('10m');
});

// Only Linux tells who has a file open.
(process.platform === 'linux' ? test : test.skip)('two watchdogs on one state', async () => {
  const started: ReturnType<typeof spawn>[] = [];
  try {
    const lines = await world.examine([spot], {
      async onState(path) {
        for (let count = 0; count < 2; count += 1) {
          const child = spawn(process.execPath, [
            '-e',
            "require('node:fs').openSync(process.argv[1]); console.log('open'); setInterval(() => {}, 9e8)",
            path,
          ]);
          started.push(child);
          await once(child.stdout, 'data');
        }
      },
    });
    expect(redOf(lines, null)).toEqual(['state-writers']);
    expect(lines.find(({ prerequisite }) => prerequisite === 'state-writers')?.says).toContain('2 processes');
  } finally {
    for (const child of started) child.kill();
  }
});

test('an empty list is a line, too', async () => {
  const lines = await world.examine([]);
  expect(redOf(lines, null)).toContain('documents');
  expect(lines.every(({ target }) => target === null)).toBe(true);
});

test('with --send each channel gets one message that nobody takes for an alert', async () => {
  const lines = await world.examine([spot], { send: true });
  expect(redOf(lines, null)).toEqual([]);
  expect(world.slack.messages).toHaveLength(1);
  expect(JSON.stringify(world.slack.messages[0]?.body)).toContain('TEST: scheduler-watchdog can send');
  expect(lines.find(({ prerequisite }) => prerequisite === 'channel-message')).toMatchObject({
    about: 'oncall',
    level: 'ok',
  });
});

test('a channel that refuses the message is red with the words of the service', async () => {
  world.slack.fail({ kind: 'answer', status: 403, body: 'action_prohibited' });
  const lines = await world.examine([spot], { send: true });
  expect(redOf(lines, null)).toEqual(['channel-message oncall']);
});
