import { countsAsSick, isRemovable, type RemovableCause, rowOfCause, type Verdict } from './cause.ts';
import { type GuardFacts, type Hold, type HoldCode, holdsOf } from './guards.ts';
import { isLiving, type Patient } from './patient.ts';
import type { RemovalAnswer } from './pod.ts';
import type { TargetState } from './state.ts';
import { isComplete } from './streak.ts';
import type { ComponentName } from './target.ts';
import { MINUTE_MS } from './time.ts';

export interface Judged {
  readonly patient: Patient;
  readonly verdict: Verdict;
}

/** One living pod is sick in the eyes of the fleet. */
export function isAnySick(judged: readonly Judged[]): boolean {
  return judged.some(
    ({ patient: { pod, policy }, verdict }) => isLiving(pod) && countsAsSick(verdict, policy),
  );
}

/** A pod that may be removed now, if no guard holds it. */
export interface Candidate extends Judged {
  readonly cause: RemovableCause;
}

/** The pod a decision is about. */
export interface Subject {
  readonly component: ComponentName;
  readonly pod: string;
  readonly uid: string;
  readonly cause: RemovableCause;
}

export type HoldDecision = {
  readonly kind: 'hold';
  readonly code: HoldCode;
  readonly why: string;
  readonly holds: readonly Hold[];
} & Partial<Subject>;

/** Exactly one per target and tick. */
export type Decision =
  | { readonly kind: 'rest' }
  | HoldDecision
  | ({
      readonly kind: 'remove';
      readonly why: string;
      readonly answer: RemovalAnswer['kind'] | null;
    } & Subject);

const REST: Decision = { kind: 'rest' };

/**
 * The pods whose streak is complete, in the order in which they would go: a dead one before a stalled one, since it may hold the
 * locks that stall the other; among equals the oldest.
 */
export function candidatesOf(judged: readonly Judged[], state: TargetState): readonly Candidate[] {
  const complete = judged.flatMap((entry): Candidate[] => {
    const { cause } = entry.verdict;
    const { pod, policy } = entry.patient;
    if (!isRemovable(cause, policy)) return [];
    return isComplete(state.pods[pod.uid]?.streak ?? null, policy) ? [{ ...entry, cause }] : [];
  });
  const orderOf = ({ cause }: Candidate) => rowOfCause(cause).removalOrder ?? Number.POSITIVE_INFINITY;
  return complete.toSorted(
    (a, b) => orderOf(a) - orderOf(b) || a.patient.pod.createdAt - b.patient.pod.createdAt,
  );
}

export function subjectOf({ patient: { pod }, cause }: Candidate): Subject {
  return { component: pod.component, pod: pod.name, uid: pod.uid, cause };
}

/** One candidate and every guard: the first no names the hold, all of them are kept. */
export function decide(
  candidate: Candidate,
  facts: GuardFacts,
): Exclude<Decision, { readonly kind: 'rest' }> {
  const subject = subjectOf(candidate);
  const holds = holdsOf(facts);
  const [first] = holds;
  if (first !== undefined) return { kind: 'hold', code: first.code, why: first.why, holds, ...subject };
  return { kind: 'remove', why: candidate.verdict.why, answer: null, ...subject };
}

/** A hold about the target as a whole: something may be wrong, but nobody could be convicted. */
export function targetHold(code: HoldCode, why: string): HoldDecision {
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

/** A row that has been kept up for this long proves its own signal. */
const BEATEN_LEAST_SECONDS = MINUTE_MS / 1_000;

/** Whether the signal that convicts was ever seen well: in our own memory, or in the very row that now is stale. */
export function isProven(state: TargetState, { cause, patient, verdict }: Candidate): boolean {
  const { pod, heartbeat } = patient;
  const beatsSeen =
    state.pods[pod.uid]?.seenBeating === true ||
    state.proven.heartbeat[pod.component] !== undefined ||
    (heartbeat?.kind === 'answered' && (heartbeat.beatingForSeconds ?? 0) >= BEATEN_LEAST_SECONDS);
  switch (cause) {
    case 'dead':
      return verdict.rule === 'own-503-database-up' ? state.proven.own !== null : beatsSeen;
    case 'stalled':
      return state.proven.progress !== null;
    case 'not-triggering':
      return state.proven.triggers !== undefined;
    case 'not-parsing':
      return state.proven.parsing !== undefined;
    case 'unreachable':
      return state.proven.own !== null;
    case 'starving':
    case 'node-sick':
      return beatsSeen;
  }
}
