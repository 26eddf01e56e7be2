import type { Approval, AwaitingPod } from './approval.ts';
import { isWell } from './cause.ts';
import type { HoldDecision, Judged } from './decision.ts';
import { isLiving } from './patient.ts';
import { LIMITS } from './policy.ts';
import { type Remediation, tookEffect } from './remediation.ts';
import type { EpochMs } from './time.ts';

/** The pods that only a person's word keeps, as a step leaves them. */
export function awaitingOf(held: readonly HoldDecision[]): readonly AwaitingPod[] {
  return held.flatMap(({ code, uid, pod, cause }) =>
    code === 'awaiting-approval' && uid !== undefined && pod !== undefined && cause !== undefined
      ? [{ uid, pod, cause }]
      : [],
  );
}

/** An approval ends with its time, with its pod, and with the sickness it was given for. */
export function keptApproval(
  approval: Approval | null,
  judged: readonly Judged[],
  now: EpochMs,
): Approval | null {
  if (approval === null || approval.until <= now) return null;
  // By a clock that is far ahead: it must not lie in wait until that moment comes.
  if (approval.until - now > LIMITS.approvalMs + LIMITS.lateTickMs) return null;
  const entry = judged.find(({ patient }) => patient.pod.uid === approval.uid);
  return entry !== undefined && isLiving(entry.patient.pod) && !isWell(entry.verdict.cause) ? approval : null;
}

/** Removals without those that came to nothing and wait for a person anew: of these only the waiting is to be told. */
export function withoutWaiting(
  remediations: readonly Remediation[],
  held: readonly HoldDecision[],
): readonly Remediation[] {
  const waits = new Set(awaitingOf(held).map(({ uid }) => uid));
  return remediations.filter((past) => !waits.has(past.uid) || tookEffect(past));
}
