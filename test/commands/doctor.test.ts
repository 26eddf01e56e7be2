import { expect, test } from '@jest/globals';
import { printLines, summarize } from '../../functions/commands/doctor.ts';
import { printAnswer } from '../../functions/commands/doctor-answer.ts';
import type { Line } from '../../functions/core/check-up.ts';
import { recordedOutput } from '../fakes/output.ts';
import { expectGolden } from './golden.ts';

const line = (prerequisite: string, change: Partial<Line> = {}): Line => ({
  target: 'prod',
  prerequisite,
  about: null,
  level: 'ok',
  says: 'as it should be',
  costs: null,
  cure: null,
  ...change,
});

const LINES: readonly Line[] = [
  line('cluster-login'),
  line('right', {
    about: 'delete pods',
    level: 'fail',
    says: 'forbidden',
    costs: 'no wedged scheduler can be removed',
    cure: 'kubectl apply -f infra/k8s/rbac.yml',
  }),
  line('right', {
    about: 'list events',
    level: 'warn',
    says: 'forbidden',
    costs: '`starving` is never found',
    cure: 'kubectl apply -f infra/k8s/rbac.yml',
  }),
  line('dry-run', { level: 'skipped', says: 'not asked, because of pods' }),
];

test('for people: a heading, a mark each, what it costs and what mends it, the same cure only once', () => {
  const { output, text } = recordedOutput();
  printLines(LINES, output);
  expect(summarize(LINES, output)).toBe(1);
  expectGolden('doctor.txt', text());
});

test('for machines: a line for each, and the counts', () => {
  const { output, lines } = recordedOutput('doctor');
  printLines(LINES, output);
  summarize(LINES, output);
  expect(lines()).toEqual([...LINES, { doctor: { ok: 1, warn: 1, fail: 1, skipped: 1 } }]);
});

test.each<[string, number, readonly Line[]]>([
  ['nothing is red', 0, [line('a'), line('b', { level: 'warn' }), line('c', { level: 'skipped' })]],
  ['something is red', 1, [line('a'), line('b', { level: 'fail' })]],
  ['no target could be examined', 2, [line('documents', { target: null, level: 'fail' })]],
  [
    'one document is wrong and a target is well',
    1,
    [line('documents', { target: null, level: 'fail' }), line('a')],
  ],
])('when %s the exit code is %i', (_, code, lines) => {
  expect(summarize(lines, recordedOutput().output)).toBe(code);
});

test("a function's answer is printed as if it had been found here", () => {
  const here = recordedOutput();
  printLines(LINES, here.output);
  summarize(LINES, here.output);
  const there = recordedOutput();
  expect(printAnswer({ doctor: LINES }, there.output)).toBe(1);
  expect(there.text()).toBe(here.text());
});

test.each([[null], [{ tick: '2026-11-23T03:13:00.000Z' }], ['text']])('%j is no such answer', (answer) => {
  expect(() => printAnswer(answer, recordedOutput().output)).toThrow(/WD_FUNCTION/);
});
