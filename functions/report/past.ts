import type { ConditionKind } from '../core/condition.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { Severity } from '../core/notification.ts';
import type { DurationMs, EpochMs } from '../core/time.ts';
import { beganAt, lastAliveOf } from './moments.ts';

/** One incident of the last days, in a line. */
export interface PastIncident {
  readonly id: string;
  readonly target: string;
  readonly headline: string;
  /** null: an entry of an earlier version did not say. */
  readonly cause: ConditionKind | null;
  readonly severity: Severity;
  readonly since: EpochMs;
  readonly endedAt: EpochMs | null;
  readonly lastedMs: DurationMs;
}

export function pastIncidents(entries: readonly LedgerEntry[], now: EpochMs): readonly PastIncident[] {
  const told = entries.filter((entry) => entry.kind === 'told');
  const stories = Map.groupBy(told, ({ body }) => body.incident);
  return [...stories].flatMap(([id, story]): readonly PastIncident[] => {
    const said = story.filter(({ body }) => body.step !== 'resolved');
    const worst =
      said.findLast(({ body }) => body.severity === 'critical') ??
      said.findLast(({ body }) => body.severity === 'warning') ??
      said[0];
    if (worst === undefined) return [];
    const since = beganAt(story) ?? worst.at;
    const endedAt = story.find(({ body }) => body.step === 'resolved')?.at ?? null;
    const { title, severity, about } = worst.body;
    const lastedMs = Math.max(0, (endedAt ?? now) - since);
    return [
      {
        id,
        target: worst.target,
        headline: endedAt === null ? title : title.replace(/, waiting for proof$/, ''),
        cause: about?.cause ?? null,
        severity,
        since,
        endedAt,
        lastedMs,
      },
    ];
  });
}

/** How long it takes to find and to mend, by cause. */
export interface CauseFigures {
  readonly cause: ConditionKind;
  readonly incidents: number;
  readonly removals: number;
  /** Mean time from the last sign of life to the intent, and from there to the proof; null where nothing was removed, or proved. */
  readonly detectMs: DurationMs | null;
  readonly repairMs: DurationMs | null;
  /** Mean length of those that are over, however they ended. */
  readonly lastedMs: DurationMs | null;
}

export function causesOf(
  incidents: readonly PastIncident[],
  entries: readonly LedgerEntry[],
): readonly CauseFigures[] {
  const intents = entries.filter((entry) => entry.kind === 'intent');
  const outcomes = entries.filter((entry) => entry.kind === 'outcome');
  const causes = new Set([
    ...incidents.flatMap(({ cause }) => cause ?? []),
    ...intents.map(({ body }) => body.cause),
  ]);
  return [...causes].map((cause): CauseFigures => {
    const ofCause = incidents.filter((one) => one.cause === cause);
    const meant = intents.filter(({ body }) => body.cause === cause && body.evidence !== null);
    const proved = outcomes.filter(({ body }) => body.cause === cause && body.outcome.kind === 'recovered');
    return {
      cause,
      incidents: ofCause.length,
      removals: proved.length,
      detectMs: mean(
        meant.flatMap((intent) => {
          const aliveAt = lastAliveOf(intent);
          return aliveAt === null ? [] : [intent.at - aliveAt];
        }),
      ),
      repairMs: mean(proved.map(({ body }) => body.outcome.at - body.intendedAt)),
      lastedMs: mean(ofCause.filter(({ endedAt }) => endedAt !== null).map((one) => one.lastedMs)),
    };
  });
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
