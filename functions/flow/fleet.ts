import { CONDITIONS, type ConditionKind, type Finding, lasting } from '../core/condition.ts';
import { advanceFleet } from '../core/fleet.ts';
import { fleetFindings } from '../core/fleet-findings.ts';
import { type Tell, tell } from '../core/incident.ts';
import { fleetDetails } from '../core/message.ts';
import type { OutboxEntry } from '../core/notification.ts';
import { route } from '../core/routing.ts';
import type { Route } from '../core/routing-rules.ts';
import type { FleetState, TargetState } from '../core/state.ts';
import { tellThrough } from '../core/tell-through.ts';
import { type DurationMs, type EpochMs, isoOf, MINUTE_MS } from '../core/time.ts';
import type { Notifier, Ports, TargetList } from '../ports.ts';
import { deliverTarget } from './deliver.ts';
import { changeFleet, changeTarget } from './saved-state.ts';
import type { TickContext } from './tick.ts';

/**
 * Brings the fleet's own state up to date at the end of a tick, and puts what is to be told into its outbox.
 * @param watched ids of the whole list; null when this run was over a part of it
 */
export async function concludeFleet(
  list: TargetList,
  tick: TickContext,
  channels: readonly Route[],
  watched: readonly string[] | null,
): Promise<void> {
  const { ports, picture, repairs } = tick;
  const now = ports.clock.now();
  await tellFleet(
    ports,
    // Who has seen a part of the fleet only cannot say that a storm is over.
    (state) => (watched === null ? state : withWatched(advanceFleet(state, picture, repairs, now), watched)),
    [...listProblems(list, now), ...doubtFindings(tick.doubts(), now)],
    tick,
    channels,
  );
}

export async function tellFleet(
  ports: Ports,
  advance: (state: FleetState) => FleetState,
  findings: readonly Finding[],
  { scheduledAt, slotMs = MINUTE_MS }: { readonly scheduledAt: EpochMs; readonly slotMs?: DurationMs },
  channels: readonly Route[],
): Promise<void> {
  const now = ports.clock.now();
  await changeFleet(ports.state, (stored) => {
    const advanced = advance(stored);
    const all = [...fleetFindings(advanced, now), ...findings];
    return tellThrough(
      advanced,
      {
        target: 'fleet',
        findings: all,
        // What is said of the list is over when it is over: the next reading proves it.
        isOver: ({ subject }) => subject !== 'self',
        clear: all.length === 0,
        muted: false,
        scheduledAt,
        now,
        slotMs,
        summary: () => 'Every target can be looked at again and no storm is on.',
        details: (incident, told) => fleetDetails(incident, told, now, ports.reports?.url ?? null),
      },
      channels,
    );
  });
}

function doubtFindings(doubts: readonly string[], now: EpochMs): readonly Finding[] {
  if (doubts.length === 0) return [];
  const text = `This tick doubts itself: ${doubts.join('; ')}.`;
  const { title } = CONDITIONS['self-degraded'];
  return [{ ...lasting('self-degraded', 'self', now, title, text), stage: 'doubts' }];
}

export function listFinding(kind: ConditionKind, stage: string, text: string, now: EpochMs): Finding {
  const { severity, title } = CONDITIONS[kind];
  return { kind, subject: 'list', since: now, severity, stage, isDue: true, title, text };
}

/** What is wrong with the list itself, while most of it is in use. */
function listProblems({ bad, stale }: TargetList, now: EpochMs): readonly Finding[] {
  const found: Finding[] = [];
  if (stale !== undefined) {
    const text = `${stale.why}. Going on with the list of ${isoOf(stale.readAt)}; what was changed since then is not in force.`;
    found.push(listFinding('list-stale', 'stale', text, now));
  }
  if (bad.length > 0) {
    const ids = bad.map(({ id }) => id).join(', ');
    const text = `Not watched because their documents are wrong: ${ids}. Run \`scheduler-watchdog targets validate\`.`;
    found.push(listFinding('list-bad', `bad:${ids}`, text, now));
  }
  return found;
}

function withWatched(state: FleetState, watched: readonly string[]): FleetState {
  return state.watched.join(' ') === watched.join(' ') ? state : { ...state, watched };
}

export interface Closed {
  /** Ids to remember: those of the list, and those whose last word is still on its way. */
  readonly watched: readonly string[];
  readonly undelivered: readonly OutboxEntry[];
}

/** A target that left the list is closed with a last word; it is remembered until that is delivered. */
export async function closeUnwatched(
  list: TargetList,
  { ports, scheduledAt, slotMs, fleet }: TickContext,
  notifiers: ReadonlyMap<string, Notifier>,
  channels: readonly Route[],
): Promise<Closed> {
  const { watched: before } = fleet();
  // A list that is not today's says nothing about who has left it.
  if (list.stale !== undefined) return { watched: before, undelivered: [] };
  const present = new Set([...list.targets, ...list.bad].map(({ id }) => id));
  const waiting: string[] = [];
  const undelivered: OutboxEntry[] = [];
  // A document that is wrong for now ends nothing; what waits for a channel is sent all the same.
  for (const { id } of list.bad)
    if (before.includes(id)) undelivered.push(...(await deliverTarget(id, notifiers, ports)));
  for (const id of before.filter((one) => !present.has(one))) {
    const at = { scheduledAt, slotMs, now: ports.clock.now() };
    await changeTarget(ports.state, id, (state) => lastWord(id, state, channels, at));
    const left = await deliverTarget(id, notifiers, ports);
    if (left.length > 0) waiting.push(id);
    undelivered.push(...left);
  }
  return { watched: [...present, ...waiting].toSorted(), undelivered };
}

function lastWord(
  id: string,
  state: TargetState,
  channels: readonly Route[],
  at: Pick<Tell, 'scheduledAt' | 'slotMs' | 'now'>,
): TargetState {
  const { state: told, notification } = tell(
    { ...state, conditions: [] },
    {
      target: id,
      findings: [],
      isOver: () => true,
      clear: true,
      muted: false,
      ...at,
      summary: ({ headline }) =>
        `${headline}. The target is no longer in the list, so it is no longer watched; whether it is well is not known.`,
      details: (incident, told) => fleetDetails(incident, told, at.now),
    },
  );
  const held = state.routing.flapping?.held?.resolved ?? null;
  const end = notification ?? held;
  if (end === null) return state;
  const closing = { ...end, at: at.now, title: `${id}: no longer watched` };
  // Nothing comes back of what is not watched any more: its end is not waited with.
  const { flapping } = told.routing;
  const last = flapping === null ? closing : { ...closing, incident: flapping.incident, page: flapping.page };
  return route({ ...told, routing: { ...told.routing, flapping: null } }, last, {
    routes: channels,
    now: at.now,
  });
}
