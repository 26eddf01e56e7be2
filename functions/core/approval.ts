import type { RemovableCause } from './cause.ts';
import { LIMITS } from './policy.ts';
import { type EpochMs, isoOf } from './time.ts';

/** A person's yes to the removal of exactly one pod; the intent spends it. */
export interface Approval {
  readonly uid: string;
  readonly by: string;
  readonly at: EpochMs;
  readonly until: EpochMs;
}

/** A pod that every guard lets go but the one that asks a person. */
export interface AwaitingPod {
  readonly uid: string;
  readonly pod: string;
  readonly cause: RemovableCause;
}

export function approvalOf(uid: string, by: string, now: EpochMs): Approval {
  return { uid, by, at: now, until: now + LIMITS.approvalMs };
}

/** Why this pod still waits; null when a person has let exactly it go, and not too long ago. */
export function whyNotApproved(approval: Approval | null, uid: string, now: EpochMs): string | null {
  const asks = 'mode is ask, so a person has to approve it';
  if (approval === null || approval.uid !== uid) return asks;
  const leftMs = approval.until - now;
  if (leftMs <= 0)
    return `${asks}; the approval by ${approval.by} was good until ${isoOf(approval.until)} only`;
  // By whichever clock it was given: nothing is approved for longer than an approval lasts.
  if (leftMs > LIMITS.approvalMs)
    return `${asks}; the approval by ${approval.by} is dated ${isoOf(approval.at)}, which is yet to come`;
  return null;
}
