import { LIMITS } from './policy.ts';
import type { Target } from './target.ts';
import { type DurationMs, type EpochMs, HOUR_MS } from './time.ts';

/**
 * How memory goes, in eight numbers however long it is watched: a least-squares line whose older points weigh half as much after
 * each `memoryTrendHalfLifeMs`. Times are hours since `from`, memory is in bytes; the sums are about the means, so that they stay exact.
 */
export interface MemoryTrend {
  readonly from: EpochMs;
  readonly at: EpochMs;
  readonly weight: number;
  readonly hours: number;
  readonly bytes: number;
  readonly hoursHours: number;
  readonly hoursBytes: number;
  readonly bytesBytes: number;
}

/** When the limit will be reached if memory goes on as it did. */
export interface MemoryForecast {
  readonly fullInMs: DurationMs;
  readonly bytesPerHour: number;
  /** How long it has been watched for that. */
  readonly overMs: DurationMs;
}

/** Adds one look. Looks closer together than `memoryTrendEveryMs`, and a clock that went back, add nothing. Pure. */
export function extendTrend(trend: MemoryTrend | null, at: EpochMs, bytes: number): MemoryTrend {
  if (trend === null)
    return { from: at, at, weight: 1, hours: 0, bytes, hoursHours: 0, hoursBytes: 0, bytesBytes: 0 };
  const sinceMs = at - trend.at;
  if (sinceMs < LIMITS.memoryTrendEveryMs) return trend;
  const kept = 0.5 ** (sinceMs / LIMITS.memoryTrendHalfLifeMs);
  const weight = trend.weight * kept + 1;
  const hour = (at - trend.from) / HOUR_MS;
  const [x, y] = [hour - trend.hours, bytes - trend.bytes];
  const [hours, mean] = [trend.hours + x / weight, trend.bytes + y / weight];
  return {
    from: trend.from,
    at,
    weight,
    hours,
    bytes: mean,
    hoursHours: trend.hoursHours * kept + x * (hour - hours),
    hoursBytes: trend.hoursBytes * kept + x * (bytes - mean),
    bytesBytes: trend.bytesBytes * kept + y * (bytes - mean),
  };
}

/**
 * null where memory does not climb along a line for long enough: a start that levels off, teeth of a saw and a few looks foretell
 * nothing.
 */
export function forecastOf(trend: MemoryTrend | null, limitBytes: number | null): MemoryForecast | null {
  if (trend === null || limitBytes === null) return null;
  const { hoursHours, hoursBytes, bytesBytes, weight } = trend;
  const overMs = trend.at - trend.from;
  if (overMs < LIMITS.memoryTrendLeastMs || weight < LIMITS.memoryTrendLooks) return null;
  if (hoursBytes <= 0 || hoursHours <= 0 || bytesBytes <= 0) return null;
  if (hoursBytes ** 2 / (hoursHours * bytesBytes) < LIMITS.memoryTrendFit) return null;
  const bytesPerHour = hoursBytes / hoursHours;
  const now = trend.bytes + bytesPerHour * (overMs / HOUR_MS - trend.hours);
  const fullInMs = Math.max(0, (limitBytes - now) / bytesPerHour) * HOUR_MS;
  return Number.isFinite(fullInMs) ? { fullInMs, bytesPerHour, overMs } : null;
}

/** Whether the memory of well pods is asked for in this tick: seldom, and not of all targets at once; always where a policy waits for it. */
export function isMemoryDue({ id, policy }: Target, tickAt: EpochMs, slotMs: DurationMs): boolean {
  if (policy.memory !== null) return true;
  const every = Math.max(1, Math.round(LIMITS.memoryEveryMs / slotMs));
  const turn = [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return (Math.floor(tickAt / slotMs) + turn) % every === 0;
}
