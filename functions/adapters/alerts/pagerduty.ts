import { quote } from '../../core/redact.ts';
import { BODY_BYTES, type PagerDutyEvent, pagerDutyEndOf, pagerDutyEvent } from './pagerduty-events.ts';
import { type ChannelDelivery, type ChannelSender, postJson, RETRY_MS, type Request } from './post.ts';

export interface PagerDutyOptions {
  /** The integration's key, the only credential there is. */
  readonly routingKey: string;
  /** Null takes the service region US; EU accounts have https://events.eu.pagerduty.com. */
  readonly endpoint: string | null;
  readonly request: Request;
}

/** The service region US. */
export const PAGERDUTY = 'https://events.pagerduty.com';

/** Sends through the Events API v2. 202 means queued there, and an update or resolve of an alert that a person has
 *  already resolved is opened anew or dropped without a word (channels keep no state, so this one cannot tell). */
export function pagerDutyNotifier({ routingKey: given, endpoint, request }: PagerDutyOptions): ChannelSender {
  const routingKey = given.trim();
  const base = (endpoint ?? PAGERDUTY).replace(/(\/v2\/enqueue)?\/*$/, '');
  return {
    async send(notification) {
      // There is nowhere to put it, and a refusal would keep the incident's resolve waiting behind it.
      if (notification.kind === 'note' && isRulesetKey(routingKey)) return { kind: 'delivered' };
      const full = await attempt(pagerDutyEvent(notification, routingKey, 'full'));
      const sent =
        full === 'too-large'
          ? shortest(await attempt(pagerDutyEvent(notification, routingKey, 'short')))
          : full;
      // First the new page, then the end of the old one: a try that breaks in between leaves one too many, never none.
      const end = sent.kind === 'delivered' ? pagerDutyEndOf(notification, routingKey) : null;
      return end === null ? sent : shortest(await attempt(end));
    },
  };

  async function attempt(event: PagerDutyEvent) {
    const body = JSON.stringify(event.body);
    if (Buffer.byteLength(body) > BODY_BYTES) return 'too-large';
    const url = `${base}${event.path}`;
    const secrets = [routingKey];
    const posted = await postJson(body, { request, service: 'PagerDuty', url, secrets });
    if (posted.kind === 'unsettled') return posted.delivery;
    return settle(posted.status, posted.said, faultsOf(posted.body, secrets));
  }
}

function settle(status: number, said: string, faults: string): ChannelDelivery | 'too-large' {
  if (status === 202) return { kind: 'delivered' };
  if (status < 300) {
    const detail = `What answered (${status}) did not accept the event as PagerDuty does (202); a proxy may be in the way`;
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

/** Keys of rulesets begin with R, those of service integrations are hexadecimal; only the latter take change events. */
function isRulesetKey(routingKey: string): boolean {
  return routingKey.startsWith('R');
}
