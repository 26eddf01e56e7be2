import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { CAUSES } from '../../functions/core/cause.ts';
import { CONDITIONS } from '../../functions/core/condition.ts';
import { ERROR_CODES } from '../../functions/core/errors.ts';
import { HOLD_CODES } from '../../functions/core/guards.ts';

const page = readFileSync('docs/runbook.md', 'utf8');
const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, text = '']) => text);

test('the runbook has exactly one section for every cause, condition, hold and error', () => {
  const wanted = [
    ...new Set([...Object.keys(CAUSES), ...Object.keys(CONDITIONS)]),
    ...HOLD_CODES.map((code) => `hold-${code}`),
    ...Object.keys(ERROR_CODES),
  ];
  expect(headings.toSorted()).toEqual(wanted.toSorted());
});

test('no section is empty', () => {
  const bodies = page.split(/^#{2,3} .+$/m).slice(1);
  const sections = [...page.matchAll(/^(#{2,3}) (.+)$/gm)].map(([, mark, name], at) => ({
    mark,
    name,
    body: bodies[at]?.trim() ?? '',
  }));
  expect(sections.filter(({ mark, body }) => mark === '###' && body.length < 20)).toEqual([]);
});
