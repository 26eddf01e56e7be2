import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { extendTrend, forecastOf, isMemoryDue, type MemoryTrend } from '../../functions/core/memory-trend.ts';
import { LIMITS } from '../../functions/core/policy.ts';
import { aTarget, MINUTE, NOW } from './builders.ts';

const HOUR = 60 * MINUTE;
const LIMIT = 1_000e6;

/** One look each five minutes for so many hours at memory in MB, by the hour. */
function watched(hours: number, megabytes: (hour: number) => number, from = NOW): MemoryTrend | null {
  let trend: MemoryTrend | null = null;
  for (let minute = 0; minute <= hours * 60; minute += 5)
    trend = extendTrend(trend, from + minute * MINUTE, megabytes(minute / 60) * 1e6);
  return trend;
}
const fullIn = (hours: number, megabytes: (hour: number) => number) => {
  const forecast = forecastOf(watched(hours, megabytes), LIMIT);
  return forecast === null ? null : Math.round(forecast.fullInMs / HOUR);
};

describe('a forecast', () => {
  test.each([
    { name: 'of a steady climb', hours: 10, megabytes: (h: number) => 400 + 30 * h, is: 10 },
    {
      name: 'of a climb with noise',
      hours: 10,
      megabytes: (h: number) => 400 + 30 * h + 15 * Math.sin(h * 40),
      is: 10,
    },
    { name: 'of a climb that is over its limit', hours: 10, megabytes: (h: number) => 800 + 30 * h, is: 0 },
    {
      name: 'of a climb that began after a calm day',
      hours: 54,
      megabytes: (h: number) => 400 + 15 * Math.max(0, h - 24),
      is: 10,
    },
    { name: 'of less than three hours', hours: 2.9, megabytes: (h: number) => 400 + 30 * h, is: null },
    {
      name: 'of a start that levels off',
      hours: 6,
      megabytes: (h: number) => 600 * (1 - Math.exp(-2 * h)),
      is: null,
    },
    { name: 'of teeth of a saw', hours: 12, megabytes: (h: number) => 400 + 200 * (h % 2), is: null },
    { name: 'of calm', hours: 12, megabytes: () => 700, is: null },
    { name: 'of a fall', hours: 12, megabytes: (h: number) => 700 - 20 * h, is: null },
  ])('$name: full in $is hours', ({ hours, megabytes, is }) => {
    const found = fullIn(hours, megabytes);
    if (is === null || found === null) expect(found).toBe(is);
    // Half-forgotten calm makes it late.
    else expect(Math.abs(found - is)).toBeLessThanOrEqual(Math.max(1, 0.2 * is));
  });

  test('of any straight climb is the time that is left by it, however long it was watched and wherever it began', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 4, max: 200, noNaN: true }),
        fc.double({ min: 1, max: 50, noNaN: true }),
        fc.double({ min: 10, max: 500, noNaN: true }),
        fc.integer({ min: 0, max: 2e12 }),
        (hours, slope, start, from) => {
          const forecast = forecastOf(
            watched(hours, (h) => start + slope * h, from),
            LIMIT,
          );
          const watchedFor = Math.floor(hours * 12) / 12;
          const left = Math.max(0, (1_000 - start - slope * watchedFor) / slope);
          expect((forecast?.fullInMs ?? Number.NaN) / HOUR).toBeCloseTo(left, 2);
        },
      ),
    );
  });

  test('needs a limit, and something to look at', () => {
    expect(
      forecastOf(
        watched(10, (h) => 400 + 30 * h),
        null,
      ),
    ).toBeNull();
    expect(forecastOf(null, LIMIT)).toBeNull();
  });

  test('never comes of any memory as a number that is none', () => {
    const looks = fc.array(
      fc.tuple(fc.integer({ min: -HOUR, max: 30 * HOUR }), fc.double({ min: 0, max: 1e13, noNaN: true })),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(looks, fc.double({ min: 1, max: 1e13, noNaN: true }), (points, limit) => {
        const trend = points.reduce<MemoryTrend | null>(
          (known, [at, bytes]) => extendTrend(known, NOW + at, bytes),
          null,
        );
        const forecast = forecastOf(trend, limit);
        if (forecast !== null) {
          expect(forecast.fullInMs).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(forecast.fullInMs)).toBe(true);
        }
      }),
    );
  });
});

test('a clock that goes back, and looks of one tick, add nothing', () => {
  const one = extendTrend(null, NOW, 1e8);
  expect(extendTrend(one, NOW - HOUR, 9e8)).toBe(one);
  expect(extendTrend(one, NOW + LIMITS.memoryTrendEveryMs - 1, 9e8)).toBe(one);
});

test.each([5_000, MINUTE, 3 * MINUTE, 10 * MINUTE])(
  'memory is asked for about every five minutes with a tick every %d ms',
  (slotMs) => {
    const target = aTarget();
    const asked = Array.from({ length: 600 }, (_, at) => NOW + at * slotMs).filter((at) =>
      isMemoryDue(target, at, slotMs),
    );
    const expected = Math.min(600, (600 * slotMs) / LIMITS.memoryEveryMs);
    expect(Math.abs(asked.length - expected) / expected).toBeLessThan(0.21);
  },
);

test('memory is asked for in every tick where the policy waits for it', () => {
  const policy = { ...aTarget().policy, memory: { restartAbove: 0.9, when: 'quiet' as const } };
  for (let minute = 0; minute < 10; minute += 1)
    expect(isMemoryDue(aTarget({ policy }), NOW + minute * MINUTE, MINUTE)).toBe(true);
});
