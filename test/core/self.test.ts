import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LIMITS } from '../../functions/core/policy.ts';
import { doubtsOf, SELF_AT_START, type SelfFacts } from '../../functions/core/self.ts';
import { isComplete, isCompleteInDoubt } from '../../functions/core/streak.ts';
import { MINUTE, NOW, POLICY, SECOND } from './builders.ts';

test.each<{ name: string; facts: Partial<SelfFacts>; says: RegExp | null }>([
  { name: 'a fresh tick', facts: {}, says: null },
  { name: "a start within the schedule's own precision", facts: { lateMs: LIMITS.selfLateMs }, says: null },
  { name: 'a later start', facts: { lateMs: LIMITS.selfLateMs + 1 }, says: /began 1m15s late/ },
  { name: 'a start before its time', facts: { lateMs: -10 * MINUTE }, says: null },
  { name: 'a sleep of about its length', facts: { stalledMs: LIMITS.selfStallMs }, says: null },
  { name: 'a sleep that took far too long', facts: { stalledMs: 9 * SECOND }, says: /stood still for 9s/ },
  { name: 'one throttled look of many', facts: { looks: 100, throttled: 1 }, says: null },
  {
    name: 'a fifth of the looks throttled',
    facts: { looks: 10, throttled: 2 },
    says: /2 of its 10 looks were throttled/,
  },
  { name: 'no looks at all', facts: { looks: 0, throttled: 0 }, says: null },
  { name: 'two of two clusters silent', facts: { clusters: 2, silentClusters: 2 }, says: null },
  {
    name: 'three of three clusters silent',
    facts: { clusters: 3, silentClusters: 3 },
    says: /3 of 3 clusters are silent/,
  },
  { name: 'three of ten clusters silent', facts: { clusters: 10, silentClusters: 3 }, says: null },
])('$name: $says', ({ facts, says }) => {
  const doubts = doubtsOf({ ...SELF_AT_START, ...facts });
  if (says === null) expect(doubts).toEqual([]);
  else expect(doubts).toEqual([expect.stringMatching(says)]);
});

test('each reason is its own sentence', () => {
  expect(
    doubtsOf({
      lateMs: 2 * MINUTE,
      stalledMs: MINUTE,
      looks: 1,
      throttled: 1,
      clusters: 4,
      silentClusters: 4,
    }),
  ).toHaveLength(4);
});

test('what is enough in doubt is always enough without', () => {
  const streak = fc.record({
    cause: fc.constant('dead' as const),
    count: fc.nat(20),
    firstAt: fc.constant(NOW),
    lastAt: fc.integer({ min: NOW, max: NOW + 10 * MINUTE }),
    needsMs: fc.integer({ min: 0, max: 5 * MINUTE }),
    inDoubt: fc.boolean(),
  });
  fc.assert(
    fc.property(streak, (one) => {
      if (!isCompleteInDoubt(one, POLICY)) return;
      expect(isComplete(one, POLICY)).toBe(true);
      expect(one.count).toBeGreaterThanOrEqual(LIMITS.selfLooksFactor * POLICY.failures);
      expect(one.lastAt - one.firstAt).toBeGreaterThanOrEqual(LIMITS.selfLastsMs);
    }),
  );
});
