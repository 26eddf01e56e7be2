import type { Cause } from './cause.ts';
import { COMPONENT_TABLE } from './component.ts';
import { beat } from './diagnosis-row.ts';
import type { Waiting } from './locks.ts';
import { nodeText } from './node.ts';
import { isFresh, isStale, type Patient } from './patient.ts';
import { LIMITS } from './policy.ts';
import { SECOND_MS } from './time.ts';

/** Its component did its work long after any of them has beaten. */
export function workedSince(patient: Patient, idleCause: Cause, explained: string): string | null {
  const { motion, pod, newestBeatMs } = patient;
  if (!isStale(patient) || motion?.kind !== 'moving') return null;
  if (COMPONENT_TABLE[pod.component].idleCause !== idleCause) return null;
  const decidedAgo = motion.decidedAgoSeconds;
  if (decidedAgo === null || newestBeatMs === null) return null;
  if (decidedAgo * SECOND_MS > newestBeatMs - LIMITS.decidedAfterBeatMs) return null;
  return `${beat(patient)}, but ${motion.why}: ${explained}`;
}

/** By whatever witness it has. */
export function silentOnSickNode(patient: Patient): string | null {
  const { node, pod, heartbeat, own } = patient;
  if (node === null || node.isReady) return null;
  if (isStale(patient)) return `${beat(patient)}; its node ${pod.node} is ${nodeText(node)}`;
  return heartbeat === null && own?.kind === 'unreachable'
    ? `its own health server: ${own.detail}; its node ${pod.node} is ${nodeText(node)}`
    : null;
}

/** It beats and does nothing about its work, and the database is not what keeps it from that. */
export function standsStill(patient: Patient, cause: Cause): string | null {
  const { motion, database, pod } = patient;
  if (COMPONENT_TABLE[pod.component].idleCause !== cause) return null;
  if (!isIdleWithWork(patient) || motion?.kind !== 'waiting') return null;
  if (database.kind === 'recovering' || database.kind === 'locked') return null;
  return `${beat(patient)}; ${motion.why}`;
}

/** It beats and does nothing about the work that waits. */
function isIdleWithWork({ pod, motion, ageMs, policy, stalePeer, silentMs, limit }: Patient): boolean {
  if (!isFresh({ silentMs, limit }) || motion?.kind !== 'waiting') return false;
  // A young scheduler has not had the time; behind a stale peer's locks a living one can do nothing.
  const workLimitMs = COMPONENT_TABLE[pod.component].workLimitMs(policy);
  return ageMs > Math.max(policy.startupGraceMs, workLimitMs) && !stalePeer;
}

/** The lock that excuses what would be held against it; what nothing is held against needs no excuse. */
export function lockOf(patient: Patient, kind: Waiting['kind']): string | null {
  const isIdle = isIdleWithWork(patient);
  if (!isIdle && !isStale(patient)) return null;
  if (patient.waiting?.kind === kind) return patient.waiting.why;
  return isIdle && patient.skipping?.kind === kind ? patient.skipping.why : null;
}
