import { expect, test } from '@jest/globals';
import { parseTarget } from '../../functions/config/parse-text.ts';
import { readText } from '../../functions/config/read-text.ts';

const YAML = `namespace: airflow
health:
  - podPort: 8974
  - { url: "https://a.example", path: /health }
policy: &p
  mode: watch
copy: *p
`;

test.each([
  ['a key', 'policy.mode', { line: 6, column: 3 }],
  ['an item of a list', 'health[0]', { line: 3, column: 5 }],
  ['a key of an item in one line', 'health[1].path', { line: 4, column: 33 }],
  ['of what is missing, the map that lacks it', 'policy.budget.per', { line: 5, column: 1 }],
  ['of what is behind an alias, the alias', 'copy.mode', { line: 7, column: 1 }],
  ['of what is missing on the highest level, nowhere', 'database', null],
  ['the document as a whole, nowhere', '', null],
])('%s', (_, path, place) => {
  const read = readText(YAML, 'yaml');
  expect(read.kind === 'read' && read.placeOf(path)).toEqual(place);
});

test('in JSON as in YAML', () => {
  const text = '{\n  "namespace": "airflow",\n  "health": { "podPort": 0 }\n}\n';
  const parsed = parseTarget(text, { format: 'json', source: 'a.json', defaultId: 'a' });
  expect(parsed).toMatchObject({ problems: [{ path: 'health.podPort', at: { line: 3, column: 15 } }] });
});
