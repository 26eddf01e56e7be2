import fc from 'fast-check';
import type { Dispatcher } from 'undici';
import type { Request } from '../../../functions/adapters/alerts/post.ts';
import { boundedRequest } from '../../../functions/adapters/http/request.ts';
import type { Notification } from '../../../functions/core/notification.ts';
import type { Delivery } from '../../../functions/ports.ts';

const incident = 'prod-airflow-2026-11-23T03-13-00Z';
const at = Date.UTC(2026, 10, 23, 3, 13, 4);

export const opened: Notification = {
  id: `${incident}/0`,
  incident,
  page: incident,
  endsPage: null,
  target: 'prod-airflow',
  at,
  kind: 'opened',
  severity: 'critical',
  title: 'prod-airflow: scheduler wedged, airflow-scheduler-5d9c does not beat',
  text:
    'No heartbeat for 94 s (limit 45 s) while the database answers. Its health server says nothing on :8974 (<timeout>). ' +
    'Nothing was removed yet. See what led to this: `scheduler-watchdog explain prod-airflow`',
  fields: [
    { name: 'Cause', value: 'dead' },
    { name: 'Since', value: '2026-11-23T03:11:30.000Z' },
    { name: 'For', value: '1m34s' },
    { name: 'Pod', value: 'airflow/airflow-scheduler-5d9c7b8f6d-x2x7q' },
  ],
  about: {
    cause: 'dead',
    cluster: 'prod-eu (eu-west-1)',
    namespace: 'airflow',
    component: 'scheduler',
    pod: 'airflow-scheduler-5d9c7b8f6d-x2x7q',
    node: 'ip-10-0-1-2',
  },
  links: [{ name: 'Report', url: 'https://reports.example.com/prod-airflow-2026-11-23T03-13-00Z.html' }],
};

export const updated: Notification = {
  ...opened,
  id: `${incident}/1`,
  at: at + 7_000,
  kind: 'updated',
  title: 'prod-airflow: scheduler wedged, removed airflow-scheduler-5d9c',
  text:
    'No heartbeat for 94 s (limit 45 s) while the database answers. The pod was removed (deleted, grace period 600 s, ' +
    'uid 6f1c…); 12 tasks it had queued stay queued & are adopted. Its report: https://reports.example.com/prod-airflow.html.',
  fields: [...opened.fields, { name: 'Budget', value: '1 of 2 removals in 6h' }],
};

export const resolved: Notification = {
  ...opened,
  id: `${incident}/2`,
  at: at + 98_000,
  kind: 'resolved',
  severity: 'info',
  title: 'prod-airflow: recovered after 3m12s',
  text: 'A new scheduler beats since 03:14:42Z, 1m34s to detect and 1m38s to repair. Work moves again.',
  fields: opened.fields.slice(0, 3),
};

export const note: Notification = {
  ...opened,
  id: `${incident}/3`,
  at: at + 120_000,
  kind: 'note',
  severity: 'warning',
  title: 'channel "oncall" refuses alerts',
  text: 'Slack says the webhook was removed (no_service); create a new one and update the secret. It is tried again for a day.',
  fields: [],
};

export const removed: Notification = {
  ...updated,
  id: `${incident}/4`,
  at: at + 9_000,
  title: 'prod-airflow: the replacement is there',
  occasion: 'removal',
};

export const escalated: Notification = {
  ...opened,
  id: `${incident}/5`,
  at: at + 10_000,
  kind: 'escalated',
  page: `${incident}-critical`,
  endsPage: incident,
};

export const samples = { opened, updated, resolved, note };

/** The true request over a dispatcher, with a shorter deadline where a test waits for it. */
export function requestOver(dispatcher: Dispatcher, deadlineMs?: number): Request {
  return (wanted) =>
    boundedRequest({ ...wanted, dispatcher, ...(deadlineMs !== undefined && { deadlineMs }) });
}

/** A service that answers everything alike; what it was asked is in `bodies`. */
export function cannedRequest(status: number, body: string, headers: Record<string, string> = {}) {
  const bodies: string[] = [];
  const request: Request = async (wanted) => {
    bodies.push(wanted.body ?? '');
    return { kind: 'answer', status, headers, body, truncated: false };
  };
  return { request, bodies };
}

export function detailOf(delivery: Delivery): string {
  return delivery.kind === 'delivered' ? '' : delivery.detail;
}

const nasty = fc.constantFrom(
  ...[
    '&',
    '<',
    '>',
    '"',
    '\\',
    '\n',
    '\u0000',
    '\u001b[31m',
    '👩‍👩‍👧',
    '🔥',
    '\ud83d',
    '\udd25',
    '*',
    '`',
    ' ',
  ],
  ...[
    '<!channel>',
    '@here',
    'https://example.com/a?b=1&c=<2>',
    '\u2028',
    'x',
    '__proto__',
    'é',
    '漢',
    '\u202e',
  ],
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(nasty, { maxLength: 40 }).map((parts) => parts.join('')),
  fc.tuple(nasty, fc.integer({ min: 0, max: 8_000 })).map(([part, times]) => part.repeat(times)),
);

/** Far more than a notification may hold: its bounds are promised elsewhere and must not be what protects a channel. */
export const anyNotification: fc.Arbitrary<Notification> = fc.record({
  id: text,
  incident: text,
  page: text,
  endsPage: fc.option(text),
  target: text,
  about: fc.record({
    cause: fc.constantFrom('dead' as const, 'storm' as const),
    cluster: fc.option(text),
    namespace: fc.option(text),
    component: fc.option(text),
    pod: fc.option(text),
    node: fc.option(text),
  }),
  at: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  kind: fc.constantFrom('opened', 'updated', 'escalated', 'resolved', 'note'),
  severity: fc.constantFrom('critical', 'warning', 'info'),
  occasion: fc.constantFrom('removal', 'answered', 'reminder', 'refresh'),
  links: fc.array(fc.record({ name: text, url: fc.oneof(fc.webUrl(), text) }), { maxLength: 12 }),
  title: text,
  text,
  fields: fc.array(fc.record({ name: text, value: text }), { maxLength: 25, size: 'max' }),
});
