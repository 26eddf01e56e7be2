/** `targets push`, `list` and `pull` as people type them, against SSM of moto. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Account, openAccount } from './world.ts';

const bin = resolve(import.meta.dirname, '../../functions/bin.mjs');
const folder = mkdtempSync(join(tmpdir(), 'watchdog-push-'));
let account: Account;

beforeAll(async () => {
  account = await openAccount();
});
afterAll(async () => {
  await account.close();
  rmSync(folder, { recursive: true });
});

async function cli(...args: readonly string[]) {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: folder,
    env: { ...process.env, ...account.env, NO_COLOR: '1' },
  });
  child.stdin.end();
  const closed = new Promise<number | null>((done) => child.once('close', done));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await closed, stdout, stderr };
}

const target = (id: string) =>
  `id: ${id}\ncluster: { eks: prod, region: eu-west-1 }\nnamespace: ${id}\nhealth: { podPort: 8974 }\n`;

test('thirty targets and a channel go up, are listed, come down the same, and are pruned', async () => {
  const ids = Array.from({ length: 30 }, (_, at) => `t${at}`);
  for (const id of ids) writeFileSync(join(folder, `${id}.yaml`), target(id));
  writeFileSync(
    join(folder, 'channels.yaml'),
    'channels:\n  oncall: { type: slack, webhook: "https://hooks.slack.com/services/T000/B000/abc" }\n',
  );
  const place = `ssm:${account.prefix}`;
  const push = (...more: string[]) => cli('targets', 'push', '--targets', folder, '--ssm', place, ...more);

  const unasked = await push();
  expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('run it again with --yes')]);
  expect(await account.documents.list()).toEqual([]);

  const pushed = await push('--yes');
  expect([pushed.code, pushed.stdout]).toEqual([0, expect.stringContaining('31 written, 0 removed')]);
  expect(pushed.stdout + pushed.stderr).not.toContain('T000');
  const held = await account.documents.list();
  expect(held.filter(({ secret }) => secret).map(({ name }) => name)).toEqual(['channels/oncall']);

  const listed = await cli('targets', 'list', '--targets', place, '--json');
  const rows = listed.stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect([listed.code, rows.length]).toEqual([0, 30]);
  expect(rows[0]).toMatchObject({
    target: 't0',
    mode: 'watch',
    cluster: 'eks prod (eu-west-1)',
    channels: ['oncall'],
  });

  const down = join(folder, 'down');
  const pulled = await cli('targets', 'pull', '--targets', down, '--ssm', place, '--yes');
  expect([pulled.code, readdirSync(down).length]).toEqual([0, 31]);
  const again = await cli('targets', 'push', '--targets', down, '--ssm', place);
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('nothing to do')]);

  rmSync(join(folder, 't7.yaml'));
  expect((await push('--yes')).stdout).toContain('nothing to do');
  expect((await push('--yes', '--prune')).stdout).toContain('0 written, 1 removed');
  expect((await account.documents.list()).map(({ name }) => name)).not.toContain('targets/t7');
});

test('one bad document, or one of this machine, stops the push as a whole', async () => {
  const bad = mkdtempSync(join(tmpdir(), 'watchdog-bad-'));
  writeFileSync(join(bad, 'good.yaml'), target('good'));
  writeFileSync(join(bad, 'typo.yaml'), `${target('typo')}polices: {}\n`);
  writeFileSync(
    join(bad, 'local.yaml'),
    'namespace: a\ncluster: { kubeconfig: ./k }\nhealth: { podPort: 8974 }\n',
  );
  const said = await cli(
    'targets',
    'push',
    '--targets',
    bad,
    '--ssm',
    `ssm:${account.prefix}/other`,
    '--yes',
  );
  rmSync(bad, { recursive: true });
  expect(said.code).toBe(2);
  expect(said.stderr).toMatch(
    /typo\.yaml:5:1: polices[\s\S]*targets\/local: cluster\.kubeconfig: found "\.\/k"/,
  );
  expect((await account.documents.list()).filter(({ name }) => name.startsWith('other/'))).toEqual([]);
});
