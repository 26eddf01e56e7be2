import { mebibytes } from './bytes.ts';
import { type Finding, lasting, podSubject } from './condition.ts';
import type { Judged } from './decision.ts';
import { forecastOf, type MemoryForecast } from './memory-trend.ts';
import { isLiving } from './patient.ts';
import { LIMITS } from './policy.ts';
import type { TargetState } from './state.ts';
import type { Target } from './target.ts';
import { type DurationMs, formatDuration, HOUR_MS, MINUTE_MS } from './time.ts';

/** When the memory of a pod will be full, as far as its own climb foretells it. */
export function memoryForecast(state: TargetState, { patient: { pod } }: Judged): MemoryForecast | null {
  return forecastOf(state.pods[pod.uid]?.trend ?? null, pod.container?.memoryLimitBytes ?? null);
}

/** Pods that work, and whose memory will be full soon: told while there is time. */
export function memoryFindings({
  target,
  state,
  judged,
}: {
  readonly target: Target;
  readonly state: TargetState;
  readonly judged: readonly Judged[];
}): readonly Finding[] {
  return judged.flatMap((entry) => {
    const { pod } = entry.patient;
    const forecast = isLiving(pod) ? memoryForecast(state, entry) : null;
    if (forecast === null || forecast.fullInMs > LIMITS.memoryFullSoonMs) return [];
    const since = state.pods[pod.uid]?.trend?.at ?? 0;
    const limit = mebibytes(pod.container?.memoryLimitBytes ?? 0);
    const text = `${pod.name}: memory climbs by ${mebibytes(forecast.bytesPerHour)} an hour, seen over ${formatDuration(forecast.overMs)}, and its limit of ${limit} is full in about ${roughly(forecast.fullInMs)}. Nothing is removed for this.`;
    return [
      lasting(
        'memory-filling',
        podSubject(pod.uid),
        since,
        `${target.id}: memory of ${pod.name} will be full`,
        text,
      ),
    ];
  });
}

/** A forecast has no seconds. */
function roughly(ms: DurationMs): string {
  return ms < HOUR_MS ? `${Math.max(1, Math.round(ms / MINUTE_MS))} min` : `${Math.round(ms / HOUR_MS)} h`;
}
