import { createHash } from 'node:crypto';
import type { Notification } from '../../core/notification.ts';
import { isoOf } from '../../core/time.ts';
import { clean, cut, oneLine } from './text.ts';

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

/** A note becomes a change event, which never pages; changes have no dedup key, so a lost answer may double one. */
export function pagerDutyEvent(
  notification: Notification,
  routingKey: string,
  size: 'full' | 'short',
): PagerDutyEvent {
  const { kind, page, severity } = notification;
  const dedup_key = dedupKeyOf(page);
  if (kind === 'resolved')
    return {
      path: '/v2/enqueue',
      body: { routing_key: routingKey, event_action: 'resolve', dedup_key },
    };
  const payload = {
    summary: summaryOf(notification),
    source: sourceOf(notification),
    timestamp: isoOf(notification.at),
    custom_details: detailsOf(notification, size),
  };
  if (kind === 'note') return { path: '/v2/change/enqueue', body: { routing_key: routingKey, payload } };
  // `opened` and `updated` differ in nothing but their words: with the same key PagerDuty appends the second to the
  // open alert and pages nobody. An escalation has a key of its own.
  return {
    path: '/v2/enqueue',
    body: {
      routing_key: routingKey,
      event_action: 'trigger',
      dedup_key,
      client: 'scheduler-watchdog',
      payload: { ...payload, severity },
    },
  };
}

/** Ends the page that an escalation takes the place of; null where there is none. */
export function pagerDutyEndOf({ endsPage }: Notification, routingKey: string): PagerDutyEvent | null {
  if (endsPage === null) return null;
  const dedup_key = dedupKeyOf(endsPage);
  return { path: '/v2/enqueue', body: { routing_key: routingKey, event_action: 'resolve', dedup_key } };
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
