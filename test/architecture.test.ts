import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CAUSES } from '../functions/core/cause.ts';
import { VERSION } from '../functions/wiring/version.ts';

const root = resolve(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
let copy: string;

beforeAll(() => {
  // A copy with the project's own configuration: the gate is tried on it, the tree stays as it is.
  copy = mkdtempSync(join(tmpdir(), 'watchdog-architecture-'));
  cpSync(join(root, 'functions'), join(copy, 'functions'), { recursive: true });
  for (const file of ['biome.json', 'tsconfig.json', 'tsconfig.core.json', 'package.json'])
    cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  mkdirSync(join(copy, 'test'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function lint(): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(bin('biome'), ['lint', '--max-diagnostics=50', 'functions'], {
    cwd: copy,
    encoding: 'utf8',
  });
  return { code: status, said: `${stdout}${stderr}` };
}

/** Adds a file to the copy for as long as the check runs. */
function planted<T>(path: string, text: string, run: () => T): T {
  const file = join(copy, path);
  writeFileSync(file, text);
  try {
    return run();
  } finally {
    rmSync(file);
  }
}

test('the tree as it is passes the gate', () => {
  expect(lint()).toMatchObject({ code: 0 });
});

test.each([
  [
    'core imports a package',
    'functions/core/planted.ts',
    "import { request } from 'undici';\nexport const x = request;\n",
  ],
  [
    'core imports a Node builtin',
    'functions/core/planted.ts',
    "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n",
  ],
  [
    'core imports the flow',
    'functions/core/planted.ts',
    "import { minuteOf } from '../flow/run-check.ts';\nexport const x = minuteOf;\n",
  ],
  [
    'core imports a type of the ports',
    'functions/core/planted.ts',
    "import type { Clock } from '../ports.ts';\nexport type X = Clock;\n",
  ],
  [
    'the flow imports an adapter',
    'functions/flow/planted.ts',
    "import { createClock } from '../adapters/local/clock.ts';\nexport const x = createClock;\n",
  ],
  [
    'the flow imports a package',
    'functions/flow/planted.ts',
    "import { request } from 'undici';\nexport const x = request;\n",
  ],
  [
    'a command imports the wiring',
    'functions/commands/planted.ts',
    "import { wire } from '../wiring/wire.ts';\nexport const x = wire;\n",
  ],
  [
    'an adapter imports another party',
    'functions/adapters/alerts/planted.ts',
    "import { createSessions } from '../k8s/sessions.ts';\nexport const x = createSessions;\n",
  ],
  [
    'the configuration reads a file',
    'functions/config/planted.ts',
    "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n",
  ],
])('%s: the gate refuses it', (_, path, text) => {
  const { code, said } = planted(path, text, lint);
  expect(code).toBe(1);
  expect(said).toMatch(/planted\.ts.*noRestrictedImports/);
});

test.each([
  ['core reads the clock', 'functions/core/planted.ts', 'export const x = Date.now();\n'],
  [
    'core reads the clock by another door',
    'functions/core/planted.ts',
    'export const x = globalThis.Date.now();\n',
  ],
  ['core reads the environment', 'functions/core/planted.ts', 'export const x = process.env.HOME;\n'],
  ['the flow reads the clock', 'functions/flow/planted.ts', 'export const x = Date.now();\n'],
])('%s: the gate refuses it', (_, path, text) => {
  const { code, said } = planted(path, text, lint);
  expect(code).toBe(1);
  expect(said).toMatch(/planted\.ts.*noRestrictedGlobals/);
});

test('core does not compile with what only Node knows', () => {
  const run = () => spawnSync(bin('tsc'), ['-p', 'tsconfig.core.json'], { cwd: copy, encoding: 'utf8' });
  expect(run().status).toBe(0);
  expect(planted('functions/core/planted.ts', 'export const x = setTimeout;\n', run).stdout).toMatch(
    /planted\.ts.*setTimeout/,
  );
});

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && !/package-lock\.json$|\.png$|go\.sum$/.test(file));
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const existing = files.filter((file) => existsSync(join(root, file)));

test('no source file is longer than its room', () => {
  const long = existing
    .filter((file) => file.startsWith('functions/') && file.endsWith('.ts'))
    .map((file) => ({ file, lines: textOf(file).split('\n').length }))
    .filter(({ lines }) => lines > 360);
  expect(long).toEqual([]);
});

test('no file names a path of one machine or the host of a package registry', () => {
  const hosts = ['registry.npmjs', 'pypi.org', 'proxy.golang'].map((host) => host.replace('.', '\\.'));
  // `/proc/1/root/…` is a container's own root.
  const pattern = new RegExp(`(?<![\\w}$])/(work|root)/(?!/)|${hosts.join('|')}`);
  const found = existing
    .filter((file) => file !== 'test/architecture.test.ts')
    .flatMap((file) => {
      const match = pattern.exec(textOf(file));
      return match === null ? [] : [`${file}: ${match[0]}`];
    });
  expect(found).toEqual([]);
});

test('the version is the same wherever it stands', () => {
  expect(JSON.parse(textOf('package.json')).version).toBe(VERSION);
  expect(textOf('CHANGELOG.md')).toContain(`## ${VERSION} `);
});

test('the documentation knows every cause', () => {
  const text = textOf('docs/diagnosis.md');
  expect(Object.keys(CAUSES).filter((cause) => !text.includes(`\`${cause}\``))).toEqual([]);
});
