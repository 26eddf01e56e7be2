import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { VERSION } from '../../functions/wiring/version.ts';

const root = resolve(import.meta.dirname, '../..');
let folder: string;
/** The project without node_modules/.bin, as npm 10 leaves it. */
let withoutLinks: string;
/** The project before `npm ci`. */
let bare: string;
/** This very Node by another path: a launcher that finds its own path starts nothing. */
let otherNode: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-launch-'));
  [withoutLinks, bare] = ['without-links', 'bare'].map((name) => join(folder, name)) as [string, string];
  for (const copy of [withoutLinks, bare]) {
    cpSync(join(root, 'functions'), join(copy, 'functions'), { recursive: true });
    cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  }
  otherNode = join(folder, 'node');
  try {
    linkSync(process.execPath, otherNode);
  } catch {
    cpSync(process.execPath, otherNode);
  }
  mkdirSync(join(withoutLinks, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.'))
      symlinkSync(join(root, 'node_modules', name), join(withoutLinks, 'node_modules', name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Makes this Node call itself an older one, on whichever machine. */
function pretending(version: string, platform: string = process.platform): readonly string[] {
  const versions = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
  const machine = `Object.defineProperty(process, 'platform', { value: '${platform}' });`;
  return ['--import', `data:text/javascript,${encodeURIComponent(versions + machine)}`];
}

const start = (options: readonly string[], args: readonly string[], cwd = folder) =>
  spawnSync(otherNode, [...options, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });

const brought = process.platform === 'linux' ? test : test.skip;

brought.each(['20.0.0', '22.17.1', '23.11.0'])(
  'on Node %s the command line runs by the Node that npm ci brought, with or without a link to it',
  (version) => {
    const said = start(pretending(version), [join(withoutLinks, 'functions/bin.mjs'), '--version']);
    expect(said).toMatchObject({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
  },
);

brought('a command of package.json gets that Node as well, and its exit code is passed on', () => {
  const script = 'process.stdout.write(process.versions.node); process.exit(3)';
  const args = [join(withoutLinks, 'functions/with-node.mjs'), 'node', '-e', script];
  const said = start(pretending('20.0.0'), args);
  expect(said).toMatchObject({ status: 3, stdout: expect.stringMatching(/^24\./), stderr: '' });
});

test.each([
  { name: 'before npm ci', platform: 'linux', cure: /Run `npm ci` in the project .*, or install Node 24\./ },
  {
    name: 'on macOS',
    platform: 'darwin',
    cure: /Install Node 24 here; the project brings its own only for Linux/,
  },
  {
    name: 'on Windows',
    platform: 'win32',
    cure: /Install Node 24 here; the project brings its own only for Linux/,
  },
])('$name an older Node says what it needs, and what to run', ({ platform, cure }) => {
  for (const entry of ['bin.mjs', 'with-node.mjs']) {
    const said = start(pretending('20.0.0', platform), [join(bare, 'functions', entry), 'check', '--json']);
    expect(said.status).toBe(2);
    expect(said.stderr).toMatch(
      /^WD_USAGE: this is Node 20\.0\.0, but Node 24 or newer is needed; nothing was done\./,
    );
    expect(JSON.parse(said.stdout)).toMatchObject({
      error: { code: 'WD_USAGE', run: expect.stringMatching(cure) },
    });
  }
});

test('a command that cannot be started is said in words', () => {
  const said = start([], [join(root, 'functions/with-node.mjs'), join(folder, 'absent')]);
  expect(said).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/absent does not start .* \(ENOENT\)/),
  });
});

test('cli.ts runs without import.meta.main, by its name or by a link to it', () => {
  const link = join(folder, 'link.ts');
  symlinkSync(join(root, 'functions/cli.ts'), link);
  for (const entry of [join(root, 'functions/cli.ts'), link])
    expect(start([], [entry, '--version'])).toMatchObject({ status: 0, stdout: `${VERSION}\n` });
  expect(readFileSync(join(root, 'functions/cli.ts'), 'utf8')).not.toMatch(/if \(import\.meta\.main/);
});

test('every script of package.json that needs Node gets it by with-node.mjs', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const own = Object.entries(scripts).filter(([, script]) => /\bnode\b|^bash /.test(script));
  const unled = own.filter(
    ([, script]) => !/^node functions\/(with-node\.mjs (node|bash) |bin\.mjs )/.test(script),
  );
  expect(unled).toEqual([]);
});

test.each([
  { name: 'help', args: ['--help'], most: /zod|yaml/ },
  { name: 'help of a verb', args: ['check', '--help'], most: /zod|yaml/ },
  { name: 'targets validate', args: ['targets', 'validate'], most: /node:sqlite/ },
])('$name loads neither AWS nor Kubernetes nor a driver', ({ args, most }) => {
  mkdirSync(join(folder, 'targets'), { recursive: true });
  writeFileSync(
    join(folder, 'targets/a.json'),
    JSON.stringify({ namespace: 'a', health: { podPort: 8974 } }),
  );
  const list = join(folder, `${args.length}${args[0]}.txt`);
  const hook = `import { registerHooks } from 'node:module'; import { appendFileSync } from 'node:fs';
    registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(list)}, url + '\\n'); return next(url, context); } });`;
  const options = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
  expect(start(options, [join(root, 'functions/bin.mjs'), ...args]).status).toBe(0);
  const loaded = readFileSync(list, 'utf8').split('\n');
  expect(loaded.filter((url) => url.endsWith('functions/cli.ts'))).toHaveLength(1);
  const heavy =
    /node_modules\/(@aws|@smithy|@kubernetes|undici|pg|mysql2|table|diff)\/|wiring\/(wire|aws)\.ts/;
  expect(loaded.filter((url) => heavy.test(url) || most.test(url))).toEqual([]);
});

brought(
  'a signal to the launcher reaches the command line once, and a second one ends it at once',
  async () => {
    writeFileSync(
      join(folder, 'targets/a.json'),
      JSON.stringify({ namespace: 'a', health: { podPort: 8974 } }),
    );
    const args = [
      ...pretending('20.0.0'),
      join(withoutLinks, 'functions/bin.mjs'),
      'watch',
      '--every',
      '1h',
      '--state',
      'memory:',
      '--json',
    ];
    const child = spawn(otherNode, args, {
      cwd: folder,
      env: { ...process.env, KUBECONFIG: join(folder, 'absent') },
    });
    const closed = new Promise<number | null>((done) => child.once('close', done));
    child.stdout.once('data', () => child.kill('SIGTERM'));
    const said = await text(child.stderr);
    expect([await closed, said]).toEqual([
      0,
      expect.stringMatching(/stopping after what is under way[\s\S]*nothing is left undone/),
    ]);
    expect(said).not.toContain('ended at once');
  },
);

brought.each(['SIGKILL', 'SIGQUIT'] as const)(
  'a watch ends with its launcher, also where %s ends that',
  async (signal) => {
    const bin = join(withoutLinks, 'functions/bin.mjs');
    const args = [...pretending('20.0.0'), bin, 'watch', '--every', '1h', '--state', 'memory:', '--json'];
    const child = spawn(otherNode, args, {
      cwd: folder,
      env: { ...process.env, KUBECONFIG: join(folder, 'absent') },
    });
    // Both hold the same standard error: it ends when the last of them has ended.
    child.stdout.once('data', () => child.kill(signal));
    expect(await text(child.stderr)).toMatch(/stopping after what is under way[\s\S]*nothing is left undone/);
  },
);

brought('a second signal ends what does not come to its end', async () => {
  const args = [join(root, 'functions/bin.mjs'), 'check', '--targets', join(folder, 'hanging')];
  const asked = Promise.withResolvers<void>();
  const server = createServer(() => asked.resolve()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
  const origin = url.replace('/health', '');
  mkdirSync(join(folder, 'hanging'));
  writeFileSync(
    join(folder, 'kubeconfig'),
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'a',
      clusters: [{ name: 'a', cluster: { server: origin } }],
      users: [{ name: 'a', user: { token: 'x' } }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    }),
  );
  writeFileSync(
    join(folder, 'hanging/a.json'),
    JSON.stringify({ namespace: 'a', cluster: { kubeconfig: '../kubeconfig' }, health: { url } }),
  );
  const child = spawn(otherNode, [...pretending('20.0.0'), ...args], { cwd: folder });
  const closed = new Promise<number | null>((done) => child.once('close', done));
  void asked.promise.then(() => child.kill('SIGTERM'));
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
    if (said.includes('stopping after')) child.kill('SIGTERM');
  });
  expect([await closed, said]).toEqual([130, expect.stringContaining('ended at once')]);
  server.closeAllConnections();
  server.close();
});
