/** Named states of one pod, in the words of docs/diagnosis.md. */
export const CAUSES = [
  'healthy',
  'idle',
  'starting',
  'rolling-out',
  'dead',
  'stalled',
  'unreachable',
  'starving',
  'database-down',
  'blind',
  'contradictory',
] as const;
export type Cause = (typeof CAUSES)[number];

/** Causes that may cost a pod, each after its own limit. `starving` only where the policy asks for it. */
export const REMOVABLE = ['dead', 'stalled', 'unreachable', 'starving'] as const;
export type RemovableCause = (typeof REMOVABLE)[number];

export function isRemovable(cause: Cause, starving: 'alert' | 'remove' = 'alert'): cause is RemovableCause {
  if (cause === 'starving') return starving === 'remove';
  return cause === 'dead' || cause === 'stalled' || cause === 'unreachable';
}

/** What we do not know for sure: it neither adds to a streak nor clears it. */
export function isUnknown(cause: Cause): boolean {
  return cause === 'blind' || cause === 'database-down' || cause === 'contradictory';
}

/** The pod works, as far as all witnesses say. */
export function isWell(cause: Cause): boolean {
  return cause === 'healthy' || cause === 'idle';
}

export interface Verdict {
  readonly cause: Cause;
  /** One sentence with the numbers that decided. */
  readonly why: string;
  /** The row of the decision table that matched. */
  readonly rule: string;
}
