import { CAUSES, type Cause, rowOfCause } from './cause.ts';
import type { FamilyName } from './exposition-families.ts';
import { HOLD_CODES } from './guards.ts';
import { LIMITS } from './policy.ts';
import { describeProblems, type PodReport, type TargetReport, type TickReport } from './report.ts';
import { type DurationMs, type EpochMs, SECOND_MS } from './time.ts';

export interface Sample {
  readonly family: FamilyName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What one tick changes: gauges are replaced family by family, the rest is added. */
export interface Exposition {
  readonly gauges: readonly Sample[];
  readonly added: readonly Sample[];
}

/** A scrape stays below a megabyte with so many components. */
const HEARTBEATS_MOST = 3_000;

const ANSWERS = ['deleted', 'already-gone', 'replaced', 'forbidden', 'failed', 'unanswered'] as const;
const ENDS = ['complete', 'nothing-done', 'defect', 'failed'] as const;

/** Counters begin at zero, or the first removal would be no increase to whoever reads them. */
export const AT_START: readonly Sample[] = [
  ...ANSWERS.map((answer) => sample('removals', 0, { answer })),
  ...ENDS.map((end) => sample('ticks', 0, { end })),
];

export function expositionOf(report: TickReport, tookMs: DurationMs, now: EpochMs): Exposition {
  const { targets } = report;
  const isComplete = describeProblems(report) === null;
  const end = isComplete ? 'complete' : report.nothingDone !== null ? 'nothing-done' : 'defect';
  const removals = targets.flatMap(({ decision }) =>
    decision.kind === 'remove' ? [sample('removals', 1, { answer: decision.answer ?? 'unanswered' })] : [],
  );
  return {
    gauges: [
      ...byLabel('targets', 'cause', Object.keys(CAUSES), targets.flatMap(gravestOf)),
      ...byLabel(
        'pods',
        'cause',
        Object.keys(CAUSES),
        podsOf(targets).map(({ cause }) => cause),
      ),
      ...byLabel(
        'holds',
        'code',
        HOLD_CODES,
        targets.flatMap(({ decision }) => (decision.kind === 'hold' ? [decision.code] : [])),
      ),
      ...heartbeats(targets),
      ...memory(targets),
      sample('targets_blind', targets.filter(({ blind }) => blind !== undefined).length),
      sample('incidents_open', targets.filter(({ incident }) => incident !== null).length),
      sample('alerts_undelivered', report.undelivered),
      sample('documents_bad', report.bad.length),
      sample('target_list_stale', report.staleSince === null ? 0 : 1),
      sample('storm', report.storm ? 1 : 0),
      sample('self_doubt', targets.some(({ self }) => self.length > 0) ? 1 : 0),
      ...(isComplete ? [sample('last_tick_timestamp_seconds', now / SECOND_MS)] : []),
    ],
    added: [sample('tick_seconds', tookMs / SECOND_MS), sample('ticks', 1, { end }), ...removals],
  };
}

/** A tick that broke before it had a report: what it would have shown is not known, and stays as it was. */
export function expositionOfFailure(tookMs: DurationMs): Exposition {
  return {
    gauges: [],
    added: [sample('tick_seconds', tookMs / SECOND_MS), sample('ticks', 1, { end: 'failed' })],
  };
}

/** How long no complete tick may be before the watch calls itself ill: three slots late, or
 *  two whole ticks where slots are short. */
export function overdueAfterMs(slotMs: DurationMs): DurationMs {
  return Math.max(4 * slotMs, slotMs + 2 * LIMITS.tickBudgetMs);
}

function sample(family: FamilyName, value: number, labels: Sample['labels'] = {}): Sample {
  return { family, labels, value };
}

function podsOf(targets: readonly TargetReport[]): readonly PodReport[] {
  return targets.flatMap(({ pods }) => pods);
}

/** Of a target without any pod to judge nothing is known; its conditions tell the rest. */
function gravestOf({ pods, blind }: TargetReport): readonly Cause[] {
  if (blind !== undefined) return ['blind'];
  const causes = pods.map(({ cause }) => cause);
  return causes.toSorted((a, b) => rowOfCause(a).rank - rowOfCause(b).rank).slice(0, 1);
}

function byLabel(
  family: FamilyName,
  label: string,
  all: readonly string[],
  found: readonly string[],
): readonly Sample[] {
  return all.map((value) => sample(family, found.filter((one) => one === value).length, { [label]: value }));
}

function heartbeats(targets: readonly TargetReport[]): readonly Sample[] {
  const oldest = new Map<
    string,
    { readonly labels: Sample['labels']; readonly age: number; readonly limit: number | null }
  >();
  for (const { target, pods } of targets) {
    for (const { component, signals } of pods) {
      const age = numberIn(signals.heartbeat, 'ageSeconds');
      const key = `${target} ${component}`;
      if (age === null || age < (oldest.get(key)?.age ?? -1)) continue;
      oldest.set(key, {
        labels: { target, component },
        age,
        limit: numberIn(signals.heartbeat, 'limitSeconds'),
      });
    }
  }
  const shown = [...oldest.values()].toSorted((a, b) => b.age - a.age).slice(0, HEARTBEATS_MOST);
  return [
    ...shown.map(({ labels, age }) => sample('heartbeat_age_seconds', age, labels)),
    ...shown.flatMap(({ labels, limit }) =>
      limit === null ? [] : [sample('heartbeat_limit_seconds', limit, labels)],
    ),
    sample('heartbeats_hidden', oldest.size - shown.length),
  ];
}

function memory(targets: readonly TargetReport[]): readonly Sample[] {
  const soonest = new Map<string, Sample>();
  for (const { target, pods } of targets) {
    for (const { component, memoryFullInSeconds: value } of pods) {
      if (value === undefined) continue;
      const key = `${target} ${component}`;
      const before = soonest.get(key)?.value ?? Number.POSITIVE_INFINITY;
      if (value < before) soonest.set(key, sample('memory_full_seconds', value, { target, component }));
    }
  }
  return [...soonest.values()].toSorted((a, b) => a.value - b.value).slice(0, HEARTBEATS_MOST);
}

function numberIn(signal: unknown, name: string): number | null {
  if (typeof signal !== 'object' || signal === null || !(name in signal)) return null;
  const value = (signal as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'number' ? value : null;
}
