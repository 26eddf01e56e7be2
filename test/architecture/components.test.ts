import { expect, test } from '@jest/globals';
import { COMPONENTS } from '../../functions/core/target.ts';
import { sources, textOf } from './tree.ts';

/** A comparison with one component's name, whichever way around. */
const ASKED = new RegExp(
  `[!=]==?\\s*'(${COMPONENTS.join('|')})'|'(${COMPONENTS.join('|')})'\\s*[!=]==?|case '(${COMPONENTS.join('|')})'`,
);

test('core and flow ask no component for its name: what differs stands in the table of core/component.ts', () => {
  const found = sources
    .filter((file) => /^functions\/(core|flow)\//.test(file))
    .flatMap((file) =>
      textOf(file)
        .split('\n')
        .filter((line) => ASKED.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
  expect(found).toEqual([]);
});

test.each([
  "if (pod.component !== 'scheduler') return null;",
  "'triggerer' === name",
  "case 'dag-processor':",
])('it is noticed in `%s`', (line) => {
  expect(ASKED.test(line)).toBe(true);
});
