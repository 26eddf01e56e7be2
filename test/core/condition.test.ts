import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  CONDITIONS,
  type Condition,
  type ConditionKind,
  type Finding,
  isNews,
  isWorse,
  updateConditions,
} from '../../functions/core/condition.ts';
import { LIMITS } from '../../functions/core/policy.ts';
import { MINUTE, NOW, SECOND } from './builders.ts';

const found = (change: Partial<Finding> = {}): Finding => ({
  subject: 'pod a',
  kind: 'dead',
  since: NOW,
  severity: 'critical',
  stage: 'hold:paused',
  isDue: true,
  title: 'title',
  text: 'text',
  ...change,
});
const condition = (change: Partial<Condition> = {}): Condition => {
  const { isDue: _isDue, ...rest } = found();
  return { ...rest, seenAt: NOW, stageSince: NOW, told: null, ...change };
};
const told = { stage: 'hold:paused', severity: 'critical', at: NOW - 5 * MINUTE } as const;
const update = (
  before: readonly Condition[],
  findings: readonly Finding[],
  now = NOW,
  isOver = false,
  slotMs = MINUTE,
) => updateConditions(before, findings, () => isOver, now, slotMs);

describe('bringing conditions up to date', () => {
  test('nothing before and nothing found changes nothing', () => {
    const none: readonly Condition[] = [];
    expect(update(none, [])).toBe(none);
  });

  test('the same subject and kind goes on, with its beginning and what was told', () => {
    const before = condition({ since: NOW - 9 * MINUTE, seenAt: NOW - MINUTE, told });
    expect(update([before], [found()])).toMatchObject([{ since: NOW - 9 * MINUTE, seenAt: NOW, told }]);
  });

  test('another kind of the same subject is another condition', () => {
    expect(update([condition()], [found({ kind: 'stalled' })])).toHaveLength(2);
  });

  test.each([
    { name: 'a told one stays for a while when it is not seen', told, ago: LIMITS.clearAfterMs - 1, is: 1 },
    { name: 'and then ends', told, ago: LIMITS.clearAfterMs, is: 0 },
    { name: 'an untold one is forgotten sooner', told: null, ago: LIMITS.pendingGapMs, is: 0 },
    { name: 'a clock that jumped back makes nothing last for ever', told, ago: -60 * MINUTE, is: 0 },
    {
      name: 'with longer slots it stays for two and a half of them',
      told: null,
      ago: 10 * MINUTE,
      slotMs: 5 * MINUTE,
      is: 1,
    },
    { name: 'and not for more', told, ago: 13 * MINUTE, slotMs: 5 * MINUTE, is: 0 },
  ])('$name', ({ told: was, ago, slotMs, is }) => {
    expect(update([condition({ seenAt: NOW - ago, told: was })], [], NOW, false, slotMs)).toHaveLength(is);
  });

  test('one whose subject is gone ends at once', () => {
    expect(update([condition({ told })], [], NOW, true)).toEqual([]);
  });

  test('one that was told is not told again because ticks were lost, one that was not begins anew', () => {
    const before = { since: NOW - 60 * MINUTE, seenAt: NOW - 30 * MINUTE };
    expect(update([condition({ ...before, told })], [found()])).toMatchObject([
      { told, since: NOW - 60 * MINUTE },
    ]);
    expect(update([condition(before)], [found()])).toMatchObject([{ told: null, since: NOW }]);
  });

  test('there are never more than fit, and what was told is kept before what was not', () => {
    const many = Array.from({ length: 2 * LIMITS.conditionsKept }, (_, at) =>
      found({ subject: `pod ${at}`, kind: 'starting' }),
    );
    const kept = update([condition({ subject: 'pod old', kind: 'clocks-differ', told })], many);
    expect(kept).toHaveLength(LIMITS.conditionsKept);
    expect(kept.map(({ subject }) => subject)).toContain('pod old');
  });
});

describe('what is news', () => {
  const lasting = { kind: 'blind', severity: 'warning', stage: 'lasting' } as const;
  const after = CONDITIONS.blind.alertAfterMs ?? 0;

  test.each<{ name: string; one: Condition; isDue?: boolean; is: boolean }>([
    { name: 'what is due at once', one: condition(), isDue: true, is: true },
    { name: 'what has not lasted', one: condition({ ...lasting, since: NOW - after + 1 }), is: false },
    { name: 'what has lasted', one: condition({ ...lasting, since: NOW - after }), is: true },
    {
      name: 'what has lasted but is not seen now',
      one: condition({ ...lasting, since: 0, seenAt: NOW - 1 }),
      is: false,
    },
    { name: 'a kind that is told only when it says so', one: condition({ since: 0 }), is: false },
    { name: 'what was told', one: condition({ told }), isDue: true, is: false },
    {
      name: 'what grew worse',
      one: condition({ told: { ...told, severity: 'warning' } }),
      isDue: true,
      is: true,
    },
    { name: 'what grew better', one: condition({ severity: 'warning', told }), isDue: true, is: false },
    { name: 'another stage', one: condition({ stage: 'removed', told }), isDue: true, is: true },
    {
      name: 'another reason for the same hold, soon',
      one: condition({ stage: 'hold:storm', told: { ...told, at: NOW - SECOND } }),
      isDue: true,
      is: false,
    },
    {
      name: 'another reason for the same hold, later',
      one: condition({ stage: 'hold:storm', told: { ...told, at: NOW - LIMITS.holdRetoldMs } }),
      isDue: true,
      is: true,
    },
  ])('$name: $is', ({ one, isDue = false, is }) => {
    expect(isNews(one, isDue, NOW)).toBe(is);
  });
});

test('of two severities one is worse, or they are the same', () => {
  const levels = ['info', 'warning', 'critical'] as const;
  for (const [a, one] of levels.entries())
    for (const [b, other] of levels.entries()) expect(isWorse(one, other)).toBe(a > b);
});

test('whatever is found is there afterwards, once, and begins no later than it was found to', () => {
  const kinds = Object.keys(CONDITIONS) as ConditionKind[];
  const arbitrary = fc.uniqueArray(
    fc.record({
      subject: fc.constantFrom('pod a', 'pod b', 'target'),
      kind: fc.constantFrom(...kinds),
      since: fc.integer({ min: NOW - 60 * MINUTE, max: NOW }),
    }),
    { maxLength: 20, selector: ({ subject, kind }) => `${kind} ${subject}` },
  );
  fc.assert(
    fc.property(arbitrary, arbitrary, (first, second) => {
      const before = update(
        [],
        first.map((one) => found(one)),
        NOW - MINUTE,
      );
      const after = update(
        before,
        second.map((one) => found(one)),
      );
      for (const { subject, kind, since } of second) {
        const same = after.filter((one) => one.subject === subject && one.kind === kind);
        expect(same).toHaveLength(1);
        expect(same[0]?.since).toBeLessThanOrEqual(since);
      }
    }),
  );
});
