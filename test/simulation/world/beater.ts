import type { DurationMs, EpochMs } from '../../../functions/core/time.ts';

/** Something done again and again (a heartbeat, a decision), told from arithmetic and not from an event for each. */
export interface Beater {
  periodMs: DurationMs;
  /** From here on it is done every period. */
  goesOnAt: EpochMs;
  /** The last time before that, and the one before; -Infinity: never. */
  lastAt: EpochMs;
  secondLastAt: EpochMs;
  stopped: boolean;
}

export function beaterFrom(goesOnAt: EpochMs, periodMs: DurationMs): Beater {
  return { periodMs, goesOnAt, lastAt: -Infinity, secondLastAt: -Infinity, stopped: false };
}

/** When it was done last, by this moment. */
export function lastOf(beater: Beater, at: EpochMs): EpochMs {
  if (beater.stopped) return Math.min(beater.lastAt, at);
  if (at < beater.goesOnAt) return beater.lastAt;
  return beater.goesOnAt + Math.floor((at - beater.goesOnAt) / beater.periodMs) * beater.periodMs;
}

/** The time before the last: what Airflow 3 has written by then. The first beat writes itself. */
export function secondLastOf(beater: Beater, at: EpochMs): EpochMs {
  if (beater.stopped) return beater.secondLastAt;
  if (at < beater.goesOnAt) return beater.secondLastAt;
  const count = Math.floor((at - beater.goesOnAt) / beater.periodMs);
  if (count > 0) return beater.goesOnAt + (count - 1) * beater.periodMs;
  return beater.lastAt === -Infinity ? beater.goesOnAt : beater.lastAt;
}

export function stop(beater: Beater, at: EpochMs): void {
  if (beater.stopped) return;
  const [last, secondLast] = [lastOf(beater, at), secondLastOf(beater, at)];
  beater.lastAt = last;
  beater.secondLastAt = secondLast;
  beater.stopped = true;
}

export function goOn(beater: Beater, at: EpochMs): void {
  if (!beater.stopped) return;
  beater.stopped = false;
  beater.goesOnAt = at;
}

/** The rhythm changes; the next beat comes one new period after the last. */
export function setPeriod(beater: Beater, at: EpochMs, periodMs: DurationMs): void {
  const wasStopped = beater.stopped;
  const pending = !wasStopped && at < beater.goesOnAt;
  if (!wasStopped && !pending) {
    stop(beater, at);
    beater.stopped = false;
    beater.goesOnAt = Math.max(at, beater.lastAt + periodMs);
  }
  beater.periodMs = periodMs;
}

/** How wrong the clock was that the last beat was written by. */
export function beatSkewOf(pod: {
  readonly beat: Beater;
  readonly stopSkewMs: DurationMs;
  readonly node: { readonly skewMs: DurationMs };
}): DurationMs {
  return pod.beat.stopped ? pod.stopSkewMs : pod.node.skewMs;
}
