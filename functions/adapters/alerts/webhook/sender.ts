import { createHash, createHmac } from 'node:crypto';
import type { WebhookSettings } from '../../../config/channels/webhook.ts';
import type { Notification } from '../../../core/notification.ts';
import { isoOf, SECOND_MS } from '../../../core/time.ts';
import { addressOf } from '../address.ts';
import { eventData } from '../event.ts';
import { isPage, type Posted, postJson, RETRY_MS } from '../post.ts';
import type { ChannelDelivery, CreateSender } from '../sender.ts';

/** The specification asks for less than 20 kB (standardwebhooks.com, "Payload size"). */
const BODY_BYTES = 20_000;
const SHORT_CHARS = 100;

/** Posts what happened, signed as Standard Webhooks 1.0 says: every try has the same id, and its own time. */
export const createSender: CreateSender<WebhookSettings> = (settings, { request, now }) => {
  const { url, secrets } = addressOf(settings.url, settings.endpoint ?? null);
  const { secret } = settings;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return {
    async send(notification) {
      const body = bodyOf(notification);
      const id = webhookId(notification.id);
      const seconds = `${Math.floor(now() / SECOND_MS)}`;
      const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': seconds,
        'webhook-signature': `v1,${signature}`,
      };
      const posted = await postJson(body, {
        request,
        service: 'The receiver',
        url,
        secrets: [...secrets, secret],
        headers,
      });
      return settle(posted);
    },
  };
};

function bodyOf(notification: Notification): string {
  const print = (chars?: number) =>
    JSON.stringify({
      type: `incident.${notification.kind}`,
      timestamp: isoOf(notification.at),
      data: eventData(notification, chars),
    });
  const full = print();
  return Buffer.byteLength(full) <= BODY_BYTES ? full : print(SHORT_CHARS);
}

/** The receiver's idempotency key; it may hold no dot, which separates the signed parts. */
function webhookId(id: string): string {
  return /^[A-Za-z0-9_/-]{1,200}$/.test(id) ? id : `sha256-${createHash('sha256').update(id).digest('hex')}`;
}

function settle(posted: Posted): ChannelDelivery {
  if (posted.kind === 'unsettled') return posted.delivery;
  const { status, said } = posted;
  if (status >= 200 && status < 300)
    return isPage(posted.body)
      ? {
          kind: 'later',
          afterMs: RETRY_MS,
          detail: `What answered (${status}) sent a web page, as a proxy's login does; the receiver has to answer without one`,
        }
      : { kind: 'delivered' };
  const answer = said === '' ? `${status}` : `${status}, ${said}`;
  if (status === 410)
    return {
      kind: 'refused',
      detail: `The receiver wants no more messages (410); take its channel out or correct the url`,
    };
  const isCredentials = status === 401 || status === 403 || status === 404;
  const run = isCredentials ? 'check url and secret' : 'check what the receiver expects';
  return {
    kind: 'refused',
    detail: `The receiver refused the message (${answer}); ${run}`,
    ...(isCredentials && { credentials: true }),
  };
}
