import type { Judged } from '../core/decision.ts';
import { ageMsOf } from '../core/patient.ts';
import { LIMITS } from '../core/policy.ts';
import type { TargetState } from '../core/state.ts';
import { isComplete } from '../core/streak.ts';
import type { Target } from '../core/target.ts';
import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Ports } from '../ports.ts';
import { type Observed, observe } from './observe.ts';
import { note, type Tick } from './round.ts';

export interface Relooked {
  readonly target: Target;
  readonly state: TargetState;
  readonly observed: Observed;
  readonly lookCount: number;
}

/** Stays awake while a pod is suspicious, so that the looks a removal needs take seconds and not minutes. */
export async function relook(
  begun: Pick<Relooked, 'target' | 'state' | 'observed'> & { readonly lookMs: DurationMs },
  tick: Tick,
  ports: Ports,
): Promise<Relooked> {
  const { target } = begun;
  let { state, observed, lookMs } = begun;
  let lookCount = 1;
  const hasTime = (looks: number, from: EpochMs) =>
    // The last look takes as long as the others, and evidence and delete together hardly longer.
    from + looks * (LIMITS.relookEveryMs + lookMs) + 2 * lookMs + MARGIN_MS <= tick.deadlineAt;
  while (observed.kind === 'seen' && staysAwake(observed.judged, state, ports.clock.now(), hasTime)) {
    ports.progress({ target: target.id, text: `suspicious, looking again (look ${lookCount + 1})` });
    await ports.clock.sleep(LIMITS.relookEveryMs);
    const lookedAt = ports.clock.now();
    observed = await observe(target, state, ports, true);
    lookMs = Math.max(lookMs, ports.clock.now() - lookedAt);
    state = note(target, state, observed, ports.clock.now());
    lookCount += 1;
  }
  return { target, state, observed, lookCount };
}

/** Another look helps when a streak can still be completed in this tick, or a heartbeat can still cross its limit in it. */
function staysAwake(
  judged: readonly Judged[],
  state: TargetState,
  now: EpochMs,
  hasTime: (looks: number, from: EpochMs) => boolean,
): boolean {
  return judged.some(({ patient, verdict }) => {
    const { policy, limit, pod } = patient;
    const streak = state.pods[pod.uid]?.streak ?? null;
    const timed = verdict.cause === 'unreachable' || verdict.cause === 'starving';
    if (streak !== null && !timed && !isComplete(streak, policy)) {
      return hasTime(policy.failures - streak.count, now);
    }
    const age = ageMsOf(patient.heartbeat);
    if (age === null || age <= limit.suspectMs || age > limit.limitMs || verdict.cause === 'rolling-out')
      return false;
    if (patient.ageMs < policy.startupGraceMs) return false;
    return hasTime(policy.failures, now + (limit.limitMs - age));
  });
}

/** For saving the intent and the answer, and for the alerts. */
const MARGIN_MS = 5_000;
