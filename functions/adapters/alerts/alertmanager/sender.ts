import type { AlertmanagerSettings } from '../../../config/channels/alertmanager.ts';
import type { Notification } from '../../../core/notification.ts';
import { type EpochMs, isoOf, MINUTE_MS } from '../../../core/time.ts';
import { webLinks } from '../links.ts';
import { type Posted, postJson, RETRY_MS } from '../post.ts';
import type { ChannelDelivery, CreateSender } from '../sender.ts';
import { clean, cut, oneLine } from '../text.ts';

/** An open alert ends by itself when it was not repeated for so long: three of its repeats may be lost. */
const ENDS_AFTER_MS = 12 * MINUTE_MS;
const CHARS = 1_000;

type Labels = Readonly<Record<string, string>>;

/** Posts to /api/v2/alerts. Labels are the alert's identity there, so those of an open one are kept and sent with its end. */
export const createSender: CreateSender<AlertmanagerSettings> = (settings, { request, now }) => {
  const { url, token, endpoint } = settings;
  const base = (endpoint ?? url).replace(/(\/api\/v2(\/alerts)?)?\/*$/, '');
  return {
    async send(notification, memo) {
      if (notification.kind === 'note') return settle(await post([noteOf(notification, now())]));
      const open = labelsFrom(memo);
      const isOver = notification.kind === 'resolved';
      const isOther = open !== null && open.page !== notification.page;
      // What is open keeps its labels, whatever an update says of cause and severity: other labels are another alert.
      const labels = open === null || (isOther && !isOver) ? labelsOf(notification) : open;
      const alerts = [
        ...(isOver && open === null ? [] : [alertOf(notification, labels, isOver, now())]),
        ...(isOther && !isOver ? [alertOf(notification, open, true, now())] : []),
      ];
      if (alerts.length === 0) return { kind: 'delivered' };
      const delivery = settle(await post(alerts));
      // An alert whose answer was lost may be open there, too.
      const kept = delivery.kind === 'delivered' || open === null ? labels : open;
      return isOver ? delivery : { ...delivery, memo: JSON.stringify(kept) };
    },
  };

  function post(alerts: readonly object[]): Promise<Posted> {
    return postJson(JSON.stringify(alerts), {
      request,
      service: 'Alertmanager',
      url: `${base}/api/v2/alerts`,
      secrets: token === undefined ? [] : [token],
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  }
};

/** It knows only what is wrong and until when; a note is wrong for a while. */
function noteOf(notification: Notification, now: EpochMs) {
  const labels = { ...labelsOf(notification), alertname: 'SchedulerWatchdogNote' };
  return alertOf(notification, labels, false, now);
}

function labelsOf({ target, page, severity, about }: Notification): Labels {
  return {
    alertname: 'SchedulerWatchdog',
    target: cut(oneLine(target), CHARS) || 'fleet',
    page: cut(oneLine(page), CHARS) || 'none',
    severity,
    ...(about.cause !== null && { cause: about.cause }),
  };
}

function alertOf(notification: Notification, labels: Labels, isOver: boolean, now: EpochMs) {
  const { title, text, fields, at, incident } = notification;
  const details = fields.map(({ name, value }) => `${oneLine(name)}: ${oneLine(value)}`).join('\n');
  const links = webLinks(notification);
  const [first] = links;
  return {
    labels,
    annotations: {
      summary: cut(oneLine(title), CHARS),
      description: cut(clean(text), CHARS),
      details: cut(details, 4 * CHARS),
      incident: cut(oneLine(incident), CHARS),
      ...Object.fromEntries(links.flatMap(({ name, url }) => annotationOf(name, url))),
    },
    // The one that is there keeps its own beginning.
    ...(!isOver && { startsAt: isoOf(Math.min(at, now)) }),
    endsAt: isoOf(isOver ? now : now + ENDS_AFTER_MS),
    ...(first !== undefined && { generatorURL: first.url }),
  };
}

/** `runbook_url` and the like, as dashboards know them. */
function annotationOf(name: string, url: string): readonly (readonly [string, string])[] {
  const key = name.toLowerCase();
  return /^[a-z][a-z0-9_]{0,40}$/.test(key) ? [[`${key}_url`, url]] : [];
}

function labelsFrom(memo: string | null): Labels | null {
  try {
    const labels = JSON.parse(memo ?? 'null');
    return labels?.alertname === 'SchedulerWatchdog' ? labels : null;
  } catch {
    return null;
  }
}

function settle(posted: Posted): ChannelDelivery {
  if (posted.kind === 'unsettled') return posted.delivery;
  const { status, said } = posted;
  if (status >= 200 && status < 300 && said === '') return { kind: 'delivered' };
  // It says nothing when it takes an alert; a login page says a lot.
  if (status < 300)
    return {
      kind: 'later',
      afterMs: RETRY_MS,
      detail: `What answered (${status}) does not speak as Alertmanager does; a proxy may be in the way`,
    };
  const answer = said === '' ? `${status}` : `${status}, ${said}`;
  if (status === 401 || status === 403)
    return {
      kind: 'refused',
      detail: `Alertmanager, or a proxy before it, wants another token (${answer})`,
      credentials: true,
    };
  if (status === 400)
    return {
      kind: 'refused',
      detail: `Alertmanager refused the alert (${answer}); this is a defect of the watchdog, please report it`,
    };
  return { kind: 'refused', detail: `Alertmanager refused the alert (${answer}); check the channel's url` };
}
