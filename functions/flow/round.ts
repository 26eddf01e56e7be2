import { noteBlind, noteLook, type Settled } from '../core/advance.ts';
import {
  candidateOf,
  type Decision,
  decide,
  decideWithoutCandidate,
  isProven,
  type Judged,
  keyOfDecision,
  subjectOf,
  targetHold,
} from '../core/decision.ts';
import type { GuardFacts } from '../core/guards.ts';
import { isClear, recoverySummary, situationOf, tell } from '../core/incident.ts';
import { enqueue } from '../core/outbox.ts';
import type { TargetLooks } from '../core/patient.ts';
import { LIMITS } from '../core/policy.ts';
import { matchesSelector } from '../core/selector.ts';
import type { TargetState } from '../core/state.ts';
import type { Target } from '../core/target.ts';
import { type EpochMs, isoOf } from '../core/time.ts';
import type { Cluster, Ports } from '../ports.ts';
import type { Observed } from './observe.ts';

/** What all targets of one tick share. */
export interface Tick {
  /** The moment the schedule meant; it names the tick. */
  readonly scheduledAt: EpochMs;
  readonly startedAt: EpochMs;
  readonly deadlineAt: EpochMs;
  /** false: nothing is removed, saved or sent. */
  readonly acting: boolean;
  /** Channel names per target. */
  readonly channelsOf: (target: Target) => readonly string[];
}

export interface Fleet {
  readonly sick: number;
  readonly targets: number;
  readonly stormUntil: EpochMs | null;
  /** A storm is on: one alert about the fleet stands for all. */
  readonly storm: boolean;
}

/** One target with its newest looks. */
export interface Round {
  readonly target: Target;
  readonly state: TargetState;
  readonly looks: TargetLooks;
  readonly judged: readonly Judged[];
  readonly cluster: Cluster;
  readonly lookCount: number;
  readonly settled: readonly Settled[];
}

/** Remembers what was observed. */
export function note(target: Target, state: TargetState, observed: Observed, now: EpochMs): TargetState {
  if (observed.kind === 'blind') return noteBlind(state, observed.why, now);
  return noteLook(state, target, observed.looks, observed.judged, now);
}

/** The one decision of this round. */
export async function decideOn(round: Round, fleet: Fleet, tick: Tick, ports: Ports): Promise<Decision> {
  const candidate = candidateOf(round.judged, round.state);
  if (candidate === null) return decideWithoutCandidate(round.judged);
  const { patient, verdict } = candidate;
  const { pod, policy, heartbeat } = patient;
  const workload = round.looks.workloads[pod.uid];
  const jobId = heartbeat?.kind === 'answered' ? heartbeat.jobId : null;
  const protectsTasks = policy.tasksRunning === 'hold' && jobId !== null && round.target.database !== null;
  const tasks = protectsTasks
    ? await ports.database.blastRadius(round.target, jobId, { deadlineMs: LIMITS.probeDeadlineMs })
    : null;
  const component = round.target.components.find((one) => one.name === pod.component);
  const facts: GuardFacts = {
    now: ports.clock.now(),
    policy,
    cause: candidate.cause,
    acting: tick.acting,
    pause: round.state.pause,
    causes: round.judged
      .filter(
        (other) => other.patient.pod.component === pod.component || other.verdict.cause === 'database-down',
      )
      .map((other) => other.verdict.cause),
    databaseRecovering: patient.database.kind === 'recovering' ? patient.database.why : null,
    fleet,
    workload: workload?.kind === 'answered' ? workload : null,
    pod,
    labelsMatch: component === undefined ? null : matchesSelector(component.selector, pod.labels),
    startedMsAgo: patient.ageMs,
    remediations: round.state.remediations,
    tasksRunning: tasks?.kind === 'answered' ? tasks.running : null,
    tickLateMs: tick.startedAt - tick.scheduledAt,
    proven: isProven(round.state, candidate),
  };
  return decide(subjectOf(candidate), verdict.why, facts);
}

/** Brings the incident up to date and puts what is to be told into the outbox. */
export function announce(
  round: Pick<Round, 'target' | 'state' | 'judged'>,
  decision: Decision,
  fleet: Fleet,
  tick: Tick,
  now: EpochMs,
): TargetState {
  const { target, state, judged } = round;
  const clear = isClear(state, judged);
  const situation = clear ? null : situationOf(target.id, state, decision, now);
  const summary = state.incident === null ? '' : recoverySummary(state.incident, state.remediations, now);
  const { state: told, notification } = tell(state, {
    target: target.id,
    situation,
    clear,
    quiet: fleet.storm,
    scheduledAt: tick.scheduledAt,
    now,
    summary,
  });
  if (notification === null) return told;
  return { ...told, outbox: enqueue(told.outbox, notification, tick.channelsOf(target), now) };
}

export function lostRace(): Decision {
  return targetHold('lost-race', 'another run saved this target first; this one did nothing');
}

/** Saves what was seen and decided without a removal; a new decision and a new incident leave an entry in the ledger. */
export async function saveRound(
  round: Pick<Round, 'target' | 'state' | 'judged' | 'settled'>,
  decision: Decision,
  fleet: Fleet,
  tick: Tick,
  ports: Ports,
  version: number,
): Promise<{ readonly state: TargetState; readonly decision: Decision }> {
  const now = ports.clock.now();
  const state = { ...announce(round, decision, fleet, tick, now), decided: keyOfDecision(decision) };
  if (!tick.acting) return { state, decision };
  if ((await ports.state.save(round.target.id, state, version)) === 'conflict')
    return { state: round.state, decision: lostRace() };
  await recordOutcomes(round, now, ports);
  // A hold that lasts is one entry, not one a minute.
  if (state.decided === round.state.decided && state.incident?.id === round.state.incident?.id)
    return { state, decision };
  const pods = round.judged.map(({ verdict, patient }) => ({ pod: patient.pod.name, ...verdict }));
  const incident = state.incident?.id ?? round.state.incident?.id ?? null;
  const isOver = round.state.incident !== null && state.incident === null;
  const body = { tick: isoOf(tick.scheduledAt), decision, incident, isOver, pods };
  await ports.state.append({ target: round.target.id, at: now, kind: 'tick', body });
  return { state, decision };
}

/** Outcomes go into the ledger once the state that holds them is saved. */
export async function recordOutcomes(
  round: Pick<Round, 'target' | 'settled'>,
  now: EpochMs,
  ports: Ports,
): Promise<void> {
  for (const { remediation, outcome } of round.settled) {
    const { pod, uid, cause, intendedAt, answer } = remediation;
    const body = { pod, uid, cause, intendedAt, answer, outcome };
    await ports.state.append({ target: round.target.id, at: now, kind: 'outcome', body });
  }
}
