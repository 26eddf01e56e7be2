import type { DurationMs } from '../../functions/core/time.ts';

/** What is counted over all worlds of a run. */
export interface Tally {
  targetTicks: number;
  simulatedMs: DurationMs;
  episodes: Record<string, number>;
  removals: Record<string, number>;
  doubleRemovals: number;
  wedges: number;
  /** Wedges that stood in nobody's way for a whole detection time. */
  dueWedges: number;
  missedWedges: number;
  lostAlerts: number;
  duplicateAlerts: number;
  accepted: number;
  /** From the beginning of a wedge to its removal. */
  detectionMs: DurationMs[];
  falseAlarms: number;
  falseAlarmMs: DurationMs[];
  largestStateBytes: number;
  longestTickMs: DurationMs;
  programMs: number;
}

export function newTally(): Tally {
  return {
    targetTicks: 0,
    simulatedMs: 0,
    episodes: {},
    removals: {},
    doubleRemovals: 0,
    wedges: 0,
    dueWedges: 0,
    missedWedges: 0,
    lostAlerts: 0,
    duplicateAlerts: 0,
    accepted: 0,
    detectionMs: [],
    falseAlarms: 0,
    falseAlarmMs: [],
    largestStateBytes: 0,
    longestTickMs: 0,
    programMs: 0,
  };
}

export function countIn(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
