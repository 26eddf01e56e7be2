/**
 * docs/quickstart.md from top to bottom, as a newcomer goes: the packed package in an empty folder, a kubeconfig, a real API server and
 * a real Airflow. What the page shows is held against what was printed.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { airflow, isUp, kubeconfig, until } from '../rig/rig.ts';
import { type SlackStub, startSlackStub } from '../stubs/channels.ts';
import { type Installed, installPackage, OFFLINE } from '../support/installed.ts';
import { unlike } from '../support/shown.ts';
import { copyFor, kubectlFolder, type Newcomers } from './newcomer.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/quickstart.md'), 'utf8');

/** By itself, without `npm run test:e2e`, there may be no rig. */
const onRig = isUp() ? test : test.skip;

/** Each block of commands with what the page shows of its output. */
const steps = [...page.matchAll(/^```bash\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```$)?/gm)].map(
  ([, commands = '', shown]) => ({ commands, shown: shown ?? null }),
);

const folder = mkdtempSync(join(tmpdir(), 'watchdog-quickstart-'));
const home = join(folder, 'watchdog');
let packed: Installed;
let slack: SlackStub;
let newcomers: Newcomers;
let watching: { readonly child: ChildProcess; readonly said: () => string } | null = null;

const env: NodeJS.ProcessEnv = {
  ...OFFLINE,
  COLUMNS: '120',
  KUBECONFIG: join(dirname(kubeconfig('nobody')), 'admin-host.kubeconfig'),
};
/** What only the reader can know, as the page writes it. */
const blanks = () => [
  ['postgresql://scheduler_watchdog:PASSWORD@db:5432/airflow', newcomers.url],
  ['https://hooks.slack.com/services/…', slack.webhookUrl],
];

beforeAll(async () => {
  if (!isUp()) return;
  packed = installPackage();
  mkdirSync(home);
  copyFileSync(packed.file, join(home, basename(packed.file)));
  env.PATH = [kubectlFolder(folder), dirname(process.execPath), process.env.PATH].join(':');
  slack = await startSlackStub();
  newcomers = await copyFor(airflow('3.3', 'postgres'), folder);
}, 900_000);

afterAll(async () => {
  watching?.child.kill('SIGKILL');
  await newcomers?.remove();
  await slack?.close();
  packed?.remove();
  rmSync(folder, { recursive: true, force: true });
}, 300_000);

/** One block in a shell whose exports the next one has, with both streams as a terminal would show them. */
async function type(commands: string): Promise<string> {
  const filled = blanks().reduce((text, [blank = '', value = '']) => text.replaceAll(blank, value), commands);
  const kept = join(folder, 'exports');
  const script = `touch '${kept}'; . '${kept}'; set -e; { ${filled}\n} 2>&1; export -p >'${kept}'`;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile('bash', ['-c', script], { cwd: home, env, maxBuffer: 16e6 }, (error, stdout) =>
    error === null ? resolve(stdout) : reject(new Error(`${filled}\nended with ${error.code}:\n${stdout}`)),
  );
  return promise;
}

/** What goes on until it is stopped, once its first tick is done. */
async function typeAndLeave(commands: string): Promise<string> {
  const script = `. '${join(folder, 'exports')}'; exec ${commands} 2>&1`;
  const child = spawn('bash', ['-c', script], {
    cwd: home,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let said = '';
  child.stdout?.on('data', (data) => {
    said += data;
  });
  watching = { child, said: () => said };
  await until('the first tick', 240, () => (/1 of 1 target\(s\) well/.test(said) ? true : undefined));
  return said;
}

test('the page has its steps, and most of them show what comes', () => {
  expect(steps.length).toBeGreaterThan(10);
  expect(steps.filter(({ shown }) => shown !== null).length).toBeGreaterThan(6);
  // Every block of text belongs to the commands above it.
  expect(page.match(/^```text$/gm)).toHaveLength(steps.filter(({ shown }) => shown !== null).length);
});

test.each(steps)(
  '$commands',
  async ({ commands, shown }) => {
    const isEndless = commands.trim().endsWith('scheduler-watchdog watch');
    const printed = isEndless ? await typeAndLeave(commands.trim()) : await type(commands);
    if (shown === null) return;
    const wrong = unlike(shown, printed);
    if (wrong !== null)
      throw new Error(`the page shows what was not printed: ${wrong}\n--- printed:\n${printed}`);
  },
  400_000,
);

onRig('the watch ends in order, and nothing but marked messages was sent', async () => {
  const child = watching?.child;
  if (child?.pid === undefined) throw new Error('nothing was left to watch');
  const ended = new Promise((done) => child.once('close', done));
  // As Ctrl-C does; the pipe closes when the watch itself is gone, and npx before it.
  process.kill(-child.pid, 'SIGINT');
  await ended;
  expect(watching?.said()).toContain('stopped; nothing is left undone');
  watching = null;
  const texts = slack.messages.map(({ body }) => JSON.stringify(body));
  expect(texts).toHaveLength(3);
  expect(texts.filter((text) => !/TEST|DRILL/.test(text))).toEqual([]);
});
