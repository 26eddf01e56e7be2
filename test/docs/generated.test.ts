import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { DIAGNOSIS } from '../../functions/core/diagnosis.ts';
import { POLICY_DOCS } from '../../functions/core/policy-docs.ts';
import { pages } from './pages.ts';

test.each(Object.entries(pages()))(
  '%s is what the code says; `npm run docs` prints it anew',
  (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text);
  },
);

test('every row of the decision table has an id of its own', () => {
  const ids = DIAGNOSIS.map((row) => row.id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the configuration page has every key of the published schemas', () => {
  const page = readFileSync('docs/configuration.md', 'utf8');
  const missing: string[] = [];
  const walk = (file: string, inner: unknown): void => {
    if (Array.isArray(inner)) for (const one of inner) walk(file, one);
    if (typeof inner !== 'object' || inner === null) return;
    const { properties = {} } = inner as { readonly properties?: Readonly<Record<string, unknown>> };
    for (const key of Object.keys(properties))
      if (!new RegExp(`\\| \`([\\w.-]+\\.)?${key.replace('$', '\\$')}\` \\|`).test(page))
        missing.push(`${file}: ${key}`);
    for (const one of Object.values(inner)) walk(file, one);
  };
  for (const file of ['docs/target.schema.json', 'docs/examples/channels.schema.json'])
    walk(file, JSON.parse(readFileSync(file, 'utf8')));
  expect([...new Set(missing)]).toEqual([]);
});

test('the policy keys in the documentation are the keys of the published schema', () => {
  const schema = JSON.parse(readFileSync('docs/target.schema.json', 'utf8'));
  const known = Object.keys(schema.properties.policy.properties);
  expect(POLICY_DOCS.map(({ key }) => key).sort()).toEqual(known.sort());
});
