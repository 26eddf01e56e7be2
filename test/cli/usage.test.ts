import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { OUTPUT_LINES } from '../../functions/config/output-schema.ts';
import { expectGolden } from '../commands/golden.ts';

const bin = resolve(import.meta.dirname, '../../functions/bin.mjs');

function cli(...args: readonly string[]) {
  return spawnSync(process.execPath, [bin, ...args], {
    cwd: tmpdir(),
    env: { ...process.env, NO_COLOR: '1', COLUMNS: '80' },
    encoding: 'utf8',
  });
}

test.each([
  { args: ['--help'], file: 'help.txt' },
  { args: ['check', '--help'], file: 'help-check.txt' },
  { args: ['watch', '--help'], file: 'help-watch.txt' },
  { args: ['status', '--help'], file: 'help-status.txt' },
  { args: ['doctor', '--help'], file: 'help-doctor.txt' },
  { args: ['drill', '--help'], file: 'help-drill.txt' },
  { args: ['targets', '--help'], file: 'help-targets.txt' },
  { args: ['targets', 'validate', '--help'], file: 'help-targets-validate.txt' },
  { args: ['targets', 'push', '--help'], file: 'help-targets-push.txt' },
  { args: ['channels', '--help'], file: 'help-channels.txt' },
  { args: ['channels', 'test', '--help'], file: 'help-channels-test.txt' },
  { args: ['history', '--help'], file: 'help-history.txt' },
  { args: ['pause', '--help'], file: 'help-pause.txt' },
  { args: ['explain', '--help'], file: 'help-explain.txt' },
  { args: ['simulate', '--help'], file: 'help-simulate.txt' },
  { args: ['graduate', '--help'], file: 'help-graduate.txt' },
  { args: ['acknowledge', '--help'], file: 'help-acknowledge.txt' },
  { args: ['approve', '--help'], file: 'help-approve.txt' },
])('$args is printed on stdout', ({ args, file }) => {
  const { status, stdout, stderr } = cli(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expectGolden(file, stdout);
});

test.each([
  { name: 'an unknown option', args: ['check', '--force'], what: "unknown option '--force'" },
  { name: 'a bad duration', args: ['watch', '--every', 'often'], what: 'expected a duration such as 90s' },
  { name: 'a missing reason', args: ['pause', 'a', '--for', '1h'], what: '--reason' },
  { name: 'a state that is none', args: ['check', '--state', 'redis:x'], what: '--state is "redis:x"' },
])('with --json bad usage is an error line, too: $name', ({ args, what }) => {
  const { status, stdout } = cli(...args, '--json');
  expect(status).toBe(2);
  expect(stdout.split('\n').slice(1)).toEqual(['']);
  expect(OUTPUT_LINES.check.safeParse(JSON.parse(stdout))).toMatchObject({ success: true });
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: 'WD_USAGE',
      what: expect.stringContaining(what),
      notDone: expect.any(String),
      run: expect.stringContaining('--help'),
    },
  });
});
