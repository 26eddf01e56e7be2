import { expect, test } from '@jest/globals';
import { closureOf, type Import, importsOf } from './imports.ts';
import { files, sources, textOf } from './tree.ts';

// The rule: what is exported is imported by name somewhere else in functions/, in infra/ or in test/docs, which prints pages
// from the code. A test counts only for core/, whose parts are pure so that each can be tested alone. Entry files are there
// for whoever starts them. A type may be exported for the sake of the signature that names it in its own file.

/** Exported all the same, each for its reason. An entry that is not needed any more fails. */
const MEANT: Readonly<Record<string, string>> = {
  'adapters/alerts/pagerduty/events.ts dedupKeyOf':
    'its laws (length, no two alike) are tested by themselves',
  'adapters/aws/ssm-targets.ts LAST_GOOD_KEY': 'the test looks at what is kept under it',
  'adapters/http/forbidden-addresses.ts forbiddenAddress':
    'each way to write an address is tried by itself, which no name leads to',
  'config/json-schema.ts outputJsonSchema': 'a test keeps docs/output.schema.json equal to it',
  'demo/airflow-like-schema.ts ALEMBIC_HEADS': 'the test databases have the same tables',
  'demo/airflow-like-schema.ts createTables': 'the test databases have the same tables',
  'demo/postgres-binaries.ts POSTGRES_VERSION': 'a test keeps it equal to package.json',
};

interface Exported {
  readonly file: string;
  readonly name: string;
}

function exportsOf(file: string): Exported[] {
  const text = textOf(file);
  const declared = /^export\s+(?:async\s+)?(function\*?|const|let|class|interface|type)\s+(\w+)/gm;
  return [...text.matchAll(declared)].flatMap(([, kind = '', name = '']) => {
    const isType = kind === 'interface' || kind === 'type';
    const isNamedHere = [...text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length > 1;
    return isType && isNamedHere ? [] : [{ file, name }];
  });
}

const importers = files
  .filter((file) => /^(functions|infra|test)\/.*\.(ts|mts|mjs)$/.test(file))
  .map((file) => ({ file, imports: importsOf(file) }));

function isUsed({ file, name }: Exported): boolean {
  const counts = (by: string) =>
    /^(functions|infra|test\/docs)\//.test(by) ||
    (file.startsWith('functions/core/') && by.startsWith('test/'));
  const takes = (one: Import) => one.file === file && (one.names === null || one.names.includes(name));
  return importers.some((by) => counts(by.file) && by.imports.some(takes));
}

test('what is exported is used, or says what it is meant for', () => {
  const dead = sources
    .filter((file) => !/^functions\/[^/]+$/.test(file))
    .flatMap(exportsOf)
    .filter((one) => !isUsed(one))
    .map(({ file, name }) => `${file.replace('functions/', '')} ${name}`);
  expect(dead.sort()).toEqual(Object.keys(MEANT).sort());
});

test('what the function and the command line load to check knows nothing of the demo', () => {
  const demo = (loaded: ReadonlySet<string>) => [...loaded].filter((file) => file.includes('/demo/'));
  expect(demo(closureOf('functions/check.ts', ['load', 'run']))).toEqual([]);
  expect(demo(closureOf('functions/wiring/wire.ts', ['load', 'run']))).toEqual([]);
  // `demo` itself is one verb of the command line, loaded when it runs.
  expect(demo(closureOf('functions/cli.ts', ['load']))).toEqual([]);
  expect(demo(closureOf('functions/cli.ts', ['load', 'run']))).toContain(
    'functions/demo/embedded-postgres.ts',
  );
});
