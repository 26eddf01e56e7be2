import { isRemovable, type RemovableCause, type Verdict } from './cause.ts';
import { type GuardFacts, type Hold, type HoldCode, holdsOf } from './guards.ts';
import type { Patient } from './patient.ts';
import type { RemovalAnswer } from './pod.ts';
import type { TargetState } from './state.ts';
import { isComplete } from './streak.ts';
import type { ComponentName } from './target.ts';

export interface Judged {
  readonly patient: Patient;
  readonly verdict: Verdict;
}

/** The pod a decision is about. */
export interface Subject {
  readonly component: ComponentName;
  readonly pod: string;
  readonly uid: string;
  readonly cause: RemovableCause;
}

/** Exactly one per target and tick. */
export type Decision =
  | { readonly kind: 'rest' }
  | ({
      readonly kind: 'hold';
      readonly code: HoldCode;
      readonly why: string;
      readonly holds: readonly Hold[];
    } & Partial<Subject>)
  | ({
      readonly kind: 'remove';
      readonly why: string;
      readonly answer: RemovalAnswer['kind'] | null;
    } & Subject);

export const REST: Decision = { kind: 'rest' };

const ORDER: readonly RemovableCause[] = ['dead', 'unreachable', 'stalled', 'starving'];

/**
 * The one pod that may be removed now, if any: its streak is complete. A dead one goes before a stalled one, since it may
 * hold the locks that stall the other; among equals the oldest goes first.
 */
export function candidateOf(
  judged: readonly Judged[],
  state: TargetState,
): (Judged & { readonly cause: RemovableCause }) | null {
  const complete = judged.flatMap((entry) => {
    const { cause } = entry.verdict;
    const { pod, policy } = entry.patient;
    if (!isRemovable(cause, policy.starving)) return [];
    return isComplete(state.pods[pod.uid]?.streak ?? null, policy) ? [{ ...entry, cause }] : [];
  });
  complete.sort(
    (a, b) =>
      ORDER.indexOf(a.cause) - ORDER.indexOf(b.cause) || a.patient.pod.createdAt - b.patient.pod.createdAt,
  );
  return complete[0] ?? null;
}

export function subjectOf(candidate: Judged & { readonly cause: RemovableCause }): Subject {
  const { pod } = candidate.patient;
  return { component: pod.component, pod: pod.name, uid: pod.uid, cause: candidate.cause };
}

/** Asks every guard; the first no names the hold, all of them are kept. */
export function decide(subject: Subject, why: string, facts: GuardFacts): Decision {
  const holds = holdsOf(facts);
  const first = holds[0];
  if (first !== undefined) return { kind: 'hold', code: first.code, why: first.why, holds, ...subject };
  return { kind: 'remove', why, answer: null, ...subject };
}

/** A hold about the target as a whole: something may be wrong, but nobody could be convicted. */
export function targetHold(code: HoldCode, why: string): Decision {
  return { kind: 'hold', code, why, holds: [{ code, why }] };
}

/** Equal for decisions that say the same; a new key is worth an entry in the ledger. */
export function keyOfDecision(decision: Decision): string {
  switch (decision.kind) {
    case 'rest':
      return 'rest';
    case 'hold':
      return `hold ${decision.code} ${decision.uid ?? ''}`;
    case 'remove':
      return `remove ${decision.uid}`;
  }
}

/** The decision when no pod is up for removal. */
export function decideWithoutCandidate(judged: readonly Judged[]): Decision {
  const sick = judged.find(({ verdict }) => verdict.cause === 'database-down');
  if (sick !== undefined) {
    const code = sick.verdict.rule === 'database-recovering' ? 'database-recovering' : 'database-down';
    return targetHold(code, sick.verdict.why);
  }
  const blind = judged.find(({ verdict }) => verdict.cause === 'blind');
  return blind === undefined ? REST : targetHold('blind', blind.verdict.why);
}

/** Whether the signal that convicts was ever seen well: in our own memory, or in the very row that now is stale. */
export function isProven(
  state: TargetState,
  candidate: Judged & { readonly cause: RemovableCause },
): boolean {
  const { pod, heartbeat } = candidate.patient;
  const beatsSeen =
    state.pods[pod.uid]?.seenBeating === true ||
    state.proven.heartbeat[pod.component] !== undefined ||
    (heartbeat?.kind === 'answered' && (heartbeat.beatingForSeconds ?? 0) >= 60);
  switch (candidate.cause) {
    case 'dead':
      return candidate.verdict.rule === 'own-503-database-up' ? state.proven.http !== null : beatsSeen;
    case 'stalled':
      return state.proven.progress !== null;
    case 'unreachable':
      return state.proven.http?.from === 'scheduler';
    case 'starving':
      return beatsSeen;
  }
}
