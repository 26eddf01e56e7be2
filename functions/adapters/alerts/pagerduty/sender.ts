import { PAGERDUTY, type PagerDutySettings } from '../../../config/channels/pagerduty.ts';
import { quote } from '../../../core/redact.ts';
import { type Posted, postJson, RETRY_MS } from '../post.ts';
import type { ChannelDelivery, CreateSender } from '../sender.ts';
import { BODY_BYTES, type PagerDutyEvent, pagerDutyEvents } from './events.ts';

/** Sends through the Events API v2. 202 means queued there, and an update or resolve of an alert that a person has
 *  already resolved is opened anew or dropped without a word. */
export const createSender: CreateSender<PagerDutySettings> = (settings, { request }) => {
  const { routingKey, endpoint = PAGERDUTY[settings.region ?? 'us'] } = settings;
  const base = endpoint.replace(/(\/v2\/enqueue)?\/*$/, '');
  return {
    async send(notification) {
      const full = pagerDutyEvents(notification, routingKey, 'full');
      const short = pagerDutyEvents(notification, routingKey, 'short');
      for (const [at, event] of full.entries()) {
        const tried = await attempt(event);
        const sent = tried === 'too-large' ? shortest(await attempt(short[at] ?? event)) : tried;
        // First the new page, then the end of the old one: a try that breaks in between leaves one too many, never none.
        if (sent.kind !== 'delivered') return sent;
      }
      return { kind: 'delivered' };
    },
  };

  async function attempt(event: PagerDutyEvent) {
    const body = JSON.stringify(event.body);
    if (Buffer.byteLength(body) > BODY_BYTES) return 'too-large';
    const url = `${base}${event.path}`;
    const secrets = [routingKey];
    const posted = await postJson(body, { request, service: 'PagerDuty', url, secrets });
    if (posted.kind === 'unsettled') return posted.delivery;
    return settle(posted, faultsOf(posted.body, secrets));
  }
};

type Answer = Extract<Posted, { readonly kind: 'answered' }>;

function settle({ status, said, body }: Answer, faults: string): ChannelDelivery | 'too-large' {
  if (status === 202 && isTaken(body)) return { kind: 'delivered' };
  if (status < 300) {
    const detail = `What answered (${status}) did not accept the event as PagerDuty does (202, "success"); a proxy may be in the way`;
    return { kind: 'later', afterMs: RETRY_MS, detail };
  }
  const why = faults === '' ? said : faults;
  if (status === 413 || (status === 400 && /too large|512 ?KB|(payload|body|size|event).*exceed/i.test(why)))
    return 'too-large';
  if (/routing.?key/i.test(why) || status === 401 || status === 403) {
    const detail = `PagerDuty does not know the routing key (${status}, ${why}); put the integration's key into the secret`;
    return { kind: 'refused', detail, credentials: true };
  }
  if (status === 400) {
    const detail = `PagerDuty refused the event (400): ${why}; this is a defect of the watchdog, please report it`;
    return { kind: 'refused', detail };
  }
  return {
    kind: 'refused',
    detail: `PagerDuty refused the event (${status}, ${why}); check the channel's endpoint`,
  };
}

/** PagerDuty says so itself, of alerts as of change events. */
function isTaken(body: string): boolean {
  try {
    return JSON.parse(body).status === 'success';
  } catch {
    return false;
  }
}

function shortest(delivery: ChannelDelivery | 'too-large'): ChannelDelivery {
  if (delivery !== 'too-large') return delivery;
  return {
    kind: 'refused',
    detail: 'PagerDuty refused the event as too large, even without most of its details',
  };
}

/** The sentences in PagerDuty's answer; empty when the answer is not its JSON. */
function faultsOf(body: string, secrets: readonly string[]): string {
  try {
    const { errors, message } = JSON.parse(body);
    const sentences = Array.isArray(errors) && errors.length > 0 ? errors : [message ?? ''];
    return quote(sentences.map(String).join('; '), 300, secrets);
  } catch {
    return '';
  }
}
