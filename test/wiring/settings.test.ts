import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { placeOfState, readSettings } from '../../functions/wiring/settings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-settings-'));
  mkdirSync(join(folder, 'targets'));
  mkdirSync(join(folder, 'odd.yaml'));
  writeFileSync(join(folder, 'targets/prod.yaml'), '');
  writeFileSync(join(folder, 'document'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  { name: 'beside a folder', targets: 'targets', state: 'scheduler-watchdog.db' },
  { name: 'beside a folder, with a slash', targets: 'targets/', state: 'scheduler-watchdog.db' },
  { name: 'next to a file', targets: 'targets/prod.yaml', state: 'targets/scheduler-watchdog.db' },
  { name: 'next to a file without an ending', targets: 'document', state: 'scheduler-watchdog.db' },
  { name: 'beside a folder that is named like a file', targets: 'odd.yaml', state: 'scheduler-watchdog.db' },
  { name: 'beside a folder that is not there yet', targets: 'new', state: 'scheduler-watchdog.db' },
  { name: 'next to a file that is not there yet', targets: 'new/a.yml', state: 'new/scheduler-watchdog.db' },
])('without a name the state lies $name', ({ targets, state }) => {
  const settings = readSettings({ targets: join(folder, targets) }, {});
  expect(settings.state).toEqual({ kind: 'sqlite', path: join(folder, state) });
});

test('by default it lies where it always did', () => {
  expect(readSettings({}, {}).state).toEqual({ kind: 'sqlite', path: resolve('scheduler-watchdog.db') });
});

test('an option is before the environment, and the environment before the place of the targets', () => {
  const env = { WATCHDOG_STATE: 'dynamodb:table', WATCHDOG_TARGETS: join(folder, 'targets') };
  expect(readSettings({ state: 'memory:' }, env).state).toEqual({ kind: 'memory' });
  expect(readSettings({}, env).state).toEqual({ kind: 'dynamodb', table: 'table' });
  const { state } = readSettings({}, { ...env, WATCHDOG_STATE: undefined });
  expect(state && placeOfState(state)).toBe(`sqlite:${join(folder, 'scheduler-watchdog.db')}`);
});

test('targets in SSM have no state beside them', () => {
  expect(readSettings({ targets: 'ssm:/scheduler-watchdog' }, {}).state).toBeNull();
});

test.each([
  { hosts: undefined, want: [] },
  {
    hosts: ' Proxy.example.com , 127.0.0.1:9000,[::1]:80,',
    want: ['proxy.example.com', '127.0.0.1:9000', '[::1]:80'],
  },
])('hosts for channels: $hosts', ({ hosts, want }) => {
  expect(readSettings({}, { WATCHDOG_CHANNEL_HOSTS: hosts }).channelHosts).toEqual(want);
});

test.each(['https://proxy.example.com', 'a b', '*', 'proxy.example.com/path'])(
  '"%s" is no list of hosts',
  (hosts) => {
    expect(() => readSettings({}, { WATCHDOG_CHANNEL_HOSTS: hosts })).toThrow(
      'WD_USAGE: WATCHDOG_CHANNEL_HOSTS is',
    );
  },
);
