import { learnAges, settleAll, settleUnseen } from '../core/advance.ts';
import { isWell } from '../core/cause.ts';
import { type Decision, type Judged, targetHold } from '../core/decision.ts';
import { LIMITS } from '../core/policy.ts';
import { podReport, type TargetReport } from '../core/report.ts';
import type { TargetState } from '../core/state.ts';
import type { Target } from '../core/target.ts';
import { type DurationMs, type EpochMs, isoOf } from '../core/time.ts';
import type { Ports } from '../ports.ts';
import { loadTarget, type Versioned } from './documents.ts';
import { type Observed, observe } from './observe.ts';
import { relook } from './relook.ts';
import { remediate } from './remediate.ts';
import { decideOn, type Fleet, note, type Round, saveRound, type Tick } from './round.ts';

/** One target after its first look, before anything is decided. */
export interface Begun {
  readonly target: Target;
  readonly loaded: Versioned<TargetState>;
  readonly state: TargetState;
  readonly observed: Observed;
  /** How long the first look took. */
  readonly lookMs: DurationMs;
}

/** The first look at one target. null: this tick was done before. */
export async function begin(target: Target, tick: Tick, ports: Ports): Promise<Begun | null> {
  const loaded = await loadTarget(ports.state, target.id);
  const beganAt = ports.clock.now();
  if (tick.acting && wasDone(loaded.state.lastTick, tick, beganAt)) return null;
  const observed = await observe(target, loaded.state, ports, false);
  const now = ports.clock.now();
  const state = { ...note(target, loaded.state, observed, now), lastTick: tick.scheduledAt };
  return { target, loaded, state, observed, lookMs: now - beganAt };
}

/** A tick from the future was a wrong clock or a made-up event; believing it would end all looking without a word. */
function wasDone(lastTick: EpochMs | null, tick: Tick, now: EpochMs): boolean {
  return lastTick !== null && tick.scheduledAt <= lastTick && lastTick <= now + LIMITS.lateTickMs;
}

export interface Concluded {
  readonly report: TargetReport;
  /** Something waits in the target's outbox. */
  readonly hasAlerts: boolean;
}

/** Looks again while it may help, decides, and does what was decided. */
export async function conclude(begun: Begun, fleet: Fleet, tick: Tick, ports: Ports): Promise<Concluded> {
  const { target, loaded } = begun;
  const last = await relook(begun, tick, ports);
  const { observed } = last;
  if (observed.kind === 'blind') {
    const decision = targetHold('blind', observed.why);
    const unseen = settleUnseen(last.state, target, observed.why, ports.clock.now());
    const saved = await saveRound(
      { ...last, ...unseen, judged: [] },
      decision,
      fleet,
      tick,
      ports,
      loaded.version,
    );
    const round = { ...last, state: saved.state, judged: [] };
    return conclusion(target, tick, ports, round, saved.decision, observed.why);
  }
  const { looks, judged, cluster } = observed;
  const learned = learnAges(last.state, calmAtFirst(begun.observed, judged));
  const { state, settled } = settleAll(learned, target, looks, judged, ports.clock.now());
  const round: Round = { target, state, looks, judged, cluster, lookCount: last.lookCount, settled };
  const decision = await decideOn(round, fleet, tick, ports);
  if (decision.kind === 'remove') {
    const done = await remediate(round, decision, { fleet, tick, version: loaded.version }, ports);
    return conclusion(target, tick, ports, { ...round, ...done.round }, done.decision);
  }
  const saved = await saveRound(round, decision, fleet, tick, ports, loaded.version);
  return conclusion(target, tick, ports, { ...round, state: saved.state }, saved.decision);
}

/** Ages of the first look teach what is normal, but not those of a pod that by the last look has turned out sick. */
function calmAtFirst(first: Observed, last: readonly Judged[]): readonly Judged[] {
  if (first.kind === 'blind') return [];
  const well = new Set(last.filter((one) => isWell(one.verdict.cause)).map((one) => one.patient.pod.uid));
  return first.judged.filter((one) => well.has(one.patient.pod.uid));
}

function conclusion(
  target: Target,
  tick: Tick,
  ports: Ports,
  round: Pick<Round, 'state' | 'judged' | 'lookCount'>,
  decision: Decision,
  blind?: string,
): Concluded {
  const report: TargetReport = {
    target: target.id,
    tick: isoOf(tick.scheduledAt),
    lookedForMs: ports.clock.now() - tick.startedAt,
    looks: round.lookCount,
    pods: round.judged.map((entry) =>
      podReport(entry, round.state.pods[entry.patient.pod.uid]?.streak?.count ?? 0),
    ),
    decision,
    incident: round.state.incident?.id ?? null,
    ...(blind === undefined ? {} : { blind }),
  };
  // Who lost the race leaves the alerts to the winner, or both would send them.
  const lost = decision.kind === 'hold' && decision.code === 'lost-race';
  return { report, hasAlerts: !lost && round.state.outbox.length > 0 };
}
