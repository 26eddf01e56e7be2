import { isWell } from '../core/cause.ts';
import { type Decision, targetHold } from '../core/decision.ts';
import { storyOfStep } from '../core/flapping.ts';
import { keptLooks } from '../core/kept-looks.ts';
import { LIMITS } from '../core/policy.ts';
import type { Settled } from '../core/settle.ts';
import type { TargetState } from '../core/state.ts';
import type { Concluded } from '../core/step.ts';
import { isoOf } from '../core/time.ts';
import type { Begun } from './begun.ts';
import type { TickContext } from './tick.ts';

export interface Saved {
  readonly state: TargetState;
  readonly decision: Decision;
}

export const LOST_RACE: Decision = targetHold(
  'lost-race',
  'another run saved this target first; this one did nothing',
);

/** Saves what was seen and decided without a removal; what is new leaves an entry in the ledger. */
export async function saveConcluded(begun: Begun, concluded: Concluded, tick: TickContext): Promise<Saved> {
  const { target, version, before, looked } = begun;
  const { decision, settled } = concluded;
  const { ports } = tick;
  if (!tick.acting) return { state: concluded.state, decision };
  const now = ports.clock.now();
  const keepsLooks = looked.looks !== null && shouldKeepLooks(begun, now);
  const state = keepsLooks ? { ...concluded.state, looksKeptAt: now } : concluded.state;
  if ((await ports.state.save(target.id, state, version)) === 'conflict')
    return { state: begun.looked.state, decision: LOST_RACE };
  // The incident that ends with this outcome is its own.
  await recordOutcomes(target.id, settled, storyOfStep(before, state), tick);
  await recordTold(target.id, before, state, tick);
  // A hold that lasts is one entry, not one a minute.
  if (state.decided !== before.decided || state.incident?.id !== before.incident?.id) {
    const incident = storyOfStep(before, state);
    const isOver = before.incident !== null && state.incident === null;
    const pods = looked.judged.map(({ verdict: { cause, why, rule }, patient }) => ({
      pod: patient.pod.name,
      cause,
      why,
      rule,
    }));
    const body = { tick: isoOf(tick.key), decision, incident, isOver, pods };
    await ports.state.append({ target: target.id, at: now, kind: 'tick', body });
  }
  if (keepsLooks) await recordLooks(begun, tick);
  return { state, decision };
}

/** What was seen, so that it can be judged again and drawn. */
export async function recordLooks(
  { target, looked, trail, recording }: Begun,
  tick: TickContext,
): Promise<void> {
  if (looked.looks === null) return;
  const made = recording?.() ?? null;
  const body = {
    tick: isoOf(tick.key),
    looks: keptLooks(looked.looks),
    trail,
    ...(made && { recording: made }),
  };
  await tick.ports.state.append({ target: target.id, at: looked.looks.at, kind: 'looks', body });
}

/** Whenever something is amiss or has only just ended, and now and then when nothing is. */
function shouldKeepLooks({ looked, before, lookCount }: Begun, now: number): boolean {
  if (
    before.incident !== null ||
    lookCount > 1 ||
    // An age that another limit would not let pass is worth knowing when that limit is thought of.
    looked.judged.some(
      ({ verdict, patient: { silentMs, limit } }) =>
        !isWell(verdict.cause) || (silentMs !== null && silentMs > limit.suspectMs),
    )
  )
    return true;
  return before.looksKeptAt === null || Math.abs(now - before.looksKeptAt) >= LIMITS.calmLooksEveryMs;
}

/** Outcomes go into the ledger once the state that holds them is saved. */
export async function recordOutcomes(
  target: string,
  settled: readonly Settled[],
  incident: string | null,
  { ports }: TickContext,
): Promise<void> {
  for (const { remediation, outcome } of settled) {
    const { pod, uid, component, cause, intendedAt, answer } = remediation;
    const body = { incident, pod, uid, component, cause, intendedAt, answer, outcome };
    await ports.state.append({ target, at: ports.clock.now(), kind: 'outcome', body });
  }
}

/** What was put into the outbox by this step, once per notification. */
export async function recordTold(
  target: string,
  before: TargetState,
  state: TargetState,
  { ports }: TickContext,
): Promise<void> {
  const known = new Set(before.outbox.map(({ notification }) => notification.id));
  for (const { notification } of state.outbox) {
    // Refreshes are for machines, and many.
    if (known.has(notification.id) || notification.occasion === 'refresh') continue;
    known.add(notification.id);
    const { incident, kind: step, severity, title, text, fields, about } = notification;
    const body = { incident, step, severity, title, text, fields, about };
    await ports.state.append({ target, at: notification.at, kind: 'told', body });
  }
}
