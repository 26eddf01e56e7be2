import { CAUSES } from './cause.ts';
import type { TickReport } from './report.ts';
import type { DurationMs } from './time.ts';

/** One measured value. Dimensions come from closed sets, never from names of targets or pods: each combination is charged. */
export interface Metric {
  readonly name: string;
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds';
  readonly value: number;
  readonly dimension?: { readonly name: 'cause' | 'code'; readonly value: string };
}

/** What a dashboard and the alarms need to know of one tick. */
export function metricsOf(report: TickReport, tookMs: DurationMs): readonly Metric[] {
  const { targets } = report;
  const pods = targets.flatMap((target) => target.pods);
  const blind = targets.filter((target) => target.blind !== undefined).length;
  const holds = targets.flatMap(({ decision }) => (decision.kind === 'hold' ? [decision.code] : []));
  const completed = report.nothingDone === null && report.defects.length === 0;
  return [
    count('TicksCompleted', completed ? 1 : 0),
    { name: 'TickDuration', unit: 'Milliseconds', value: tookMs },
    count('Targets', targets.length),
    count('TargetsBlind', blind),
    count('DocumentsBad', report.bad.length),
    count('TargetListStale', report.staleSince === null ? 0 : 1),
    count('Removals', targets.filter(({ decision }) => decision.kind === 'remove').length),
    count('AlertsUndelivered', report.undelivered),
    ...pods.flatMap((pod) => heartbeatAge(pod.signals.heartbeat)),
    ...Object.keys(CAUSES).map((cause) => ({
      ...count('Pods', pods.filter((pod) => pod.cause === cause).length),
      dimension: { name: 'cause' as const, value: cause },
    })),
    ...[...new Set(holds)].map((code) => ({
      ...count('Holds', holds.filter((one) => one === code).length),
      dimension: { name: 'code' as const, value: code },
    })),
  ];
}

/** A tick that broke before it had a report: the state or the list of targets could not be used. */
export function metricsOfFailure(tookMs: DurationMs): readonly Metric[] {
  return [count('TicksCompleted', 0), { name: 'TickDuration', unit: 'Milliseconds', value: tookMs }];
}

const count = (name: string, value: number): Metric => ({ name, unit: 'Count', value });

function heartbeatAge(signal: unknown): readonly Metric[] {
  if (typeof signal !== 'object' || signal === null || !('ageSeconds' in signal)) return [];
  const { ageSeconds } = signal;
  return typeof ageSeconds === 'number' ? [{ name: 'HeartbeatAge', unit: 'Seconds', value: ageSeconds }] : [];
}
