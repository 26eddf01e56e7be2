import { COMPONENT_TABLE } from './component.ts';
import { beat, type DiagnosisRow } from './diagnosis-row.ts';
import { isFresh, type Patient } from './patient.ts';
import type { Standstill } from './standstill.ts';
import { MINUTE_MS } from './time.ts';

/** One of several schedulers stands still by itself. More than one tick has to say so. */
export const STANDSTILL_ROWS: readonly DiagnosisRow[] = [
  {
    id: 'starts-nothing',
    cause: 'stalled',
    seen: 'heartbeat fresh, but what it queues is not started, while the very same tasks run that a peer queued later',
    lasts: () => MINUTE_MS,
    match: (patient) => standstill(patient, 'starts-nothing'),
  },
  {
    id: 'queues-nothing',
    cause: 'stalled',
    seen: 'heartbeat fresh and nothing in hand, but look after look its peers take the work that waits and it takes none: its executor has no slots left',
    lasts: () => MINUTE_MS,
    match: (patient) => standstill(patient, 'queues-nothing'),
  },
];

function standstill(patient: Patient, kind: Standstill['kind']): string | null {
  const { standstill: found, policy, ageMs, database, stalePeer, waiting, skipping, pod } = patient;
  if (found?.kind !== kind || !COMPONENT_TABLE[pod.component].queuesTasks || !isFresh(patient)) return null;
  if (ageMs <= Math.max(policy.startupGraceMs, policy.stallLimitMs) || stalePeer) return null;
  // Whoever holds locks that schedulers need, be it for a moment: a peer may have what this one passes by.
  if (database.kind !== 'up' || waiting !== null || skipping !== null) return null;
  return `${beat(patient)}; ${found.why}`;
}
