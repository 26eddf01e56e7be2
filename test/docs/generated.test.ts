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

test('the policy keys in the documentation are the keys of the published schema', () => {
  const schema = JSON.parse(readFileSync('docs/target.schema.json', 'utf8'));
  const known = Object.keys(schema.properties.policy.properties);
  expect(POLICY_DOCS.map(({ key }) => key).sort()).toEqual(known.sort());
});
