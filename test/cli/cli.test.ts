import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { VERSION } from '../../functions/wiring/version.ts';

const bin = resolve(import.meta.dirname, '../../functions/bin.mjs');
let folder: string;

/** No credentials, wherever the SDK would look for some. */
const WITHOUT_AWS = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))),
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nowhere',
  AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  AWS_REGION: 'eu-west-1',
  NO_COLOR: '1',
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-cli-'));
  for (const name of ['targets', 'empty', 'bad']) mkdirSync(join(folder, name));
  const document = 'namespace: airflow\ncluster: { kubeconfig: ./absent }\nhealth: { podPort: 8974 }\n';
  writeFileSync(join(folder, 'targets/prod.yaml'), document);
  writeFileSync(join(folder, 'bad/good.yaml'), document);
  writeFileSync(join(folder, 'bad/typo.yaml'), `${document}policy: { heartbeatlimit: 9 parsecs }\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function cli(args: readonly string[], stopAfterLine = false, env: object = {}, cwd = folder) {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { ...WITHOUT_AWS, ...env },
  });
  child.stdin.end();
  if (stopAfterLine) child.stdout.once('data', () => child.kill('SIGINT'));
  const closed = new Promise<number | null>((done) => child.once('close', done));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await closed, stdout, stderr };
}

test.each([
  { name: '--version', args: ['--version'], code: 0, stdout: `${VERSION}\n` },
  { name: 'no command', args: [], code: 2, stderr: /Usage: scheduler-watchdog/ },
  { name: 'an unknown command', args: ['remove'], code: 2, stderr: /unknown command 'remove'/ },
  { name: 'an unknown option', args: ['check', '--force'], code: 2, stderr: /unknown option '--force'/ },
  {
    name: 'a duration that is none',
    args: ['watch', '--every', 'often'],
    code: 2,
    stderr: /expected a duration such as 90s/,
  },
  {
    name: 'a count that is none',
    args: ['history', '--limit', '-1'],
    code: 2,
    stderr: /expected a whole number/,
  },
  { name: 'a pause without a reason', args: ['pause', 'prod', '--for', '1h'], code: 2, stderr: /--reason/ },
  {
    name: 'a state that is none',
    args: ['check', '--state', 'redis:x'],
    code: 2,
    stderr: /WD_USAGE: --state is "redis:x"; expected sqlite:FILE/,
  },
  {
    name: 'a folder that is not there',
    args: ['check', '--targets', 'absent'],
    code: 2,
    stderr: /WD_TARGETS_UNREADABLE.*\(ENOENT\)/,
  },
  {
    name: 'an empty folder',
    args: ['check', '--targets', 'empty'],
    code: 2,
    stderr: /WD_TARGETS_EMPTY: the target list is empty; nothing was looked at and nothing was removed/,
  },
  {
    name: 'a target that is not in the list',
    args: ['check', '--target', 'staging'],
    code: 2,
    stderr: /WD_TARGET_UNKNOWN: there is no target "staging"; known are prod/,
  },
  {
    name: 'targets in SSM, by somebody who has not logged in to AWS',
    args: ['check', '--targets', 'ssm:/x'],
    code: 2,
    stderr: /WD_TARGETS_UNREADABLE: .* below \/x .*[\s\S]*Log in to AWS first/,
  },
  {
    name: 'a target that cannot be seen',
    args: ['check'],
    code: 3,
    stdout: /prod .*\n {2}blind +WD_KUBECONFIG: the file .*absent does not exist/,
  },
  {
    name: 'one bad document among good ones',
    args: ['check', '--targets', 'bad'],
    code: 3,
    stdout: /good[\s\S]*typo\.yaml:\d+:\d+: policy\.heartbeatlimit.*did you mean heartbeatLimit/,
  },
  {
    name: 'validating good documents',
    args: ['targets', 'validate'],
    code: 0,
    stdout: 'ok   prod  (mode watch, namespace airflow)\n',
  },
  {
    name: 'validating a bad document',
    args: ['targets', 'validate', '--targets', 'bad'],
    code: 2,
    stdout: /ok {3}good.*\nbad .*typo\.yaml/,
  },
  {
    name: 'an option that is misspelt',
    args: ['check', '--tagret', 'prod'],
    code: 2,
    stderr: /unknown option '--tagret'\n\(Did you mean --target\?\)/,
  },
  {
    name: 'a command that is misspelt',
    args: ['chekc'],
    code: 2,
    stderr: /unknown command 'chekc'\n\(Did you mean check\?\)/,
  },
  {
    name: 'a target that is misspelt',
    args: ['check', '--target', 'porod'],
    code: 2,
    stderr: /there is no target "porod" \(did you mean prod\?\)/,
  },
  {
    name: 'a watch of a target that is not there',
    args: ['watch', '--target', 'prod', '--target', 'staging', '--state', 'memory:'],
    code: 2,
    stderr: /WD_TARGET_UNKNOWN: there is no target "staging"/,
  },
  {
    name: 'a list of a target that is not there',
    args: ['targets', 'list', '--target', 'staging'],
    code: 2,
    stderr: /WD_TARGET_UNKNOWN: there is no target "staging"/,
  },
  {
    name: 'a watch without a rest',
    args: ['watch', '--every', '4s'],
    code: 2,
    stderr: /'4s' is invalid\. expected at least 5s: each tick asks every API server/,
  },
  {
    name: 'an option that means nothing to a verb: a state to validate',
    args: ['targets', 'validate', '--state', 'memory:'],
    code: 2,
    stderr: /unknown option '--state'/,
  },
  {
    name: 'an option that means nothing to a verb: a target to pause beside the one',
    args: ['pause', 'prod', '--target', 'prod', '--for', '1h', '--reason', 'x'],
    code: 2,
    stderr: /unknown option '--target'/,
  },
  {
    name: 'hosts for channels that are none',
    args: ['targets', 'validate'],
    env: { WATCHDOG_CHANNEL_HOSTS: 'https://x' },
    code: 2,
    stderr: /WD_USAGE: WATCHDOG_CHANNEL_HOSTS is "https:\/\/x"/,
  },
])('$name: exit code $code', async ({ args, code, stdout, stderr, env }) => {
  const said = await cli(args, false, env);
  expect(said.code).toBe(code);
  if (typeof stdout === 'string') expect(said.stdout).toBe(stdout);
  else if (stdout !== undefined) expect(said.stdout).toMatch(stdout);
  if (stderr !== undefined) expect(said.stderr).toMatch(stderr);
});

test.each([
  ['check'],
  ['check', '--targets', 'empty'],
  ['check', '--targets', 'absent'],
  ['check', '--targets', 'bad'],
  ['targets', 'validate', '--targets', 'bad'],
  ['history'],
  ['status'],
])('with --json stdout holds nothing but JSON lines: %s %s %s', async (...args) => {
  const { stdout } = await cli([...args, '--json']);
  for (const line of stdout.split('\n').filter((one) => one !== ''))
    expect(typeof JSON.parse(line)).toBe('object');
});

test('an error in JSON has the four parts of the contract', async () => {
  const { stdout } = await cli(['check', '--targets', 'empty', '--json']);
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: 'WD_TARGETS_EMPTY',
      what: expect.any(String),
      notDone: expect.any(String),
      run: expect.any(String),
    },
  });
});

test('a check that may not act leaves no state file behind', async () => {
  await cli(['check']);
  expect(existsSync(join(folder, 'scheduler-watchdog.db'))).toBe(false);
});

test('pause, resume and history tell one story, of the state beside the targets, from wherever they are started', async () => {
  const elsewhere = ['--targets', '../targets'];
  const cwd = join(folder, 'empty');
  const from = (...args: readonly string[]) => cli(args, false, {}, cwd);
  const place = `sqlite:${join(realpathSync(folder), 'scheduler-watchdog.db')}`;
  await cli(['watch', '--json'], true);
  const paused = await from('pause', 'prod', '--for', '2h', '--reason', 'node upgrade', ...elsewhere);
  expect(paused.code).toBe(0);
  const [sentence, where] = paused.stdout.split('\n');
  expect([sentence, where]).toEqual([
    expect.stringMatching(/^prod is paused until .*Z: nothing is removed/),
    `state: ${place}`,
  ]);
  expect(await cli(['pause', 'staging', '--for', '2h', '--reason', 'x'])).toMatchObject({ code: 2 });
  expect(await cli(['status', '--json'])).toMatchObject({ stdout: expect.stringContaining('node upgrade') });
  expect(await cli(['resume', 'prod'])).toMatchObject({
    stdout: `prod is no longer paused.\nstate: ${place}\n`,
  });
  expect(await from('resume', 'prod', ...elsewhere)).toMatchObject({
    stdout: `prod was not paused; nothing changed.\nstate: ${place}\n`,
  });
  const { stdout, stderr } = await from('history', 'prod', '--json', ...elsewhere);
  const kinds = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).kind);
  expect(kinds.slice(-3)).toEqual(['pause', 'resume', 'resume']);
  expect(stderr).toBe(`state: ${place}\n`);
  rmSync(join(folder, 'scheduler-watchdog.db'));
});

test.each([['pause', 'prod', '--for', '1h', '--reason', 'x'], ['resume', 'prod'], ['history'], ['status']])(
  'without a state %s makes none: it says where it looked',
  async (...args) => {
    const before = readdirSync(folder);
    for (const state of [[], ['--state', 'sqlite:./other.db'], ['--state', 'memory:']]) {
      const { code, stderr } = await cli([...args, ...state]);
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(
          /^WD_STATE_ABSENT: (there is no state at sqlite:\/.*\.db|the state memory: ends)[\s\S]*nothing was read or changed, and no state was made\.\nName the state/,
        ),
      ]);
    }
    const inSsm = await cli([...args, '--targets', 'ssm:/x']);
    expect(inSsm).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^WD_STATE_ABSENT: no state is named/),
    });
    expect(readdirSync(folder)).toEqual(before);
  },
);

test('a state file that an earlier version left in another folder is named, not silently forgotten', async () => {
  const cwd = join(folder, 'empty');
  writeFileSync(join(cwd, 'scheduler-watchdog.db'), '');
  const { stderr } = await cli(['check', '--targets', '../targets'], false, {}, cwd);
  expect(stderr).toMatch(/empty\/scheduler-watchdog\.db is not used: name it with --state to go on with it/);
  const named = ['--state', 'sqlite:./scheduler-watchdog.db'];
  expect((await cli(['check', '--targets', '../targets', ...named], false, {}, cwd)).stderr).not.toContain(
    'not used',
  );
  rmSync(join(cwd, 'scheduler-watchdog.db'));
});

test('what a document says cannot move the cursor or turn the line', async () => {
  mkdirSync(join(folder, 'nasty'));
  const document = { namespace: '\u001b[2Ja\u009b31m\u202eb\r', health: { podPort: 8974 } };
  writeFileSync(join(folder, 'nasty/a.json'), JSON.stringify(document));
  const forPeople = await cli(['targets', 'validate', '--targets', 'nasty']);
  expect([forPeople.code, forPeople.stdout]).toEqual([2, expect.stringContaining('namespace: found "ab"')]);
  const forMachines = await cli(['targets', 'validate', '--targets', 'nasty', '--json']);
  expect(forMachines.stdout).toMatch(/^[ -~\n]+$/);
  const usage = await cli(['chec\u001b[31mk']);
  for (const said of [forPeople.stdout, forPeople.stderr, forMachines.stderr, usage.stderr])
    expect(said).not.toMatch(/[^\P{Cc}\n\t]|[\u202a-\u202e]/u);
  rmSync(join(folder, 'nasty'), { recursive: true });
});

test('Ctrl-C ends a watch after the tick under way, with exit code 0', async () => {
  const { code, stdout, stderr } = await cli(
    ['watch', '--every', '1h', '--json', '--state', 'memory:'],
    true,
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout.trim())).toMatchObject({
    target: 'prod',
    decision: { kind: 'hold', code: 'blind' },
  });
  expect(stderr).toContain('stopped; nothing is left undone');
});

test('no text sends people to a command that does not exist', async () => {
  const { stdout } = await cli(['--help']);
  const verbs = new Set([...stdout.matchAll(/^ {2}([a-z]+)[ [<]/gm)].map(([, verb]) => verb));
  const { execFileSync } = await import('node:child_process');
  const named = execFileSync(
    'grep',
    ['-rhoE', '(`|npx )scheduler-watchdog [a-z]+', 'functions', 'README.md', 'docs'],
    { cwd: resolve(bin, '../..'), encoding: 'utf8' },
  )
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ').at(-1) ?? '');
  const known = [...verbs, 'demo'];
  expect([...new Set(named)].filter((verb) => !known.includes(verb))).toEqual([]);
  expect(readFileSync(resolve(bin, '../../README.md'), 'utf8')).toContain('npx scheduler-watchdog check');
});
