import { isUnknown } from './cause.ts';
import { candidatesOf, isAnySick, type Judged } from './decision.ts';
import type { TargetStanding } from './fleet.ts';
import { isLiving, isStale, type Patient } from './patient.ts';
import { LIMITS } from './policy.ts';
import type { Streak, TargetState } from './state.ts';
import { isComplete } from './streak.ts';
import type { DurationMs, EpochMs } from './time.ts';

/** Whether and how to look again. `confirm`: a pod would be removed, and is looked at once more at once before that. */
export type NextLook = 'none' | 'again' | 'confirm';

export interface LookTimes {
  readonly now: EpochMs;
  readonly deadlineAt: EpochMs;
  /** The longest that a round of looks has taken in this tick. */
  readonly lookMs: DurationMs;
  /** How many rounds of looks this tick has made. */
  readonly looks: number;
  /** When the first look of this tick was made. */
  readonly firstLookAt: EpochMs;
  /** Candidates by the round before the last, when that was a look of this tick on which this one was to confirm them. */
  readonly confirmed: boolean;
}

/** Three looks span more than one heartbeat. */
const LOOKS_AT_A_STOP = 3;

/** For saving the intent and the answer, and for the alerts. */
const MARGIN_MS = 5_000;

/**
 * Another look helps when a streak can still be completed in this tick, when a heartbeat can still cross its limit in it, and before
 * every removal.
 */
export function nextLook(judged: readonly Judged[], state: TargetState, times: LookTimes): NextLook {
  const { now, deadlineAt, lookMs } = times;
  const hasTime = (looks: number, from: EpochMs) =>
    // The last look takes as long as the others, and evidence and delete together hardly longer.
    from + looks * (LIMITS.relookEveryMs + lookMs) + 2 * lookMs + MARGIN_MS <= deadlineAt;
  const mayGo = candidatesOf(judged, state).filter(({ patient }) => patient.policy.mode !== 'watch');
  if (mayGo.length > 0) {
    if (times.confirmed) return 'none';
    // What we only see now and then may be well in between, in step with our ticks.
    const isSampled = mayGo.every(({ patient }) => (state.pods[patient.pod.uid]?.streak?.needsMs ?? 0) > 0);
    if (isSampled && now - times.firstLookAt < LIMITS.sampledWatchMs && hasTime(1, now)) return 'again';
    return now + 2 * lookMs + MARGIN_MS <= deadlineAt ? 'confirm' : 'none';
  }
  const helps = judged.some(({ patient, verdict }) => {
    const { policy, limit, pod, silentMs, database } = patient;
    // Who stands still and who writes by a clock that is behind is seen by who moves between two looks.
    const isStopped = database.kind === 'shared-stop' || (isStale(patient) && isUnknown(verdict.cause));
    if (isStopped && isLiving(pod) && times.looks < LOOKS_AT_A_STOP) return hasTime(1, now);
    const streak = state.pods[pod.uid]?.streak ?? null;
    if (streak !== null && !isComplete(streak, policy))
      return hasTime(Math.max(policy.failures - streak.count, looksFor(streak)), now);
    if (isClockInDoubt(patient, now)) return hasTime(1, now);
    if (silentMs === null || silentMs <= limit.suspectMs || silentMs > limit.limitMs) return false;
    if (verdict.cause === 'rolling-out' || patient.ageMs < policy.startupGraceMs) return false;
    return hasTime(policy.failures, now + (limit.limitMs - silentMs));
  });
  return helps ? 'again' : 'none';
}

/** An old beat that has just moved: its next one tells whether its clock is behind. */
function isClockInDoubt(patient: Patient, now: EpochMs): boolean {
  const { beat } = patient;
  if (!isStale(patient) || beat === null || beat.clockKnown || beat.movedAt === null) return false;
  return now - beat.movedAt <= LIMITS.clockOffsetMs;
}

/** How many more looks a streak needs for its time. */
function looksFor({ needsMs, firstAt, lastAt }: Streak): number {
  return Math.ceil((needsMs - (lastAt - firstAt)) / LIMITS.relookEveryMs);
}

/** How a target that was seen stands in its fleet: whoever is looked at again may turn out to be sick. */
export function standingOf(
  id: string,
  judged: readonly Judged[],
  state: TargetState,
  next: NextLook,
): TargetStanding {
  const health = isAnySick(judged) ? 'sick' : next === 'none' ? 'well' : 'suspect';
  return { id, health, sickSince: state.sickSince };
}
