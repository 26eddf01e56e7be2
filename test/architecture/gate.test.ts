import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BREACHES, ENTRY_BREACHES, FORMS } from './breaches.ts';
import { root, sources, textOf } from './tree.ts';

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

interface Plant {
  readonly path: string;
  readonly text: string;
}

/** `path rule` for each file that is refused. */
function refused(plants: readonly Plant[]): string[] {
  return [...new Set(refusedLines(plants).map((line) => line.replace(/:\d+/, '')))];
}

/** Lints the copy with these files in it: `path:line rule` for each complaint. */
function refusedLines(plants: readonly Plant[]): string[] {
  const { status, stdout } = planted(plants, () =>
    spawnSync(bin('biome'), ['lint', '--reporter=github', '--max-diagnostics=1000', 'functions'], {
      cwd: copy,
      encoding: 'utf8',
    }),
  );
  const found = [...stdout.matchAll(/::error title=([^,]+),file=([^,]+),line=(\d+)/g)].map(
    ([, rule = '', file = '', line]) =>
      `${file.slice(file.indexOf('functions/'))}:${line} ${rule.split('/').at(-1)}`,
  );
  expect(status).toBe(found.length === 0 ? 0 : 1);
  return found.sort();
}

function planted<T>(plants: readonly Plant[], run: () => T): T {
  const made = plants.map(({ path, text }) => {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), `${text}\n`);
    return path;
  });
  try {
    return run();
  } finally {
    for (const path of made) {
      if (existsSync(join(root, path))) cpSync(join(root, path), join(copy, path));
      else rmSync(join(copy, path));
    }
  }
}

const expected = (plants: readonly Plant[], rule: string) =>
  plants.map(({ path }) => `${path} ${rule}`).sort();

test('the tree as it is passes the gate', () => {
  expect(refused([])).toEqual([]);
});

test('every folder of functions/ has its breaches', () => {
  const folders = new Set(sources.map(dirname));
  expect([...folders].filter((folder) => !(folder in BREACHES))).toEqual([]);
});

test('no ring and no adapter imports what its row does not allow, and a new folder imports nothing', () => {
  const plants = Object.entries(BREACHES).flatMap(([folder, froms]) =>
    froms.map((from, at) => ({ path: `${folder}/planted-${at}.ts`, text: `import '${from}';` })),
  );
  expect(refused(plants)).toEqual(expected(plants, 'noRestrictedImports'));
});

test('no entry file imports what its own row does not allow', () => {
  const entries = Object.entries(ENTRY_BREACHES).map(([path, froms]) => ({ path, froms, own: textOf(path) }));
  const plants = entries.map(({ path, froms, own }) => ({
    path,
    text: own + froms.map((from) => `import '${from}';`).join('\n'),
  }));
  const lines = entries.flatMap(({ path, froms, own }) =>
    froms.map((_, at) => `${path}:${own.split('\n').length + at} noRestrictedImports`),
  );
  expect(refusedLines(plants)).toEqual(lines.sort());
});

test('an import is refused however it is written', () => {
  const plants = ['functions/core', 'functions/flow', 'functions/adapters/http', 'functions/planted'].flatMap(
    (folder) =>
      Object.values(FORMS).map((write, at) => ({
        path: `${folder}/planted-${at}.ts`,
        text: write('../commands/x.ts'),
      })),
  );
  expect(refused(plants)).toEqual(expected(plants, 'noRestrictedImports'));
});

test('no import hides its file from the gate: none is computed, none stands inside a type', () => {
  const hidden = /\bimport\((?!'[^']+'\))|(?<!await )\bimport\('[^']+'\)\.(?!then\b)/;
  expect(hidden.test('import(name)')).toBe(true);
  expect(hidden.test("type X = import('../flow/x.ts').X")).toBe(true);
  expect(sources.filter((file) => hidden.test(textOf(file)))).toEqual([]);
});

test('two files that import each other are refused in every ring, also when a third stands between them', () => {
  const plants = Object.keys(BREACHES)
    .filter((folder) => !folder.endsWith('planted') && folder !== 'functions')
    .flatMap((folder) => [
      circle(`${folder}/planted-a.ts`, 'b'),
      circle(`${folder}/planted-b.ts`, 'c'),
      circle(`${folder}/planted-c.ts`, 'a'),
    ]);
  expect(refused(plants)).toEqual(expected(plants, 'noImportCycles'));
});

function circle(path: string, next: string): Plant {
  return { path, text: `import { x as next } from './planted-${next}.ts';\nexport const x = () => next;` };
}

test('types that need each other are refused outside of core', () => {
  const type = (path: string, next: string) => ({
    path,
    text: `import type { X as Next } from './planted-${next}.ts';\nexport type X = Next[];`,
  });
  const plants = [type('functions/flow/planted-a.ts', 'b'), type('functions/flow/planted-b.ts', 'a')];
  expect(refused(plants)).toEqual(expected(plants, 'noImportCycles'));
});

test('core and flow reach neither the clock nor the environment nor the network by a global', () => {
  const plants = Object.entries({
    'functions/core': [
      'Date.now()',
      'globalThis.Date.now()',
      'process.env.HOME',
      "fetch('')",
      'console',
      'setTimeout',
    ],
    'functions/flow': ['Date.now()', 'globalThis.Date.now()', 'process.env.HOME', "fetch('')"],
  }).flatMap(([folder, texts]) =>
    texts.map((text, at) => ({ path: `${folder}/planted-${at}.ts`, text: `export const x = ${text};` })),
  );
  expect(refused(plants)).toEqual(expected(plants, 'noRestrictedGlobals'));
});

test('core does not compile with what only Node knows', () => {
  const run = () => spawnSync(bin('tsc'), ['-p', 'tsconfig.core.json'], { cwd: copy, encoding: 'utf8' });
  expect(run().status).toBe(0);
  const plant = { path: 'functions/core/planted.ts', text: 'export const x = setTimeout;' };
  expect(planted([plant], run).stdout).toMatch(/planted\.ts.*setTimeout/);
});
