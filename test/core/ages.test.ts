import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LearnedAges, learnAge, NO_AGES, worstAge } from '../../functions/core/ages.ts';
import { LIMITS } from '../../functions/core/policy.ts';
import { MINUTE, NOW } from './builders.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const learn = (list: readonly (readonly [number, number])[]): LearnedAges =>
  list.reduce((known, [at, seconds]) => learnAge(known, seconds, at), NO_AGES);

describe('the worst healthy age', () => {
  test.each([
    { name: 'of nothing is none', given: [], worst: 0 },
    {
      name: 'is the largest',
      given: [
        [NOW, 4],
        [NOW + MINUTE, 9],
        [NOW + 2 * MINUTE, 5],
      ],
      worst: 9,
    },
    {
      name: 'of last night is remembered today',
      given: [
        [NOW, 50],
        [NOW + 23 * HOUR, 4],
      ],
      worst: 50,
    },
    {
      name: 'of six days ago is remembered',
      given: [
        [NOW, 50],
        [NOW + 6 * DAY, 4],
      ],
      worst: 50,
    },
    {
      name: 'of eight days ago is forgotten',
      given: [
        [NOW, 50],
        [NOW + 8 * DAY, 4],
      ],
      worst: 4,
    },
    {
      name: 'that a clock far ahead has left is forgotten',
      given: [
        [NOW + 30 * DAY, 50],
        [NOW, 4],
        [NOW + HOUR, 4],
        [NOW + DAY, 4],
      ],
      worst: 4,
    },
    { name: 'is never negative', given: [[NOW, -5]], worst: 0 },
  ] as { name: string; given: [number, number][]; worst: number }[])('$name', ({ given, worst }) => {
    expect(worstAge(learn(given))).toBe(worst);
  });
});

const arbitraryAges = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 12 * HOUR }), fc.double({ min: 0, max: 200, noNaN: true })),
  { maxLength: 100 },
);

test('what was seen within a week is remembered, as of its hour or its day, in bounded room', () => {
  fc.assert(
    fc.property(arbitraryAges, (steps) => {
      let now = NOW;
      let known = NO_AGES;
      const seen: [number, number][] = [];
      for (const [afterMs, seconds] of steps) {
        now += afterMs;
        known = learnAge(known, seconds, now);
        seen.push([now, seconds]);
        const recent = seen.filter(([at]) => now - at < (LIMITS.ageDaysKept - 1) * DAY).map(([, age]) => age);
        expect(worstAge(known)).toBeGreaterThanOrEqual(Math.max(0, ...recent) - 0.1);
        expect(worstAge(known)).toBeLessThanOrEqual(Math.max(0, ...seen.map(([, age]) => age)) + 0.1);
      }
      expect(known.hours.length).toBeLessThanOrEqual(LIMITS.ageHoursKept);
      expect(known.days.length).toBeLessThanOrEqual(LIMITS.ageDaysKept);
    }),
  );
});

test('one tick with many replicas is one sample', () => {
  const calm = learn(Array.from({ length: 60 }, (_, at): [number, number] => [NOW + at * MINUTE, 3]));
  expect(calm.samples).toBe(LIMITS.autoHeartbeatSamples);
  expect(calm.hours.length).toBeLessThanOrEqual(2);
});
