import { describeBadDocument } from '../config/describe.ts';
import { budgetLeft } from '../core/budget.ts';
import { type Condition, rankOf } from '../core/condition.ts';
import { storyNow } from '../core/flapping.ts';
import { type Undelivered, undeliveredOf } from '../core/report.ts';
import { takenUp } from '../core/routing-rules.ts';
import { inForce, type TargetState } from '../core/state.ts';
import { chosenFrom, type Target } from '../core/target.ts';
import { type DurationMs, type EpochMs, epochOf, formatDuration, isoOf, SECOND_MS } from '../core/time.ts';
import { loadFleet, loadTarget } from '../flow/saved-state.ts';
import type { Clock } from '../ports.ts';
import { grid } from './grid.ts';
import { emit, type Output } from './output.ts';
import type { RememberedPorts } from './remembered-ports.ts';
import { lineOfUndelivered } from './undelivered.ts';
import { refuseUnknown } from './unknown-target.ts';

/** One line of the screen; in JSON with times as ISO texts. */
interface Row {
  readonly target: string;
  readonly mode: string;
  /** What the last ticks made of it, in one word. */
  readonly is: string;
  readonly incident: Open | null;
  /** What was the matter at the last tick, gravest first; not all of it has lasted long enough to be told. */
  readonly conditions: readonly {
    readonly kind: string;
    readonly subject: string;
    readonly title: string;
    readonly since: string;
    readonly told: boolean;
  }[];
  readonly pause: { readonly by: string; readonly reason: string; readonly until: string } | null;
  /** Who has taken up the open incident. */
  readonly acknowledged: { readonly by: string; readonly at: string } | null;
  readonly budget: { readonly left: number; readonly removals: number; readonly per: string };
  readonly lastTick: string | null;
  /** Alerts that their channels have not taken yet. */
  readonly undelivered: readonly Undelivered[];
}

interface Open {
  readonly id: string;
  readonly openedAt: string;
  readonly headline: string;
}

/** One screen: what is watched and how, what is wrong, who holds what, and where all this is remembered. */
export async function status(
  only: readonly string[],
  ports: RememberedPorts,
  output: Output,
): Promise<number> {
  const { state, targets: source, clock, place } = ports;
  const list = await source.load();
  refuseUnknown(only, list, 'nothing was shown');
  const chosen = chosenFrom(list.targets, only);
  const now = clock.now();
  const [fleet, ...remembered] = await Promise.all([
    loadFleet(state),
    ...chosen.map(async (target) => ({ target, ...(await loadTarget(state, target.id)) })),
  ]);
  const rows = remembered.map((one) => rowOf(one.target, one.state, now));
  for (const row of rows) emit(output, row, []);
  if (!output.json && rows.length > 0) output.write(screenOf(rows, now, output.width ?? null));
  const ofFleet = undeliveredOf(fleet.state.outbox);
  for (const one of ofFleet) emit(output, { undelivered: one }, []);
  if (!output.json)
    for (const one of [...rows.flatMap(({ undelivered }) => undelivered), ...ofFleet])
      output.write(lineOfUndelivered(one));
  for (const bad of list.bad) emit(output, { bad }, [describeBadDocument(bad)]);
  const lastTick =
    rows
      .flatMap((row) => row.lastTick ?? [])
      .sort()
      .at(-1) ?? null;
  const incident = openOf(fleet.state);
  const last = {
    state: place,
    lastTick,
    targets: rows.length,
    bad: list.bad.length,
    fleet: incident,
  };
  emit(output, last, [
    ...(incident === null ? [] : [`fleet: ${incident.headline} (${incident.id})`]),
    `last tick: ${lastTick === null ? 'none yet' : `${lastTick}, ${agoOf(lastTick, now)}`}`,
    `state: ${place}`,
  ]);
  if (rows.length === 0 || list.bad.length > 0) return 2;
  return rows.some(({ conditions, incident: open }) => open !== null || conditions.length > 0) ||
    incident !== null
    ? 1
    : 0;
}

export interface AnewOptions {
  readonly only: readonly string[];
  readonly everyMs: DurationMs;
  readonly signal: AbortSignal;
  /** Makes room on the terminal, where there is one. */
  readonly clear: () => void;
}

/** The same screen again and again, until it is told to stop. */
export async function statusAnew(
  { only, everyMs, signal, clear }: AnewOptions,
  ports: RememberedPorts & { readonly clock: Clock },
  output: Output,
): Promise<number> {
  let code = 0;
  while (!signal.aborted) {
    clear();
    code = await status(only, ports, output);
    await ports.clock.sleep(everyMs, signal);
  }
  return code;
}

/** The open incident, by the id of its story. */
function openOf({ incident, routing }: Pick<TargetState, 'incident' | 'routing'>): Open | null {
  if (incident === null) return null;
  const { id, openedAt, headline } = incident;
  return { id: storyNow(routing, incident) ?? id, openedAt: isoOf(openedAt), headline };
}

/** The only place here that knows how a target is remembered. */
function rowOf({ id, policy }: Target, remembered: TargetState, now: EpochMs): Row {
  const { lastTick, incident, remediations } = remembered;
  const pause = inForce(remembered.pause, now);
  const { removals, perMs } = policy.budget;
  const conditions = standing(remembered);
  return {
    target: id,
    mode: policy.mode,
    is: incident?.cause ?? conditions[0]?.kind ?? (lastTick === null ? 'not looked at yet' : 'well'),
    incident: openOf(remembered),
    conditions: conditions.map(({ kind, subject, title, since, told }) => ({
      kind,
      subject,
      title,
      since: isoOf(since),
      told: told !== null,
    })),
    pause: pause && { by: pause.by, reason: pause.reason, until: isoOf(pause.until) },
    acknowledged: acknowledgedOf(remembered),
    budget: { left: budgetLeft(remediations, policy, now), removals, per: formatDuration(perMs) },
    lastTick: lastTick === null ? null : isoOf(lastTick),
    undelivered: undeliveredOf(remembered.outbox),
  };
}

function acknowledgedOf(remembered: TargetState): Row['acknowledged'] {
  const found = takenUp(remembered);
  return found && { by: found.by, at: isoOf(found.at) };
}

/** Those that were told stand until their end is; of the others those that the last tick saw. */
function standing({ conditions, lastTick }: TargetState): readonly Condition[] {
  return conditions
    .filter(({ told, seenAt }) => told !== null || (lastTick !== null && seenAt >= lastTick))
    .toSorted((a, b) => rankOf(a) - rankOf(b));
}

function isOf({ is, incident, acknowledged, conditions: [worst] }: Row, now: EpochMs): string {
  if (incident !== null) {
    const taken = acknowledged === null ? '' : `, taken up by ${acknowledged.by}`;
    return `${incident.headline} (${incident.id})${taken}`;
  }
  return worst === undefined ? is : `${worst.title} (began ${agoOf(worst.since, now)}, not told yet)`;
}

function screenOf(rows: readonly Row[], now: EpochMs, width: number | null): string {
  const cells = rows.map((row) => {
    const { target, mode, pause, budget, lastTick } = row;
    return [
      target,
      mode,
      isOf(row, now),
      pause === null ? '' : `by ${pause.by} until ${shortTime(pause.until)}: ${pause.reason}`,
      `${budget.left} of ${budget.removals} per ${budget.per}`,
      lastTick === null ? '' : agoOf(lastTick, now),
    ];
  });
  const head = ['target', 'mode', 'is', 'paused', 'removals left', 'last tick'];
  return grid([head, ...cells], width, { 2: 40, 3: 30 });
}

const shortTime = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')}Z`;

function agoOf(iso: string, now: EpochMs): string {
  const seconds = Math.round((now - (epochOf(iso) ?? now)) / SECOND_MS);
  return seconds < 1 ? 'just now' : `${formatDuration(seconds * SECOND_MS)} ago`;
}
