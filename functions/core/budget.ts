import type { Policy } from './policy.ts';
import { hadNoEffect, type Remediation } from './remediation.ts';
import type { DurationMs, EpochMs } from './time.ts';

/** Removals in the window that took effect or may still: what Kubernetes refused cost nothing. */
export function spentOf(remediations: readonly Remediation[], perMs: DurationMs, now: EpochMs): number {
  return remediations.filter((past) => now - past.intendedAt < perMs && !hadNoEffect(past)).length;
}

export function budgetLeft(remediations: readonly Remediation[], { budget }: Policy, now: EpochMs): number {
  return Math.max(0, budget.removals - spentOf(remediations, budget.perMs, now));
}
