import type { Incident } from './incident.ts';
import { type Remediation, tookEffect } from './remediation.ts';
import { type EpochMs, formatDuration, isoOf } from './time.ts';

/** One sentence for the end of an incident: how long it took to detect and to repair. */
export function recoverySummary(
  incident: Incident,
  remediations: readonly Remediation[],
  now: EpochMs,
): string {
  const recovered = remediations.findLast(
    (one) => one.outcome?.kind === 'recovered' && one.intendedAt >= incident.openedAt - 1_000,
  );
  if (recovered?.outcome == null) {
    const removed = remediations.findLast((one) => one.intendedAt >= incident.since && tookEffect(one));
    const how = removed === undefined ? 'without a removal' : `some time after the removal of ${removed.pod}`;
    return `${incident.headline}. It is over ${how}, after ${formatDuration(now - incident.since)}.`;
  }
  const aliveAt = recovered.lastAliveAt ?? recovered.firstBadAt;
  return (
    `${recovered.pod} was ${recovered.cause}; last sign of life ${isoOf(aliveAt)}. ` +
    `Detected and removed after ${formatDuration(recovered.intendedAt - aliveAt)}, ` +
    `replaced and proved after another ${formatDuration(recovered.outcome.at - recovered.intendedAt)}: ${recovered.outcome.detail}.`
  );
}
