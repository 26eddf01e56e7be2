import { learnAges, settleAll } from '../core/advance.ts';
import { type Decision, keyOfDecision, targetHold } from '../core/decision.ts';
import { podReport, type TargetReport } from '../core/report.ts';
import type { TargetState } from '../core/state.ts';
import type { Target } from '../core/target.ts';
import { isoOf } from '../core/time.ts';
import type { Ports } from '../ports.ts';
import { loadTarget, type Versioned } from './documents.ts';
import { type Observed, observe } from './observe.ts';
import { relook } from './relook.ts';
import { remediate } from './remediate.ts';
import { announce, decideOn, type Fleet, note, type Round, recordOutcomes, type Tick } from './round.ts';

/** One target after its first look, before anything is decided. */
export interface Begun {
  readonly target: Target;
  readonly loaded: Versioned<TargetState>;
  readonly state: TargetState;
  readonly observed: Observed;
}

/** The first look at one target. null: this tick was done before. */
export async function begin(target: Target, tick: Tick, ports: Ports): Promise<Begun | null> {
  const loaded = await loadTarget(ports.state, target.id);
  if (tick.acting && loaded.state.lastTick !== null && tick.scheduledAt <= loaded.state.lastTick) return null;
  const observed = await observe(target, loaded.state, ports, false);
  const noted = note(target, loaded.state, observed, ports.clock.now());
  const state = observed.kind === 'seen' ? learnAges(noted, observed.judged) : noted;
  return { target, loaded, state: { ...state, lastTick: tick.scheduledAt }, observed };
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
    const saved = await save(
      { ...last, judged: [], settled: [] },
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
  const { state, settled } = settleAll(last.state, target, looks, judged, ports.clock.now());
  const round: Round = { target, state, looks, judged, cluster, lookCount: last.lookCount, settled };
  const decision = await decideOn(round, fleet, tick, ports);
  if (decision.kind === 'remove') {
    const done = await remediate(round, decision, { fleet, tick, version: loaded.version }, ports);
    return conclusion(target, tick, ports, { ...round, ...done.round }, done.decision);
  }
  const saved = await save(round, decision, fleet, tick, ports, loaded.version);
  return conclusion(target, tick, ports, { ...round, state: saved.state }, saved.decision);
}

async function save(
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
  if ((await ports.state.save(round.target.id, state, version)) === 'conflict') {
    return {
      state,
      decision: targetHold('lost-race', 'another run saved this target first; this one did nothing'),
    };
  }
  await recordOutcomes(round, now, ports);
  // A hold that lasts is one entry, not one a minute.
  if (state.decided !== round.state.decided || state.incident?.id !== round.state.incident?.id) {
    const body = {
      tick: isoOf(tick.scheduledAt),
      decision,
      incident: state.incident?.id ?? round.state.incident?.id ?? null,
    };
    await ports.state.append({
      target: round.target.id,
      at: now,
      kind: 'tick',
      body: {
        ...body,
        pods: round.judged.map(({ verdict, patient }) => ({ pod: patient.pod.name, ...verdict })),
      },
    });
  }
  return { state, decision };
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
  return { report, hasAlerts: round.state.outbox.length > 0 };
}
