import { candidatesOf } from '../core/decision.ts';
import { storyNow, storyOfStep } from '../core/flapping.ts';
import { briefOf } from '../core/look-brief.ts';
import { memoryForecast } from '../core/memory-findings.ts';
import { LIMITS } from '../core/policy.ts';
import { recordingOf } from '../core/recording.ts';
import { podReport, type TargetReport } from '../core/report.ts';
import { inForce, type TargetState } from '../core/state.ts';
import { type Concluded, conclude, look } from '../core/step.ts';
import { nextLook, standingOf } from '../core/suspicion.ts';
import type { Target } from '../core/target.ts';
import { type EpochMs, isoOf } from '../core/time.ts';
import type { Begun } from './begun.ts';
import { blastRadiusOf, type Observed, observe } from './observe.ts';
import { remediate } from './remediate.ts';
import { saveConcluded } from './save.ts';
import { loadTarget } from './saved-state.ts';
import type { TickContext } from './tick.ts';

/** Looks of one tick that are remembered one by one: a tick has room for no more. */
const TRAIL_KEPT = 20;

/** The first look at one target. null: this tick was done before. */
export async function begin(target: Target, tick: TickContext): Promise<Begun | null> {
  const { version, state } = await loadTarget(tick.ports.state, target.id);
  if (tick.acting && wasDone(state, tick)) return null;
  const hasTime =
    tick.ports.clock.now() < tick.startedAt + (tick.deadlineAt - tick.startedAt) * LIMITS.firstLooksShare;
  const lookedAt = tick.ports.clock.now();
  const observed: Observed = hasTime
    ? await observe(target, state, tick, false)
    : { looks: { blind: 'the tick had no time left to look at it' }, cluster: null };
  const begun = {
    target,
    version,
    before: state,
    cluster: observed.cluster,
    firstLookAt: lookedAt,
    lookCount: 0,
    lookMs: 0,
    trail: [],
  };
  return after(begun, { ...state, lastTick: tick.key }, observed, { lookedAt, confirms: false }, tick);
}

/** A tick from the future was a wrong clock or a made-up event; believing it would end all looking without a word. */
function wasDone({ lastTick }: TargetState, { key, ports }: TickContext): boolean {
  return lastTick !== null && key <= lastTick && lastTick <= ports.clock.now() + LIMITS.lateTickMs;
}

/** Judges a round of looks and lets the fleet know how the target stands by it. */
function after(
  begun: Omit<Begun, 'looked' | 'next' | 'judgedFrom'>,
  state: TargetState,
  { looks, cluster }: Observed,
  { lookedAt, confirms }: { readonly lookedAt: EpochMs; readonly confirms: boolean },
  tick: TickContext,
): Begun {
  const { target, before } = begun;
  const now = tick.ports.clock.now();
  const inDoubt = tick.doubts().length > 0;
  const at = { now, slotMs: tick.slotMs, inDoubt };
  const looked = look(target, state, looks, at);
  const lookMs = Math.max(begun.lookMs, now - lookedAt);
  // Who may not remove has nothing to confirm.
  const { firstLookAt } = begun;
  const confirmed = confirms || !tick.acting;
  const lookCount = begun.lookCount + 1;
  const times = { now, deadlineAt: tick.deadlineAt, looks: lookCount, lookMs, firstLookAt, confirmed };
  const next = nextLook(looked.judged, looked.state, times);
  const { id } = target;
  // Whoever is sick when first seen has been so for nobody knows how long.
  const sickSince = before.lastTick === null ? 0 : before.sickSince;
  tick.stand(
    looked.looks === null
      ? { id, health: cluster === null ? 'unseen' : 'sick', sickSince }
      : { ...standingOf(id, looked.judged, looked.state, next), sickSince },
  );
  const trail =
    looked.looks === null
      ? begun.trail
      : [...begun.trail, briefOf(looked.judged, looked.state, looked.looks.at)].slice(-TRAIL_KEPT);
  return { ...begun, looked, cluster, lookCount, lookMs, next, trail, judgedFrom: { state, at } };
}

/** Stays awake while it helps, so that the looks a removal needs take seconds and not minutes. */
async function relook(first: Begun, tick: TickContext): Promise<Begun> {
  const { clock, progress } = tick.ports;
  let begun = first;
  while (begun.next !== 'none') {
    const { looked, target, next, lookCount } = begun;
    if (next === 'again') {
      progress({ target: target.id, text: `suspicious, looking again (look ${lookCount + 1})` });
      await tick.sleep(LIMITS.relookEveryMs);
    } else {
      progress({ target: target.id, text: 'a pod is to be removed; looking once more before that' });
    }
    const lookedAt = clock.now();
    const observed = await observe(target, looked.state, tick, true);
    begun = after(begun, looked.state, observed, { lookedAt, confirms: next === 'confirm' }, tick);
  }
  return begun;
}

export interface Finished {
  readonly report: TargetReport;
  /** Something waits in the target's outbox. */
  readonly hasAlerts: boolean;
  /** The incident of which something was told in this tick. */
  readonly changed: string | null;
}

/** Looks again while it helps, decides once, and does what was decided. */
export async function finish(first: Begun, tick: TickContext): Promise<Finished> {
  const last = await relook(first, tick);
  const tasks = await tasksRunning(last, tick);
  let facts = tick.stepFacts(last.target, tasks);
  let concluded = conclude(last.looked, facts);
  const { subject } = concluded;
  if (subject !== null && !(await tick.reserve(last.looked, subject))) {
    facts = tick.stepFacts(last.target, tasks);
    concluded = conclude(last.looked, facts);
  }
  const begun = { ...last, recording: () => recordingOf(last.judgedFrom, concluded, facts) };
  tick.settled(begun.target.id, concluded.settled, concluded.state);
  const done =
    concluded.subject !== null && begun.cluster !== null
      ? await remediate(begun, concluded, concluded.subject, begun.cluster, tick)
      : await saveConcluded(begun, concluded, tick);
  return finished(begun, done, tick);
}

/** Running tasks that would die with a candidate, where the policy asks for it; null: could not be learned. */
async function tasksRunning({ looked, target }: Begun, { ports }: TickContext) {
  if (target.database === null) return {};
  const found: Record<string, number | null> = {};
  for (const { patient, cause } of candidatesOf(looked.judged, looked.state)) {
    if (target.policy.tasksRunning === 'ignore' && cause !== 'starving') continue;
    const tasks = await blastRadiusOf(patient, target, ports.database, {
      deadlineMs: LIMITS.probeDeadlineMs,
    });
    found[patient.pod.uid] = tasks?.kind === 'answered' ? tasks.running : null;
  }
  return found;
}

function pauseOf({ pause }: TargetState, now: EpochMs): TargetReport['pause'] {
  const held = inForce(pause, now);
  return held === null ? null : { by: held.by, reason: held.reason, until: isoOf(held.until) };
}

function finished(
  { target, looked, lookCount, before }: Begun,
  { state, decision }: Pick<Concluded, 'state' | 'decision'>,
  tick: TickContext,
): Finished {
  const report: TargetReport = {
    target: target.id,
    tick: isoOf(tick.key),
    lookedForMs: tick.ports.clock.now() - tick.startedAt,
    looks: lookCount,
    pods: looked.judged.map((entry) =>
      podReport(
        entry,
        looked.state.pods[entry.patient.pod.uid]?.streak?.count ?? 0,
        memoryForecast(looked.state, entry),
      ),
    ),
    decision,
    incident: storyNow(state.routing, state.incident),
    conditions: state.conditions.map(({ subject, kind, since, severity, title }) => ({
      subject,
      kind,
      since,
      severity,
      title,
    })),
    pause: pauseOf(state, tick.ports.clock.now()),
    self: tick.doubts(),
    ...(looked.blind === null ? {} : { blind: looked.blind }),
  };
  // Who lost the race leaves the alerts to the winner, or both would send them.
  const lost = decision.kind === 'hold' && decision.code === 'lost-race';
  const isNews = before.incident?.id !== state.incident?.id || before.incident?.told !== state.incident?.told;
  // The end of what came and went is told after a calm, when nothing has changed otherwise.
  const calmed = state.routing.flapping === null ? (before.routing.flapping?.incident ?? null) : null;
  const changed = lost ? null : isNews ? storyOfStep(before, state) : calmed;
  return { report, hasAlerts: !lost && state.outbox.length > 0, changed };
}
