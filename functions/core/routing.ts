import { withAcknowledgement } from './acknowledgement.ts';
import { acknowledgedOf, answerOf } from './answers.ts';
import { EVERYTHING, type RoutingRules } from './channel.ts';
import { storyNow, withoutFlapping } from './flapping.ts';
import type { Notification } from './notification.ts';
import { enqueue } from './outbox.ts';
import { withPause } from './pause-field.ts';
import type { Following } from './routing-memory.ts';
import { type Asked, isMuffled, type Routable, type Route, takenUp, takes } from './routing-rules.ts';
import { type DurationMs, type EpochMs, formatDuration } from './time.ts';

/**
 * Puts on their way what this step has to tell, and what time has made due since: reminders, escalations, what quiet hours held back.
 * Whoever was told of an incident hears it to its end, whatever the rules say by then. The first that a channel hears of one is `opened`.
 */
export function route<S extends Routable>(state: S, told: Notification | null, asked: Asked): S {
  const { routing, incident } = state;
  if (told === null && incident === null && routing.flapping === null && routing.followed.length === 0)
    return state;
  const { memory, notification } = withoutFlapping(routing, told, incident, asked.now);
  const answer = answerOf(state, memory, asked.now);
  const taken = acknowledgedOf(
    { ...state, routing: { ...memory, last: notification ?? memory.last } },
    asked.now,
  );
  const steps = [notification, answer.notification, taken.notification].filter((one) => one !== null);
  const acknowledged = taken.known === null ? {} : { acknowledged: taken.known };
  const heard: S = { ...state, routing: { ...memory, answer: answer.known, ...acknowledged } };
  const spread = steps.reduce((now, one) => pass(now, one, asked), heard);
  return tidy(steps.length === 0 ? passTime(spread, asked) : spread);
}

/** Gives one notification to everybody whom it concerns. */
function pass<S extends Routable>(state: S, notification: Notification, asked: Asked): S {
  const { routing } = state;
  const isOver = notification.kind === 'resolved';
  const next: S = { ...state, routing: { ...routing, last: isOver ? null : notification } };
  return everybody(state, asked).reduce((now, one) => {
    const known = followingOf(now, one.name, notification.incident);
    if (known !== null)
      return isMuffled(one, notification, state, asked.now)
        ? now
        : follow(now, known, notification, asked.now);
    if (!one.isListed) return now;
    // Begun under a version that did not keep who follows: everybody hears the end.
    if (isOver && routing.last === null) return say(now, one.name, notification, asked.now);
    const isTaken = !isOver && takes(one.rules, now, notification, asked);
    return isTaken ? open(now, one.name, notification, asked.now) : now;
  }, next);
}

/** What time alone makes due while an incident is open. */
function passTime<S extends Routable>(state: S, asked: Asked): S {
  const { last } = state.routing;
  const story = storyNow(state.routing, state.incident);
  if (last === null || story === null) return state;
  return everybody(state, asked).reduce((now, one) => {
    const known = followingOf(now, one.name, story);
    if (!one.isListed || known?.isOver === true) return now;
    if (known === null)
      return takes(one.rules, now, last, asked) ? open(now, one.name, last, asked.now) : now;
    if (isMuffled(one, last, state, asked.now) || isWaiting(now, known)) return now;
    if (known.newest !== last.id && known.toldAt < last.at) return follow(now, known, last, asked.now);
    return repeat(now, known, one.rules, last, asked.now);
  }, state);
}

/** Reminders are noticed, refreshes are not; neither piles up behind a channel that is down. */
function repeat<S extends Routable>(
  state: S,
  known: Following,
  { remindEveryMs, refreshEveryMs }: RoutingRules,
  last: Notification,
  now: EpochMs,
): S {
  const isDue = (everyMs: DurationMs | null, since: EpochMs) => everyMs !== null && now - since >= everyMs;
  // Who has taken it up needs no reminder, and the others know that somebody has.
  const occasion =
    takenUp(state) === null && isDue(remindEveryMs, known.toldAt)
      ? 'reminder'
      : isDue(refreshEveryMs, known.sentAt)
        ? 'refresh'
        : null;
  if (occasion === null) return state;
  const { incident } = state;
  const openFor = formatDuration(Math.max(0, now - (incident?.openedAt ?? now)));
  const headline = incident?.headline ?? last.title;
  const title =
    occasion === 'refresh' ? last.title : `still open after ${openFor}: ${headline}`.slice(0, 150);
  const id = `${known.incident}/${occasion}-${known.repeats + 1}`;
  return put(
    state,
    {
      ...known,
      repeats: known.repeats + 1,
      ...(occasion === 'reminder' ? { toldAt: now } : {}),
      sentAt: now,
    },
    { ...last, id, at: now, kind: 'updated', page: known.page, endsPage: null, occasion, title },
    now,
  );
}

function open<S extends Routable>(state: S, channel: string, notification: Notification, now: EpochMs): S {
  const { incident, page, id } = notification;
  const known: Following = {
    channel,
    incident,
    page,
    toldAt: now,
    sentAt: now,
    newest: id,
    repeats: 0,
    memo: null,
    isOver: false,
  };
  return put(state, known, { ...notification, kind: 'opened', endsPage: null }, now);
}

/** The page that is open there is the one that is added to, replaced or ended. */
function follow<S extends Routable>(state: S, known: Following, notification: Notification, now: EpochMs): S {
  const { kind, page } = notification;
  const isNewPage = kind === 'escalated' && page !== known.page;
  const isOver = kind === 'resolved';
  return put(
    state,
    {
      ...known,
      page: isNewPage ? page : known.page,
      toldAt: now,
      sentAt: now,
      newest: notification.id,
      isOver,
    },
    {
      ...notification,
      // It has been opened here: what is given late is an addition.
      kind: kind === 'opened' ? 'updated' : kind,
      page: isNewPage ? page : known.page,
      endsPage: isNewPage ? known.page : null,
    },
    now,
  );
}

function put<S extends Routable>(state: S, known: Following, notification: Notification, now: EpochMs): S {
  const { followed } = state.routing;
  const others = followed.filter((one) => one.channel !== known.channel || one.incident !== known.incident);
  const told = say(state, known.channel, notification, now);
  return { ...told, routing: { ...state.routing, followed: [...others, known] } };
}

function say<S extends Routable>(state: S, channel: string, notification: Notification, now: EpochMs): S {
  const said = withAcknowledgement(withPause(notification, state.pause ?? null, now), takenUp(state));
  return { ...state, outbox: enqueue(state.outbox, said, [channel], now) };
}

/** Listed channels, and those that were told and are listed no more: they still hear the end. */
function everybody(state: Routable, { routes }: Asked): readonly (Route & { readonly isListed: boolean })[] {
  const listed = new Set(routes.map(({ name }) => name));
  const left = new Set(
    state.routing.followed.filter(({ channel }) => !listed.has(channel)).map(({ channel }) => channel),
  );
  return [
    ...routes.map((one) => ({ ...one, isListed: true })),
    ...[...left].map((name) => ({ name, rules: EVERYTHING, isListed: false })),
  ];
}

function followingOf(state: Routable, channel: string, incident: string): Following | null {
  return state.routing.followed.find((one) => one.channel === channel && one.incident === incident) ?? null;
}

function isWaiting({ outbox }: Routable, { channel, incident }: Following): boolean {
  return outbox.some((entry) => entry.channel === channel && entry.notification.incident === incident);
}

/** What is over is forgotten once nothing of it is on its way. */
function tidy<S extends Routable>(state: S): S {
  const followed = state.routing.followed.filter((one) => !one.isOver || isWaiting(state, one));
  return followed.length === state.routing.followed.length
    ? state
    : { ...state, routing: { ...state.routing, followed } };
}
