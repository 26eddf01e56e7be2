import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TargetLooks } from '../../functions/core/patient.ts';
import type { Policy } from '../../functions/core/policy.ts';
import { NEW_STATE, type Streak, type TargetState } from '../../functions/core/state.ts';
import { look } from '../../functions/core/step.ts';
import { nextLook, standingOf } from '../../functions/core/suspicion.ts';
import { aPod, aRow, aTarget, looksOf, NOW, POLICY, rows, SECOND } from './builders.ts';

const BUDGET = 50 * SECOND;
const limit: Policy = { ...POLICY, heartbeatLimitMs: 45 * SECOND };
const aged = (seconds: number) => looksOf([aPod()], { jobs: rows([aRow(seconds)]), progress: null });

function next(
  looks: TargetLooks,
  change: {
    streak?: Streak;
    deadlineAt?: number;
    lookMs?: number;
    confirmed?: boolean;
    policy?: Policy;
  } = {},
) {
  const { streak, policy = limit, deadlineAt = NOW + BUDGET, lookMs = 100, confirmed = false } = change;
  const looked = look(aTarget({ policy }), NEW_STATE, looks, { now: NOW, slotMs: 60_000, inDoubt: false });
  const [uid] = Object.keys(looked.state.pods);
  const memory = uid === undefined ? undefined : looked.state.pods[uid];
  const state: TargetState =
    streak === undefined || uid === undefined || memory === undefined
      ? looked.state
      : { ...looked.state, pods: { [uid]: { ...memory, streak } } };
  return nextLook(looked.judged, state, {
    now: NOW,
    deadlineAt,
    looks: 3,
    lookMs,
    firstLookAt: NOW - 60_000,
    confirmed,
  });
}

const streak = (count: number): Streak => ({
  cause: 'dead',
  count,
  firstAt: NOW - count * 3 * SECOND,
  lastAt: NOW,
  needsMs: 0,
  inDoubt: false,
});

describe('whether to look again', () => {
  test.each<{ name: string; is: string; looks: TargetLooks; change?: Parameters<typeof next>[1] }>([
    { name: 'a fresh heartbeat', looks: aged(3), is: 'none' },
    { name: 'one that can cross its limit in this tick', looks: aged(20), is: 'again' },
    { name: 'one that cannot', looks: aged(11), change: { deadlineAt: NOW + 30 * SECOND }, is: 'none' },
    { name: 'a streak that can be completed', looks: aged(60), change: { streak: streak(1) }, is: 'again' },
    {
      name: 'a streak for which there is no time',
      looks: aged(60),
      change: { streak: streak(1), deadlineAt: NOW + 6 * SECOND },
      is: 'none',
    },
    {
      name: 'a streak for which looks take too long',
      looks: aged(60),
      change: { streak: streak(1), lookMs: 20 * SECOND },
      is: 'none',
    },
    {
      name: 'a streak that asks for minutes',
      looks: aged(60),
      change: { streak: { ...streak(1), needsMs: 300 * SECOND } },
      is: 'none',
    },
    {
      name: 'a streak that asks for seconds',
      looks: aged(60),
      change: { streak: { ...streak(4), needsMs: 15 * SECOND } },
      is: 'again',
    },
    { name: 'a complete one is confirmed', looks: aged(60), change: { streak: streak(3) }, is: 'confirm' },
    { name: 'once', looks: aged(60), change: { streak: streak(4), confirmed: true }, is: 'none' },
    {
      name: 'not without time for it',
      looks: aged(60),
      change: { streak: streak(3), deadlineAt: NOW + 4 * SECOND },
      is: 'none',
    },
    {
      name: 'who only watches has nothing to confirm',
      looks: aged(60),
      change: { streak: streak(3), policy: { ...limit, mode: 'watch' } },
      is: 'none',
    },
  ])('$name: $is', ({ looks, change, is }) => {
    expect(next(looks, change)).toBe(is);
  });

  test('never when what follows could not end before the deadline', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 90 }),
        fc.nat(6),
        fc.integer({ min: 0, max: 10 * SECOND }),
        fc.integer({ min: 0, max: BUDGET }),
        (age, count, lookMs, leftMs) => {
          const change = {
            lookMs,
            deadlineAt: NOW + leftMs,
            ...(count === 0 ? {} : { streak: streak(count) }),
          };
          if (next(aged(age), change) !== 'none') expect(2 * lookMs).toBeLessThanOrEqual(leftMs);
        },
      ),
    );
  });
});

test.each([
  { age: 3, next: 'none', is: 'well' },
  { age: 20, next: 'again', is: 'suspect' },
  { age: 60, next: 'confirm', is: 'sick' },
] as const)('a target whose heartbeat is $age s old stands as $is', ({ age, next: then, is }) => {
  const looked = look(aTarget({ policy: limit }), NEW_STATE, aged(age), {
    now: NOW,
    slotMs: 60_000,
    inDoubt: false,
  });
  expect(standingOf('t', looked.judged, looked.state, then).health).toBe(is);
});
