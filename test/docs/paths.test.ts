import { expect, test } from '@jest/globals';
import { files, textOf } from '../architecture/tree.ts';
import { exists, linkedPaths, namedPaths, proseOf } from './named-paths.ts';

/** Looks like a path of ours and is none, or is not there for a reason. An entry that is not needed any more fails. */
const OTHERS: Readonly<Record<string, string>> = {
  'CHANGELOG.md: functions/check.handler': 'the name of the handler on Lambda',
};

test('every path that a page, a comment or a message names is there', () => {
  const missing = files
    .filter((file) =>
      /\.(md|ya?ml|ts|mjs|mts|js)$|^biome\.json$|^(\.ci|test\/(rig|e2e|aws))\/[\w-]+$/.test(file),
    )
    .filter((file) => !/^test\/(golden|fixtures)\//.test(file))
    .flatMap((file) =>
      namedPaths(proseOf(file, textOf(file)))
        .filter((path) => !exists(path, file))
        .map((path) => `${file}: ${path}`),
    );
  expect(missing.sort()).toEqual(Object.keys(OTHERS).sort());
});

test('every link of a page leads to a file', () => {
  const missing = files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) =>
      linkedPaths(textOf(file))
        .filter((path) => !exists(`./${path}`, file))
        .map((path) => `${file}: ${path}`),
    );
  expect(missing).toEqual([]);
});

test.each([
  ['in code marks', 'see `core/policy.ts`', 'core/policy.ts', true],
  ['in plain words', 'as infra/k8s/rbac.yml says', 'infra/k8s/rbac.yml', true],
  ['a folder', 'all of `adapters/` know it', 'adapters/', true],
  ['several at once', '`adapters/{k8s,http}`', 'adapters/{k8s,http}', true],
  ['a pattern', '`functions/core/**`', 'functions/core/**', true],
  ['only its name', 'policy.ts has it', 'policy.ts', true],
  ['a file that is not there', 'see `core/nowhere.ts`', 'core/nowhere.ts', false],
  ['a folder that is not there', 'see docs/nowhere/', 'docs/nowhere/', false],
  ['one of several that is not there', '`adapters/{k8s,nowhere}`', 'adapters/{k8s,nowhere}', false],
  ['a name that is not there', 'nowhere.ts has it', 'nowhere.ts', false],
])('a path is found: %s', (_, text, path, there) => {
  expect(namedPaths(text)).toEqual([path]);
  expect(exists(path, 'README.md')).toBe(there);
});

test('what is no path of ours is left alone', () => {
  expect(namedPaths('`/health`, and/or, https://example.com/docs/x.md, text/html, v1.2/3, 0.5 s')).toEqual(
    [],
  );
});
