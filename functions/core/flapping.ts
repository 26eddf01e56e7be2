import { isWorse } from './condition.ts';
import type { Incident } from './incident.ts';
import type { Notification } from './notification.ts';
import { LIMITS } from './policy.ts';
import type { Flapping, RoutingMemory } from './routing-memory.ts';
import { type EpochMs, formatDuration } from './time.ts';

interface Heard {
  readonly memory: RoutingMemory;
  /** What is left to tell; null: nothing. */
  readonly notification: Notification | null;
}

/**
 * Makes one story of an incident that comes and goes: that it does is said once, with the beginning that makes it plain; its end is told
 * when nothing has come back for a while. What is graver, has another cause, or was done to a pod is told all the same.
 */
export function withoutFlapping(
  memory: RoutingMemory,
  notification: Notification | null,
  incident: Incident | null,
  now: EpochMs,
): Heard {
  const { flapping } = memory;
  if (notification?.kind === 'note') return { memory, notification };
  if (flapping !== null) return goingOn(memory, flapping, notification, incident, now);
  if (notification === null) return { memory, notification };
  const ends = memory.ends.filter((at) => Math.abs(now - at) < LIMITS.flappingWindowMs);
  if (notification.kind === 'resolved')
    return { memory: { ...memory, ends: [...ends, now].slice(-LIMITS.flappingTimes) }, notification };
  if (notification.kind !== 'opened' || ends.length < LIMITS.flappingTimes) return { memory, notification };
  const begun: Flapping = {
    incident: notification.incident,
    page: notification.page,
    severity: notification.severity,
    causes: incident === null ? [] : [incident.cause],
    times: ends.length + 1,
    held: null,
  };
  return { memory: { ...memory, ends: [], flapping: begun }, notification: announced(notification, begun) };
}

function announced(notification: Notification, { times }: Flapping): Notification {
  const window = formatDuration(LIMITS.flappingWindowMs);
  const calm = formatDuration(LIMITS.flappingCalmMs);
  const said = `It has come ${times} times within ${window}. From now on it is told as one incident, over after ${calm} of calm. `;
  return {
    ...notification,
    title: `comes and goes: ${notification.title}`.slice(0, 150),
    text: `${said}${notification.text}`.slice(0, 600),
  };
}

function goingOn(
  memory: RoutingMemory,
  flapping: Flapping,
  notification: Notification | null,
  incident: Incident | null,
  now: EpochMs,
): Heard {
  const { held } = flapping;
  if (notification === null) {
    if (held === null || now < held.until) return { memory, notification };
    return {
      memory: { ...memory, flapping: null, ends: [] },
      notification: ended(held.resolved, flapping, now),
    };
  }
  const { incident: story, page: storyPage } = flapping;
  const links = notification.links.map(({ name, url }) => ({ name, url: inStory(url, notification, story) }));
  const same = { ...notification, incident: story, page: storyPage, endsPage: null, links };
  if (notification.kind === 'resolved') {
    const until = now + LIMITS.flappingCalmMs;
    return {
      memory: { ...memory, flapping: { ...flapping, held: { resolved: same, until } } },
      notification: null,
    };
  }
  const isBack = notification.kind === 'opened';
  const isOther = incident !== null && !flapping.causes.includes(incident.cause);
  const next: Flapping = {
    ...flapping,
    held: null,
    times: flapping.times + (isBack ? 1 : 0),
    ...(isOther && { causes: [...flapping.causes, incident.cause].slice(-10) }),
  };
  if (isWorse(notification.severity, flapping.severity)) {
    const { severity, page } = notification;
    const graver: Notification = { ...same, kind: 'escalated', page, endsPage: flapping.page };
    return { memory: { ...memory, flapping: { ...next, severity, page } }, notification: graver };
  }
  const isNews = isOther || notification.kind === 'updated';
  return {
    memory: { ...memory, flapping: next },
    notification: isNews ? { ...same, kind: 'updated' } : null,
  };
}

function ended(resolved: Notification, { times }: Flapping, now: EpochMs): Notification {
  const text = `${resolved.text} It had come ${times} times; nothing has come back for ${formatDuration(LIMITS.flappingCalmMs)}.`;
  return { ...resolved, at: now, text: text.slice(0, 600) };
}

/** What leads to the incident's own report leads to that of the story: it is the one that is kept. */
function inStory(url: string, { incident }: Notification, story: string): string {
  return url.replace(encodeURIComponent(incident), encodeURIComponent(story));
}

/** The name under which channels, ledger and reports know what is open now; null: nothing is. */
export function storyNow({ flapping }: RoutingMemory, incident: Incident | null): string | null {
  if (incident === null) return null;
  return flapping?.incident ?? incident.id;
}

/** The page that a person would answer now; null: none is open. */
export function pageNow({ flapping }: RoutingMemory, incident: Incident | null): string | null {
  if (incident === null) return null;
  return flapping?.page ?? incident.page;
}

type Told = { readonly routing: RoutingMemory; readonly incident: Incident | null };

/** The same for a step: what is open after it, or else what ended in it. */
export function storyOfStep(before: Told, after: Told): string | null {
  return storyNow(after.routing, after.incident) ?? storyNow(before.routing, before.incident);
}
