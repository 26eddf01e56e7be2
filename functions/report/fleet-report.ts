import { budgetLeft } from '../core/budget.ts';
import type { ConditionKind } from '../core/condition.ts';
import type { HoldCode } from '../core/guards.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { Severity } from '../core/notification.ts';
import type { Mode } from '../core/policy.ts';
import { type FleetState, inForce, type Pause, type TargetState } from '../core/state.ts';
import type { Target } from '../core/target.ts';
import { type DurationMs, type EpochMs, HOUR_MS } from '../core/time.ts';
import { type CauseFigures, causesOf, type PastIncident, pastIncidents } from './past.ts';

/** All targets as one page shows them: how they stand now, and the last days. */
export interface FleetReport {
  readonly targets: readonly TargetRow[];
  readonly storm: FleetState['storm'];
  readonly incidents: readonly PastIncident[];
  readonly causes: readonly CauseFigures[];
  readonly removals: readonly { readonly answer: string; readonly times: number }[];
  readonly outcomes: readonly { readonly outcome: string; readonly times: number }[];
  readonly holds: readonly { readonly code: HoldCode; readonly times: number }[];
  readonly from: EpochMs;
  readonly madeAt: EpochMs;
}

export interface TargetRow {
  readonly id: string;
  readonly mode: Mode;
  readonly is: 'well' | 'sick' | 'not looked at yet';
  readonly severity: Severity | null;
  readonly incident: string | null;
  readonly conditions: readonly {
    readonly kind: ConditionKind;
    readonly title: string;
    readonly since: EpochMs;
  }[];
  readonly pause: Pause | null;
  readonly budget: { readonly left: number; readonly removals: number };
  readonly lastTick: EpochMs | null;
  readonly blindMs: DurationMs;
}

export interface FleetMaterial {
  readonly targets: readonly { readonly target: Target; readonly state: TargetState }[];
  readonly fleet: FleetState;
  readonly entries: readonly LedgerEntry[];
  readonly now: EpochMs;
}

const DAYS = 30;

/** Pure. */
export function fleetReportOf({ targets, fleet, entries, now }: FleetMaterial): FleetReport {
  const from = now - DAYS * 24 * HOUR_MS;
  const recent = entries.filter(({ at }) => at >= from).toSorted((a, b) => a.at - b.at);
  const incidents = pastIncidents(recent, now);
  return {
    targets: targets
      .map(({ target, state }) => rowOf(target, state, recent, now))
      .toSorted((a, b) => Number(b.is === 'sick') - Number(a.is === 'sick') || a.id.localeCompare(b.id)),
    storm: fleet.storm,
    incidents: incidents.toReversed(),
    causes: causesOf(incidents, recent),
    removals: counted(recent.flatMap((one) => (one.kind === 'removal' ? [one.body.answer.kind] : []))).map(
      ([answer, times]) => ({ answer, times }),
    ),
    outcomes: counted(recent.flatMap((one) => (one.kind === 'outcome' ? [one.body.outcome.kind] : []))).map(
      ([outcome, times]) => ({ outcome, times }),
    ),
    holds: counted(
      recent.flatMap((one) =>
        one.kind === 'tick' && one.body.decision.kind === 'hold' ? [one.body.decision.code] : [],
      ),
    ).map(([code, times]) => ({ code, times })),
    from,
    madeAt: now,
  };
}

function rowOf(
  { id, policy }: Target,
  state: TargetState,
  entries: readonly LedgerEntry[],
  now: EpochMs,
): TargetRow {
  const { incident, conditions, pause, remediations, lastTick } = state;
  return {
    id,
    mode: policy.mode,
    is: incident !== null ? 'sick' : lastTick === null ? 'not looked at yet' : 'well',
    severity: incident?.severity ?? null,
    incident: incident?.id ?? null,
    conditions: conditions
      .filter(({ told }) => told !== null)
      .map(({ kind, title, since }) => ({ kind, title, since })),
    pause: inForce(pause, now),
    budget: { left: budgetLeft(remediations, policy, now), removals: policy.budget.removals },
    lastTick,
    blindMs: blindIn(
      entries.filter(({ target }) => target === id),
      now,
    ),
  };
}

/** From each decision that nothing could be seen to the next decision that is another one. */
function blindIn(entries: readonly LedgerEntry[], now: EpochMs): DurationMs {
  const ticks = entries.filter((entry) => entry.kind === 'tick');
  return ticks.reduce((sum, { at, body: { decision } }, index) => {
    const isBlind = decision.kind === 'hold' && decision.code === 'blind' && decision.uid === undefined;
    return isBlind ? sum + ((ticks[index + 1]?.at ?? now) - at) : sum;
  }, 0);
}

/** The most frequent first. */
function counted<T extends string>(values: readonly T[]): readonly (readonly [T, number])[] {
  const times = new Map<T, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  return [...times].toSorted((a, b) => b[1] - a[1]);
}
