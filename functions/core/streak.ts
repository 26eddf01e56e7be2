import { isRemovable, isUnknown, type Verdict } from './cause.ts';
import { LIMITS, type Policy } from './policy.ts';
import type { Streak } from './state.ts';
import type { DurationMs, EpochMs } from './time.ts';

/**
 * Counts looks with the same removable cause. Unknown looks neither add nor clear; any other cause clears; a gap longer than
 * two and a half slots since the last counted look begins anew.
 * @param slotMs time between two ticks
 * @param inDoubt the tick that looked doubts itself
 */
export function extendStreak(
  streak: Streak | null,
  verdict: Verdict,
  now: EpochMs,
  policy: Policy,
  slotMs: DurationMs,
  inDoubt: boolean,
): Streak | null {
  const { cause, needsMs } = verdict;
  if (isUnknown(cause)) return streak;
  if (!isRemovable(cause, policy)) return null;
  const gapMs = Math.max(LIMITS.streakGapMs, 2.5 * slotMs);
  const goesOn =
    streak !== null && streak.cause === cause && now >= streak.lastAt && now - streak.lastAt <= gapMs;
  if (!goesOn) return { cause, count: 1, firstAt: now, lastAt: now, needsMs, inDoubt };
  const count = streak.count + 1;
  return { ...streak, count, lastAt: now, needsMs, inDoubt: streak.inDoubt || inDoubt };
}

/** Enough looks, and for causes without a clock of their own also enough time, by the last look. */
export function isComplete(streak: Streak | null, policy: Policy): boolean {
  if (streak === null || streak.count < policy.failures) return false;
  return streak.lastAt - streak.firstAt >= streak.needsMs;
}

/** What a tick that doubts itself needs: more looks, over more time. */
export function isCompleteInDoubt(streak: Streak | null, policy: Policy): boolean {
  if (streak === null || streak.count < policy.failures * LIMITS.selfLooksFactor) return false;
  return streak.lastAt - streak.firstAt >= Math.max(streak.needsMs, LIMITS.selfLastsMs);
}
