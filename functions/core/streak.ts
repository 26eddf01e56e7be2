import { isRemovable, isUnknown, type Verdict } from './cause.ts';
import { LIMITS, type Policy } from './policy.ts';
import type { Streak } from './state.ts';
import type { EpochMs } from './time.ts';

/**
 * Counts looks with the same removable cause. Unknown looks neither add nor clear; any other cause clears; a gap longer
 * than `LIMITS.streakGapMs` since the last counted look begins anew.
 */
export function extendStreak(
  streak: Streak | null,
  verdict: Verdict,
  now: EpochMs,
  policy: Policy,
): Streak | null {
  const { cause } = verdict;
  if (isUnknown(cause)) return streak;
  if (!isRemovable(cause, policy.starving)) return null;
  const goesOn = streak !== null && streak.cause === cause && now - streak.lastAt <= LIMITS.streakGapMs;
  if (!goesOn) return { cause, count: 1, firstAt: now, lastAt: now };
  return { ...streak, count: streak.count + 1, lastAt: now };
}

/** Enough looks, and for causes without a clock of their own also enough time, by the last look. */
export function isComplete(streak: Streak | null, policy: Policy): boolean {
  if (streak === null || streak.count < policy.failures) return false;
  const lasted = streak.lastAt - streak.firstAt;
  if (streak.cause === 'unreachable') return lasted >= policy.unreachableLimitMs;
  if (streak.cause === 'starving') return lasted >= policy.stallLimitMs;
  return true;
}
