import type { Cause } from './cause.ts';
import type { Judged } from './decision.ts';
import type { TargetState } from './state.ts';
import type { DurationMs, EpochMs } from './time.ts';

/** What one look made of each pod, in a few numbers: enough to draw an incident. */
export interface LookBrief {
  readonly at: EpochMs;
  readonly pods: readonly PodBrief[];
}

export interface PodBrief {
  readonly pod: string;
  readonly uid: string;
  readonly cause: Cause;
  readonly rule: string;
  readonly streak: number;
  /** How long it has not beaten; null where no source said. */
  readonly silentMs: DurationMs | null;
  readonly limitMs: DurationMs;
  /** What its own health server said. */
  readonly own: 'healthy' | 'unhealthy' | 'unreachable' | 'unreadable' | null;
  readonly memory: { readonly bytes: number; readonly limitBytes: number | null } | null;
}

const PODS_KEPT = 20;

export function briefOf(judged: readonly Judged[], state: TargetState, at: EpochMs): LookBrief {
  const pods = judged.slice(0, PODS_KEPT).map(({ patient, verdict }): PodBrief => {
    const { pod, silentMs, limit, own, kubelet } = patient;
    const memory = kubelet?.memory ?? null;
    return {
      pod: pod.name,
      uid: pod.uid,
      cause: verdict.cause,
      rule: verdict.rule,
      streak: state.pods[pod.uid]?.streak?.count ?? 0,
      silentMs,
      limitMs: limit.limitMs,
      own: own === null ? null : own.kind === 'answered' ? own.says : own.kind,
      memory: memory && { bytes: memory.workingSetBytes, limitBytes: memory.limitBytes },
    };
  });
  return { at, pods };
}

/** How fast the memory of a pod grows. */
export interface MemorySlope {
  readonly bytesPerMinute: number;
  readonly overMs: DurationMs;
  readonly looks: number;
}

/** By least squares over the given looks; null where they are too few or too close together to tell. */
export function memorySlope(
  points: readonly { readonly at: EpochMs; readonly bytes: number }[],
): MemorySlope | null {
  const first = points.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const overMs = points.reduce((most, { at }) => Math.max(most, at - first), 0);
  if (points.length < 3 || overMs < 60_000) return null;
  const minutes = points.map(({ at }) => (at - first) / 60_000);
  const meanX = mean(minutes);
  const meanY = mean(points.map(({ bytes }) => bytes));
  const covariance = mean(points.map(({ bytes }, i) => ((minutes[i] ?? 0) - meanX) * (bytes - meanY)));
  const variance = mean(minutes.map((x) => (x - meanX) ** 2));
  return { bytesPerMinute: Math.round(covariance / variance), overMs, looks: points.length };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
