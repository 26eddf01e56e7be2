import { createHash } from 'node:crypto';
import type { Notification } from '../../../core/notification.ts';
import { isoOf } from '../../../core/time.ts';
import { webLinks } from '../links.ts';
import { clean, cut, oneLine } from '../text.ts';

export interface PagerDutyEvent {
  readonly path: '/v2/enqueue' | '/v2/change/enqueue';
  readonly body: Readonly<Record<string, unknown>>;
}

/** All from developer.pagerduty.com/docs/events-api-v2; over-long values are refused, not shortened. */
const SUMMARY_CHARS = 1_024;
const DEDUP_KEY_BYTES = 255;
export const BODY_BYTES = 512 * 1024;
/** No limit is published for these; a host name's is plenty. */
const SOURCE_CHARS = 255;
/** What is left of the details when the whole was too large. */
const SHORT_VALUE_CHARS = 500;
const SHORT_FIELDS = 10;

/** Everything one notification comes to, in the order in which it is to be sent. */
export function pagerDutyEvents(
  notification: Notification,
  routingKey: string,
  size: 'full' | 'short',
): readonly PagerDutyEvent[] {
  const { kind, occasion, endsPage } = notification;
  const change = () => changeEvent(notification, routingKey, size);
  // A note never pages. Under a ruleset's key there is nowhere to put it.
  if (kind === 'note') return change();
  if (kind === 'resolved') return [alertEvent('resolve', notification, routingKey, size)];
  if (occasion === 'answered') return [alertEvent('acknowledge', notification, routingKey, size)];
  // `opened` and `updated` differ in nothing but their words: with the same key PagerDuty appends the second to the
  // open alert and pages nobody. An escalation has a key of its own.
  return [
    alertEvent('trigger', notification, routingKey, size),
    ...(endsPage === null ? [] : [endOf(endsPage, routingKey)]),
    ...(occasion === 'removal' ? change() : []),
  ];
}

function alertEvent(
  action: 'trigger' | 'acknowledge' | 'resolve',
  notification: Notification,
  routingKey: string,
  size: 'full' | 'short',
): PagerDutyEvent {
  const { page, severity } = notification;
  const links = linksOf(notification);
  return {
    path: '/v2/enqueue',
    body: {
      routing_key: routingKey,
      event_action: action,
      dedup_key: dedupKeyOf(page),
      ...(action === 'trigger' && { client: 'scheduler-watchdog', ...clientUrlOf(links) }),
      payload: { ...payloadOf(notification, size), severity, ...groupsOf(notification) },
      ...(links.length > 0 && { links }),
    },
  };
}

/** What was done to production, beside the alert; it never pages. A lost answer may double it: changes have no dedup key. */
function changeEvent(
  notification: Notification,
  routingKey: string,
  size: 'full' | 'short',
): readonly PagerDutyEvent[] {
  if (isRulesetKey(routingKey)) return [];
  const links = linksOf(notification);
  const body = {
    routing_key: routingKey,
    payload: payloadOf(notification, size),
    ...(links.length > 0 && { links }),
  };
  return [{ path: '/v2/change/enqueue', body }];
}

/** Ends the page that an escalation takes the place of. */
function endOf(page: string, routingKey: string): PagerDutyEvent {
  const body = { routing_key: routingKey, event_action: 'resolve', dedup_key: dedupKeyOf(page) };
  return { path: '/v2/enqueue', body };
}

function payloadOf(notification: Notification, size: 'full' | 'short') {
  return {
    summary: summaryOf(notification),
    source: sourceOf(notification),
    timestamp: isoOf(notification.at),
    custom_details: detailsOf(notification, size),
  };
}

/** What PagerDuty groups and filters by. */
function groupsOf({ target, about }: Notification): Readonly<Record<string, string>> {
  const groups = { component: about.component ?? '', group: target, class: about.cause ?? '' };
  return Object.fromEntries(
    Object.entries(groups).flatMap(([key, value]) => {
      const said = cut(oneLine(value), SOURCE_CHARS);
      return said === '' ? [] : [[key, said]];
    }),
  );
}

function linksOf(notification: Notification) {
  return webLinks(notification).map(({ name, url }) => ({ href: url, text: name }));
}

/** The alert's own headline leads to the first link: the report, where there is one. */
function clientUrlOf([first]: readonly { readonly href: string }[]) {
  return first === undefined ? {} : { client_url: first.href };
}

/** Keys of rulesets begin with R, those of service integrations are hexadecimal; only the latter take change events. */
function isRulesetKey(routingKey: string): boolean {
  return routingKey.startsWith('R');
}

/** Without a key of its own every retry would be a new alert, so there is always one. */
export function dedupKeyOf(incident: string): string {
  const isUsable = incident.trim() !== '' && Buffer.byteLength(incident) <= DEDUP_KEY_BYTES;
  return isUsable && incident.isWellFormed()
    ? incident
    : `sha256:${createHash('sha256').update(incident).digest('hex')}`;
}

function summaryOf({ title, target, kind }: Notification): string {
  return cut(oneLine(title) || oneLine(`${target} ${kind}`), SUMMARY_CHARS);
}

function sourceOf({ target }: Notification): string {
  return cut(oneLine(target), SOURCE_CHARS) || 'scheduler-watchdog';
}

function detailsOf(notification: Notification, size: 'full' | 'short'): Readonly<Record<string, string>> {
  const { text, incident, kind, fields } = notification;
  const shorten = (value: string) => (size === 'full' ? value : cut(value, SHORT_VALUE_CHARS));
  const shown = size === 'full' ? fields : fields.slice(0, SHORT_FIELDS);
  const details = new Map([
    ['what', shorten(clean(text))],
    ['change', kind],
    ['incident', shorten(clean(incident))],
  ]);
  for (const [index, { name, value }] of shown.entries()) {
    const key = shorten(oneLine(name)) || 'field';
    details.set(details.has(key) ? `${key} (${index + 1})` : key, shorten(clean(value)));
  }
  return Object.fromEntries(details);
}
