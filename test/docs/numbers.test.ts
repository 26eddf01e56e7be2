import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { DEFAULT_POLICY, LIMITS } from '../../functions/core/policy.ts';
import { POLICY_DOCS } from '../../functions/core/policy-docs.ts';
import { formatDuration, HOUR_MS, MINUTE_MS } from '../../functions/core/time.ts';

/** `stallLimitMs: 300000` is `stallLimit: 5m` to whoever writes a document. */
const keyOf = (name: string) => name.replace(/Ms$/, '');

function writtenAs(name: string, value: unknown): string {
  if (value === null) return 'none';
  if (typeof value === 'object' && value !== null) {
    const inner = Object.entries(value).map(([key, one]) => `${keyOf(key)}: ${writtenAs(key, one)}`);
    return `{ ${inner.join(', ')} }`;
  }
  return name.endsWith('Ms') && typeof value === 'number' ? formatDuration(value) : String(value);
}

const written = new Map(POLICY_DOCS.map((row) => [row.key, row]));

test.each(Object.entries(DEFAULT_POLICY))('the default of %s is documented as it is', (name, value) => {
  expect(written.get(keyOf(name))?.byDefault).toBe(writtenAs(name, value));
});

test('the documentation has a row for each key of the policy and for nothing else', () => {
  expect([...written.keys()]).toEqual(Object.keys(DEFAULT_POLICY).map(keyOf));
});

const { relookEveryMs, tickBudgetMs, togetherMs } = LIMITS;
const seconds = (ms: number) => `${ms / 1000} s`;
const textOf = (key: string) => `${written.get(key)?.meaning}; ${written.get(key)?.source}`;
const page = (file: string) => readFileSync(file, 'utf8').replace(/\s+/g, ' ');

// Numbers that stand inside a sentence: a row fails when the number in policy.ts changes and the sentence does not.
test.each<[string, string, string]>([
  ['failures', textOf('failures'), `within one tick, ${seconds(relookEveryMs)} apart`],
  ['heartbeatLimit', textOf('heartbeatLimit'), `starts at ${LIMITS.autoHeartbeatStartMs / 1000}s`],
  [
    'heartbeatLimit',
    textOf('heartbeatLimit'),
    `learns ${LIMITS.autoHeartbeatFactor} × the worst healthy age`,
  ],
  [
    'heartbeatLimit',
    textOf('heartbeatLimit'),
    `within ${formatDuration(LIMITS.autoHeartbeatLeastMs)} and ${formatDuration(LIMITS.autoHeartbeatMostMs)}`,
  ],
  ['architecture', page('docs/architecture.md'), `the tick's ${seconds(tickBudgetMs)} allow it`],
  ['architecture', page('docs/architecture.md'), `look again every ${seconds(relookEveryMs)}`],
  ['architecture', page('docs/architecture.md'), `within ${seconds(togetherMs)} of each other`],
  [
    'guards',
    page('docs/guards.md'),
    `well or resumed, or after ${LIMITS.repairsRememberedMs / HOUR_MS} hours`,
  ],
])('a number inside a sentence of %s is the one of the policy (%#)', (_, text, sentence) => {
  expect(text).toContain(sentence);
});

test('what is said in words about the numbers is so', () => {
  // "three times the start-up grace"
  expect(DEFAULT_POLICY.cooldownMs).toBe(3 * DEFAULT_POLICY.startupGraceMs);
  // "one slot, and the 60 s by which EventBridge Scheduler may be late"
  expect(LIMITS.lateTickMs).toBe(2 * MINUTE_MS);
});
