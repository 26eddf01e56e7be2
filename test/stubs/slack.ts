import type { Answer, Fault, Received } from './faults.ts';
import { startHttpStub } from './http-stub.ts';
import { slackFault } from './slack-rules.ts';

export interface SlackStub {
  readonly webhookUrl: string;
  readonly messages: readonly { readonly at: number; readonly body: unknown }[];
  /** Every request, the refused ones too. */
  readonly requests: readonly Received[];
  fail(next: Fault | readonly Fault[]): void;
  /** Resolves when Slack has taken so many messages. */
  waitFor(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface SlackStubOptions {
  /** Slack disables a webhook that sent more than 3,600 messages in 5 minutes, for ever. */
  readonly disableAbove?: number;
}

const PATH = '/services/T0STUB0001/B0STUB0001/stubWebhookSecret0000001';
const WINDOW_MS = 300_000;

/** Slack's incoming webhook on the loopback interface. It enforces what Slack documents or was seen to do. */
export async function startSlackStub({ disableAbove = 3_600 }: SlackStubOptions = {}): Promise<SlackStub> {
  const messages: { at: number; body: unknown }[] = [];
  let isDisabled = false;
  const stub = await startHttpStub({
    take,
    revoked: () => plain(404, 'no_service'),
    archived: () => plain(410, 'channel_is_archived'),
    rateLimited: () => ({
      status: 429,
      body: '{"retry_after":1,"ok":false,"error":"rate_limited"}',
      headers: { 'content-type': 'application/json' },
    }),
  });
  return {
    webhookUrl: `${stub.origin}${PATH}`,
    messages,
    requests: stub.requests,
    fail: stub.fail,
    waitFor: (count) => stub.waitUntil(() => messages.length >= count, `${count} Slack messages`),
    close: stub.close,
  };

  function take({ method, path, headers, body }: Received): Answer {
    if (path !== PATH) return plain(404, 'no_service');
    if (isDisabled) return plain(404, 'no_active_hooks');
    const message = method === 'POST' ? messageIn(body, headers['content-type'] ?? '') : undefined;
    if (message === undefined) return plain(400, 'invalid_payload');
    if (typeof message === 'object' && message !== null && 'channel' in message)
      return plain(404, 'channel_not_found');
    const fault = slackFault(message);
    if (fault !== null) return plain(400, fault);
    const at = Date.now();
    messages.push({ at, body: message });
    isDisabled = messages.filter((sent) => sent.at > at - WINDOW_MS).length > disableAbove;
    return plain(200, 'ok');
  }
}

/** JSON, or a form whose field `payload` is JSON. */
function messageIn(body: string, contentType: string): unknown {
  try {
    if (contentType.startsWith('application/json')) return JSON.parse(body);
    return JSON.parse(new URLSearchParams(body).get('payload') ?? '');
  } catch {
    return undefined;
  }
}

/** Slack labels its plain answers, the errors too, as HTML. */
function plain(status: number, body: string): Answer {
  return { status, body, headers: { 'content-type': 'text/html' } };
}
