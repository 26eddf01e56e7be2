import { LIMITS } from './policy.ts';
import { type DurationMs, type EpochMs, HOUR_MS } from './time.ts';

/** The worst healthy heartbeat age of one span of time, in seconds. */
export interface WorstAge {
  /** When the hour or day began. */
  readonly from: EpochMs;
  readonly seconds: number;
}

/** What `heartbeatLimit: auto` has learned of one component: a day by its hours, a week by its days. */
export interface LearnedAges {
  readonly samples: number;
  /** Newest last. */
  readonly hours: readonly WorstAge[];
  readonly days: readonly WorstAge[];
}

export const NO_AGES: LearnedAges = { samples: 0, hours: [], days: [] };

const DAY_MS = 24 * HOUR_MS;

/** Adds the worst age of one tick, of all pods of the component together: replicas do not make it forget sooner. */
export function learnAge(known: LearnedAges, seconds: number, now: EpochMs): LearnedAges {
  const rounded = Math.round(Math.max(0, seconds) * 10) / 10;
  return {
    samples: Math.min(known.samples + 1, LIMITS.autoHeartbeatSamples),
    hours: within(known.hours, rounded, now, HOUR_MS, LIMITS.ageHoursKept),
    days: within(known.days, rounded, now, DAY_MS, LIMITS.ageDaysKept),
  };
}

/** The worst of the last day and of the last week, in seconds. */
export function worstAge({ hours, days }: LearnedAges): number {
  let worst = 0;
  for (const { seconds } of hours) if (seconds > worst) worst = seconds;
  for (const { seconds } of days) if (seconds > worst) worst = seconds;
  return worst;
}

function within(
  spans: readonly WorstAge[],
  seconds: number,
  now: EpochMs,
  spanMs: DurationMs,
  kept: number,
): readonly WorstAge[] {
  const from = now - (now % spanMs);
  const last = spans.at(-1);
  if (last !== undefined && last.from === from) {
    return seconds <= last.seconds ? spans : [...spans.slice(0, -1), { from, seconds }];
  }
  // What is older than its time goes, and so does what a clock that was ahead has left.
  const fresh = spans.filter((span) => span.from > from - kept * spanMs && span.from <= from);
  return [...fresh, { from, seconds }];
}
