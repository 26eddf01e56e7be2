import { table } from 'table';
import { describeBadDocument } from '../config/describe.ts';
import { storyNow } from '../core/flapping.ts';
import { budgetLeft } from '../core/guards.ts';
import { type Waiting, waitingOf } from '../core/report.ts';
import { inForce, type TargetState } from '../core/state.ts';
import { chosenFrom, type Target } from '../core/target.ts';
import { type EpochMs, epochOf, formatDuration, isoOf, SECOND_MS } from '../core/time.ts';
import { loadFleet, loadTarget } from '../flow/saved-state.ts';
import type { Clock, StateStore, TargetSource } from '../ports.ts';
import { emit, type Output } from './output.ts';
import { refuseUnknown } from './unknown-target.ts';
import { lineOfWaiting } from './waiting.ts';

export interface StatusPorts {
  readonly state: StateStore;
  readonly targets: TargetSource;
  readonly clock: Pick<Clock, 'now'>;
  /** Where the state is, as --state would name it. */
  readonly place: string;
}

/** One line of the screen; in JSON with times as ISO texts. */
interface Row {
  readonly target: string;
  readonly mode: string;
  /** What the last ticks made of it, in one word. */
  readonly is: string;
  readonly incident: { readonly id: string; readonly openedAt: string; readonly headline: string } | null;
  readonly pause: { readonly by: string; readonly reason: string; readonly until: string } | null;
  readonly budget: { readonly left: number; readonly removals: number; readonly per: string };
  readonly lastTick: string | null;
  /** Alerts that their channels have not taken yet. */
  readonly undelivered: readonly Waiting[];
}

/** One screen: what is watched and how, what is wrong, who holds what, and where all this is remembered. */
export async function status(only: readonly string[], ports: StatusPorts, output: Output): Promise<number> {
  const { state, targets: source, clock, place } = ports;
  const list = await source.load();
  refuseUnknown(only, list, 'nothing was shown');
  const chosen = chosenFrom(list.targets, only);
  const now = clock.now();
  const rows = await Promise.all(
    chosen.map(async (target) => rowOf(target, (await loadTarget(state, target.id)).state, now)),
  );
  for (const row of rows) emit(output, row, []);
  if (!output.json && rows.length > 0) output.write(screenOf(rows, now));
  const ofFleet = waitingOf((await loadFleet(state)).state.outbox);
  for (const one of ofFleet) emit(output, { undelivered: one }, []);
  if (!output.json)
    for (const one of [...rows.flatMap(({ undelivered }) => undelivered), ...ofFleet])
      output.write(lineOfWaiting(one));
  for (const bad of list.bad) emit(output, { bad }, [describeBadDocument(bad)]);
  const ticks = rows.flatMap(({ lastTick }) => lastTick ?? []).sort();
  const lastTick = ticks.at(-1) ?? null;
  emit(output, { state: place, lastTick, targets: rows.length, bad: list.bad.length }, [
    `last tick: ${lastTick === null ? 'none yet' : `${lastTick}, ${agoOf(lastTick, now)}`}`,
    `state: ${place}`,
  ]);
  if (rows.length === 0 || list.bad.length > 0) return 2;
  return rows.some(({ incident }) => incident !== null) ? 1 : 0;
}

/** The only place here that knows how a target is remembered. */
function rowOf({ id, policy }: Target, remembered: TargetState, now: EpochMs): Row {
  const { lastTick, incident, remediations, routing } = remembered;
  const pause = inForce(remembered.pause, now);
  const { removals, perMs } = policy.budget;
  return {
    target: id,
    mode: policy.mode,
    is: incident !== null ? incident.cause : lastTick === null ? 'not looked at yet' : 'well',
    incident: incident && {
      id: storyNow(routing, incident) ?? incident.id,
      openedAt: isoOf(incident.openedAt),
      headline: incident.headline,
    },
    pause: pause && { by: pause.by, reason: pause.reason, until: isoOf(pause.until) },
    budget: { left: budgetLeft(remediations, policy, now), removals, per: formatDuration(perMs) },
    lastTick: lastTick === null ? null : isoOf(lastTick),
    undelivered: waitingOf(remembered.outbox),
  };
}

function screenOf(rows: readonly Row[], now: EpochMs): string {
  const cells = rows.map(({ target, mode, is, incident, pause, budget, lastTick }) => [
    target,
    mode,
    incident === null ? is : `${incident.headline} (${incident.id})`,
    pause === null ? '' : `by ${pause.by} until ${shortTime(pause.until)}: ${pause.reason}`,
    `${budget.left} of ${budget.removals} per ${budget.per}`,
    lastTick === null ? '' : agoOf(lastTick, now),
  ]);
  return table([['target', 'mode', 'is', 'paused', 'removals left', 'last tick'], ...cells], {
    columns: { 2: { width: 40, wrapWord: true }, 3: { width: 30, wrapWord: true } },
    drawHorizontalLine: (line, count) => line <= 1 || line === count,
  }).trimEnd();
}

const shortTime = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')}Z`;

function agoOf(iso: string, now: EpochMs): string {
  const seconds = Math.round((now - (epochOf(iso) ?? now)) / SECOND_MS);
  return seconds < 1 ? 'just now' : `${formatDuration(seconds * SECOND_MS)} ago`;
}
