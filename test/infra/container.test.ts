import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../functions/demo/free-port.ts';
import { VERSION } from '../../functions/wiring/version.ts';

// The image without an engine that could build it: what the Dockerfile says is done step by step in a folder, and that is run as the
// Dockerfile says, with the folder in front of each of the image's own paths.

const root = resolve(import.meta.dirname, '../..');
const dockerfile = readFileSync(join(root, 'infra/container/Dockerfile'), 'utf8');
const steps = dockerfile
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ word: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }));
const argumentsOf = (word: string) => steps.filter((step) => step.word === word).map(({ rest }) => rest);
const listOf = (word: string) => JSON.parse(argumentsOf(word)[0] ?? '[]') as string[];
const env = Object.fromEntries(
  argumentsOf('ENV').map((rest) => [rest.slice(0, rest.indexOf('=')), rest.slice(rest.indexOf('=') + 1)]),
);
const [uid = 0, gid = 0] = (argumentsOf('USER')[0] ?? '').split(':').map(Number);
const STATE = '/var/lib/scheduler-watchdog';

let image: string;
beforeAll(() => {
  // Others must be able to look into it: it is run by nobody in particular.
  image = mkdtempSync(join(tmpdir(), 'watchdog-image-'));
  chmodSync(image, 0o755);
  const pack = join(image, 'pack');
  execFileSync(process.execPath, [join(root, 'infra/pack.mjs'), '--out', pack], { stdio: 'pipe' });
  for (const copy of argumentsOf('COPY')) {
    const [from = '', to = ''] = copy.split(' ');
    cpSync(from.replace(/^\.pack\/cli/, pack), join(image, to), { recursive: true });
  }
  rmSync(pack, { recursive: true });
  const node = join(image, listOf('ENTRYPOINT')[0] ?? '');
  mkdirSync(dirname(node), { recursive: true });
  try {
    linkSync(process.execPath, node);
  } catch {
    cpSync(process.execPath, node);
  }
  const targets = join(image, env.WATCHDOG_TARGETS ?? '');
  mkdirSync(targets, { recursive: true });
  writeFileSync(
    join(targets, 'prod.yaml'),
    'namespace: airflow\ncluster: { kubeconfig: ./absent }\nhealth: { podPort: 8974 }\n',
  );
  mkdirSync(join(image, STATE), { recursive: true });
  execFileSync('chmod', ['-R', 'a-w', join(image, 'app'), join(image, 'etc')]);
  if (process.getuid?.() === 0) chownSync(join(image, STATE), uid, gid);
}, 60_000);
afterAll(() => {
  execFileSync('chmod', ['-R', 'u+w', join(image, 'app'), join(image, 'etc')]);
  rmSync(image, { recursive: true, force: true });
});

/** The image's command with other arguments after its entry point. */
function start(args: readonly string[]) {
  const [node = '', ...entry] = listOf('ENTRYPOINT').map((path) => join(image, path));
  const inImage = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replace(/(^|:)\//, `$1${image}/`)]),
  );
  const as = process.getuid?.() === 0 ? { uid, gid } : {};
  return spawn(node, [...entry, ...args], {
    env: { ...inImage, PATH: '/nowhere', HOME: '/nowhere' },
    cwd: image,
    ...as,
  });
}

test('nobody is root in it, it writes into its state alone, and it is built for every architecture of its base', () => {
  expect([uid, gid]).toEqual([65_532, 65_532]);
  expect(argumentsOf('RUN')).toEqual([]);
  expect(dockerfile).toMatch(/^ARG BASE=\S+:nonroot\nFROM \$\{BASE\}$/m);
  expect(dockerfile).toContain('--platform linux/amd64,linux/arm64');
  expect(dockerfile).toContain(`scheduler-watchdog:${VERSION}`);
});

test('it runs as it is: a tick, its health, its metrics, its state where that belongs, and an end in order', async () => {
  const port = await freePort();
  const [verb = '', option = ''] = listOf('CMD');
  expect([verb, option]).toEqual(['watch', '--listen']);
  const child = start([verb, option, `127.0.0.1:${port}`, '--json']);
  const closed = new Promise<number | null>((done) => child.once('close', done));
  const said: string[] = [];
  createInterface(child.stderr).on('line', (line) => said.push(line));
  await new Promise((done) => createInterface(child.stdout).once('line', done));
  const health = await fetch(`http://127.0.0.1:${port}/healthz`);
  expect(health.status).toBe(200);
  // Once the tick is done.
  let metrics = '';
  while (!metrics.includes('end="complete"} 1'))
    metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toContain('scheduler_watchdog_targets_blind 1');
  const check = listOf0(argumentsOf('HEALTHCHECK')[0] ?? '').slice(1);
  const probe = spawn(
    process.execPath,
    check.map((arg) => arg.replaceAll('9469', String(port))),
  );
  expect(await new Promise((done) => probe.once('close', done))).toBe(0);
  child.kill('SIGTERM');
  expect(await closed).toBe(0);
  expect(said.join('\n')).toContain(`state     sqlite:${image}${STATE}/state.db`);
  expect(said.join('\n')).not.toMatch(/WD_INTERNAL|EACCES|EROFS/);
  expect(readdirSync(join(image, STATE)).filter((name) => !name.startsWith('state.db'))).toEqual([]);
  expect(readdirSync(image).sort()).toEqual(['app', 'etc', 'nodejs', 'var']);
}, 60_000);

/** The list at the end of a HEALTHCHECK. */
const listOf0 = (rest: string) => JSON.parse(rest.slice(rest.indexOf('['))) as string[];
