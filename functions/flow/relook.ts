import type { Judged } from '../core/decision.ts';
import { ageMsOf } from '../core/patient.ts';
import { LIMITS } from '../core/policy.ts';
import type { TargetState } from '../core/state.ts';
import { isComplete } from '../core/streak.ts';
import type { Target } from '../core/target.ts';
import type { EpochMs } from '../core/time.ts';
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
  begun: Pick<Relooked, 'target' | 'state' | 'observed'>,
  tick: Tick,
  ports: Ports,
): Promise<Relooked> {
  const { target } = begun;
  let { state, observed } = begun;
  let lookCount = 1;
  while (observed.kind === 'seen' && staysAwake(observed.judged, state, ports.clock.now(), tick.deadlineAt)) {
    ports.progress({ target: target.id, text: `suspicious, looking again (look ${lookCount + 1})` });
    await ports.clock.sleep(LIMITS.relookEveryMs);
    observed = await observe(target, state, ports, true);
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
  deadlineAt: EpochMs,
): boolean {
  return judged.some(({ patient, verdict }) => {
    const { policy, limit, pod } = patient;
    const streak = state.pods[pod.uid]?.streak ?? null;
    const timed = verdict.cause === 'unreachable' || verdict.cause === 'starving';
    if (streak !== null && !timed && !isComplete(streak, policy)) {
      const looksLeft = policy.failures - streak.count;
      return now + looksLeft * LIMITS.relookEveryMs + MARGIN_MS <= deadlineAt;
    }
    const age = ageMsOf(patient.heartbeat);
    if (age === null || age <= limit.suspectMs || age > limit.limitMs || verdict.cause === 'rolling-out')
      return false;
    if (patient.ageMs < policy.startupGraceMs) return false;
    const crossesAt = now + (limit.limitMs - age);
    return crossesAt + policy.failures * LIMITS.relookEveryMs + MARGIN_MS <= deadlineAt;
  });
}

/** What the last look, the intent and the delete may take. */
const MARGIN_MS = 5_000;
