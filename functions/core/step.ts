import { awaitingOf, keptApproval } from './awaiting.ts';
import { isWell } from './cause.ts';
import { type ComponentHealth, componentHealth } from './component-health.ts';
import { podSubject } from './condition.ts';
import {
  type Candidate,
  candidatesOf,
  type Decision,
  decide,
  decideWithoutCandidate,
  type HoldDecision,
  type Judged,
  keyOfDecision,
  subjectOf,
  targetHold,
} from './decision.ts';
import { judge } from './diagnosis.ts';
import { blindFinding, findingsOf, type Seen } from './findings.ts';
import { isMuted } from './fleet.ts';
import { guardFacts, type StepFacts } from './guard-facts.ts';
import { askGuards, type GuardAnswer } from './guards.ts';
import type { Tell } from './incident.ts';
import { addAnswer, addIntent, originsOf } from './intent.ts';
import { detailsOf } from './message.ts';
import { isLiving, patientsOf, type TargetLooks } from './patient.ts';
import type { RemovalAnswer } from './pod.ts';
import { type LookedAt, rememberBlindness, rememberLooks } from './remember.ts';
import { type Settled, settleAll, settleUnseen } from './settle.ts';
import type { TargetState } from './state.ts';
import { recoverySummary } from './summary.ts';
import type { Target } from './target.ts';
import { tellThrough } from './tell-through.ts';
import type { EpochMs } from './time.ts';

/** What one round of probes came to; `blind` when the pods could not be read. */
export type Looks = TargetLooks | { readonly blind: string };

/** One target after a round of looks. */
export interface Looked {
  readonly target: Target;
  /** null: nothing could be seen, and `blind` says why. */
  readonly looks: TargetLooks | null;
  readonly blind: string | null;
  readonly judged: readonly Judged[];
  readonly state: TargetState;
}

/** Judges one round of looks and remembers it. */
export function look(target: Target, state: TargetState, looks: Looks, at: LookedAt): Looked {
  if ('blind' in looks) {
    const blind = rememberBlindness(state, at.now);
    return { target, looks: null, blind: looks.blind, judged: [], state: blind };
  }
  const judged = judgeLooks(target, looks, state, at.now);
  const remembered = rememberLooks(state, target, looks, judged, at);
  return {
    target,
    looks,
    blind: looks.pods.some(isLiving) ? null : noPods(target),
    judged,
    state: remembered,
  };
}

export function judgeLooks(
  target: Target,
  looks: TargetLooks,
  state: TargetState,
  now: EpochMs,
): readonly Judged[] {
  return patientsOf(target, looks, state, now).map((patient) => ({ patient, verdict: judge(patient) }));
}

function noPods({ namespace, components }: Target): string {
  const selectors = components.map(({ selector }) => `"${selector}"`).join(', ');
  return `no living pod in namespace "${namespace}" matches ${selectors}`;
}

export interface Concluded {
  readonly looked: Looked;
  readonly decision: Decision;
  /** The candidate that is to be removed. */
  readonly subject: Candidate | null;
  /** As it is to be saved: for a removal with its intent. */
  readonly state: TargetState;
  readonly settled: readonly Settled[];
  /** What every guard said of the candidate that is to be removed. */
  readonly guards: readonly GuardAnswer[];
}

/** The one decision of a tick, the new state, and what is to be told. Pure, and the same whoever asks. */
export function conclude(looked: Looked, facts: StepFacts): Concluded {
  const { target, looks } = looked;
  if (looks === null) return concludeBlind(looked, looked.blind ?? 'nothing was seen', facts);
  const { state, settled } = settleAll(looked.state, target, looks, looked.judged, facts.now);
  const asked = candidatesOf(looked.judged, state).map((candidate) => {
    const known = guardFacts(candidate, { ...looked, state, looks }, facts);
    return { candidate, known, decision: decide(candidate, known) };
  });
  const passed = asked.find(({ decision }) => decision.kind === 'remove') ?? null;
  const subject = passed?.candidate ?? null;
  const held = asked.flatMap(({ decision }) => (decision.kind === 'hold' ? [decision] : []));
  const decision =
    passed?.decision ??
    held[0] ??
    (looked.blind === null ? decideWithoutCandidate(looked.judged) : targetHold('blind', looked.blind));
  const intended =
    subject === null
      ? state
      : addIntent(state, subjectOf(subject), {
          why: subject.verdict.why,
          now: facts.now,
          ...originsOf(subject, looks, looked.judged, facts.now),
        });
  // What is to be removed is told with Kubernetes' answer: one step, one message.
  // One removal at a time: whoever waits beside it is asked for anew.
  const waits = { ...intended, waiting: subject === null ? awaitingOf(held) : [] };
  const told = announce({ ...looked, state: waits }, looks, held, facts, subject !== null);
  return {
    looked,
    decision,
    subject,
    state: {
      ...told,
      decided: keyOfDecision(decision),
      approval: keptApproval(told.approval, looked.judged, facts.now),
    },
    settled,
    guards: passed === null ? [] : askGuards(passed.known),
  };
}

function concludeBlind(looked: Looked, why: string, facts: StepFacts): Concluded {
  const { target } = looked;
  const { state, settled } = settleUnseen(looked.state, target, why, facts.now);
  const decision = targetHold('blind', why);
  // What cannot be seen is neither over nor new: it stays as it was last seen.
  const frozen = state.conditions.map((condition) => ({ ...condition, seenAt: facts.now }));
  const told = tellThrough(
    { ...state, conditions: frozen.filter(({ kind }) => kind === 'blind') },
    {
      target: target.id,
      findings: [blindFinding(target, why, facts.now)],
      isOver: () => false,
      clear: false,
      muted: isMuted(facts.picture, facts.fleet, target.id, facts.now),
      scheduledAt: facts.scheduledAt,
      now: facts.now,
      slotMs: facts.slotMs,
      summary: () => '',
      details: detailsIn(target, state, null, facts),
    },
    facts.channels,
    frozen.filter(({ kind }) => kind !== 'blind'),
  );
  return {
    looked,
    decision,
    subject: null,
    state: { ...told, decided: keyOfDecision(decision), waiting: [] },
    settled,
    guards: [],
  };
}

/** The state after Kubernetes has answered; `state` is whatever is stored by then. */
export function answered(
  concluded: Concluded,
  state: TargetState,
  answer: RemovalAnswer,
  facts: StepFacts,
): TargetState {
  const { looked, subject } = concluded;
  if (looked.looks === null || subject === null) return state;
  const noted = addAnswer(state, subject.patient.pod.uid, answer, facts.now);
  return announce({ ...looked, state: noted }, looked.looks, [], facts);
}

/** Brings conditions and incident up to date and puts what is to be told into the outbox. */
function announce(
  looked: Looked,
  looks: TargetLooks,
  held: readonly HoldDecision[],
  facts: StepFacts,
  waits = false,
): TargetState {
  const { target, state, judged } = looked;
  const { now } = facts;
  const health = componentHealth(target, looks, judged, state);
  const seen: Seen = { target, state, looks, judged, health, held, now };
  const there = new Set(looks.pods.filter(isLiving).map(({ uid }) => podSubject(uid)));
  return tellThrough(
    state,
    {
      target: target.id,
      findings: findingsOf(seen),
      isOver: ({ subject }) => subject.startsWith('pod ') && !there.has(subject),
      clear: isClear(looked, health),
      muted: waits || isMuted(facts.picture, facts.fleet, target.id, now),
      scheduledAt: facts.scheduledAt,
      now,
      slotMs: facts.slotMs,
      summary: (incident) => recoverySummary(incident, state.remediations, now),
      details: detailsIn(target, state, looks, facts),
    },
    facts.channels,
  );
}

function detailsIn(
  target: Target,
  state: TargetState,
  looks: TargetLooks | null,
  facts: StepFacts,
): Tell['details'] {
  const { reportsUrl = null, now } = facts;
  return (incident, told) => detailsOf({ target, state, looks, reportsUrl, now }, incident, told);
}

/** Nothing is open any more: every component has somebody who works, nobody is sick, and every removal has its outcome. */
function isClear({ judged, state }: Looked, health: readonly ComponentHealth[]): boolean {
  const living = judged.filter(({ patient }) => isLiving(patient.pod));
  return (
    living.length > 0 &&
    health.every(({ well }) => well > 0) &&
    living.every(({ verdict }) => isWell(verdict.cause)) &&
    state.remediations.every(({ outcome }) => outcome !== null)
  );
}
