import { Webhook } from 'standardwebhooks';
import { type ChannelStub, json, parsed } from './channel-stub.ts';
import type { Answer, Received } from './faults.ts';
import { startHttpStub } from './http-stub.ts';

const SECRET = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';

export interface WebhookStub extends ChannelStub {
  /** `webhook-id` of every message that was taken, repeats too. */
  readonly ids: readonly string[];
}

/** A receiver as standardwebhooks.com describes it, judged by its own library; the id is its idempotency key. */
export async function startWebhookStub(): Promise<WebhookStub> {
  const accepted: string[] = [];
  const ids: string[] = [];
  const oracle = new Webhook(SECRET);
  const stub = await startHttpStub({
    take,
    rateLimited: () => json(429, {}),
    revoked: () => json(401, { error: 'signature' }),
    archived: () => json(410, {}),
  });
  return {
    settings: { url: `${stub.origin}/hooks/watchdog`, secret: SECRET },
    endpoint: null,
    believesAnyone: true,
    secret: SECRET,
    accepted,
    ids,
    requests: stub.requests,
    fail: stub.fail,
    close: stub.close,
  };

  function take({ method, path, headers, body }: Received): Answer {
    if (method !== 'POST' || path !== '/hooks/watchdog') return json(404, {});
    const id = String(headers['webhook-id'] ?? '');
    if (id === '' || id.includes('.') || Buffer.byteLength(body) > 20_000)
      return json(400, { error: 'form' });
    try {
      oracle.verify(body, headers as Record<string, string>);
    } catch {
      return json(401, { error: 'signature' });
    }
    const { type, timestamp, data } = parsed(body) ?? {};
    if (
      !/^[a-zA-Z0-9_.]+$/.test(String(type)) ||
      Number.isNaN(Date.parse(String(timestamp))) ||
      data === undefined
    )
      return json(400, { error: 'payload' });
    if (!ids.includes(id)) accepted.push(body);
    ids.push(id);
    return { status: 204, body: '' };
  }
}
