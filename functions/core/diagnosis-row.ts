import type { Cause } from './cause.ts';
import type { Patient } from './patient.ts';
import { type DurationMs, formatDuration, SECOND_MS } from './time.ts';

/** One row of the decision table; the first that matches names the cause. docs/diagnosis.md is printed from these rows. */
export interface DiagnosisRow {
  readonly id: string;
  readonly cause: Cause;
  /** What an operator would see. */
  readonly seen: string;
  /** The sentence with the numbers, or null when the row does not match. */
  readonly match: (patient: Patient) => string | null;
  /** How long looks must go on matching before they convict; without it the sentence's own limit is enough. */
  readonly lasts?: (patient: Patient) => DurationMs;
}

/** The sentence about a heartbeat that is there. */
export function beat({ silentMs, beat: memory, limit }: Patient): string {
  const offset = memory?.offsetMs ?? 0;
  const clock =
    offset === 0 ? '' : `, its clock taken ${ago(Math.abs(offset))} ${offset > 0 ? 'behind' : 'ahead'}`;
  return `heartbeat ${((silentMs ?? 0) / SECOND_MS).toFixed(1)} s old${clock}, limit ${formatDuration(limit.limitMs)}`;
}

export const ago = (ms: number): string => formatDuration(Math.max(0, ms));
