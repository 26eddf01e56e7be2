import { quote } from '../../../core/redact.ts';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../../../core/time.ts';
import { postJson, RETRY_MS, type Request } from '../post.ts';
import type { ChannelDelivery } from '../sender.ts';
import { classOf } from './bot-errors.ts';

export interface SlackBotOptions {
  readonly token: string;
  /** The channel's ID. */
  readonly channel: string;
  /** Stands in for https://slack.com. */
  readonly endpoint: string | null;
  readonly request: Request;
  /** Messages may have buttons. */
  readonly buttons: boolean;
}

/** What Slack said to one call. `lost`: the message it speaks of is gone; `payload`: less of it may be taken. */
export type Said =
  | { readonly kind: 'done'; readonly ts: string; readonly body: Body }
  | { readonly kind: 'lost' | 'payload' | 'unknown' | 'no'; readonly delivery: ChannelDelivery };

export type Found =
  | { readonly kind: 'there'; readonly ts: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unseen'; readonly delivery: ChannelDelivery };

type Body = Readonly<Record<string, unknown>>;

/** Messages looked through for one whose outcome is not known; each comes whole, with all its blocks. */
const LOOKED_THROUGH = 100;
const LIST_BYTES = 4 * 1024 * 1024;
/** Slack's clock may be behind ours. */
const CLOCKS_MS = 5 * MINUTE_MS;

/** The Web API, as far as alerts need it (docs.slack.dev/reference/methods). */
export function botApi({ token, channel, endpoint, request }: Omit<SlackBotOptions, 'buttons'>) {
  const base = (endpoint ?? 'https://slack.com').replace(/\/+$/, '');
  return {
    post: (message: Body) => call('chat.postMessage', { channel, unfurl_links: false, ...message }),
    update: (message: Body) => call('chat.update', { channel, ...message }),
    /** Looks for a message of ours by its key, among those since a moment. Who may not read the channel finds nothing; `unseen` where that may change. */
    async find(key: string, since: EpochMs, thread: string | null): Promise<Found> {
      const method = thread === null ? 'conversations.history' : 'conversations.replies';
      const oldest = `${Math.max(0, (since - CLOCKS_MS) / SECOND_MS).toFixed(6)}`;
      const where = { channel, include_all_metadata: true, limit: LOOKED_THROUGH, oldest };
      const said = await call(method, { ...where, ...(thread !== null && { ts: thread }) }, LIST_BYTES);
      if (said.kind !== 'done')
        return said.delivery.kind === 'later'
          ? { kind: 'unseen', delivery: said.delivery }
          : { kind: 'none' };
      const messages = Array.isArray(said.body.messages) ? said.body.messages : [];
      const ours = messages.find((one) => one?.metadata?.event_payload?.key === key);
      return typeof ours?.ts === 'string' ? { kind: 'there', ts: ours.ts } : { kind: 'none' };
    },
  };

  async function call(method: string, body: Body, maxBytes?: number): Promise<Said> {
    const posted = await postJson(JSON.stringify(body), {
      request,
      service: 'Slack',
      url: `${base}/api/${method}`,
      secrets: [token],
      headers: { authorization: `Bearer ${token}` },
      ...(maxBytes !== undefined && { maxBytes }),
    });
    if (posted.kind === 'unsettled')
      return { kind: posted.isUnknown ? 'unknown' : 'no', delivery: posted.delivery };
    const answer = answerOf(posted.body);
    if (posted.status !== 200 || answer === null)
      return { kind: 'unknown', delivery: unclear(posted.status) };
    if (answer.ok === true)
      return { kind: 'done', ts: typeof answer.ts === 'string' ? answer.ts : '', body: answer };
    return refusal(answer);
  }

  function refusal(answer: Body): Said {
    const name = /^[a-z_]{1,60}$/.test(`${answer.error}`) ? `${answer.error}` : 'an unnamed error';
    const { kind, says, credentials } = classOf(name);
    const more = messagesOf(answer);
    const detail = `Slack says ${name}${more === '' ? '' : ` (${quote(more, 200, [token])})`}; ${says}`;
    const isLater = kind === 'later' || kind === 'unknown';
    const delivery: ChannelDelivery = isLater
      ? { kind: 'later', afterMs: RETRY_MS, detail }
      : { kind: 'refused', detail, ...(credentials && { credentials }) };
    return { kind: kind === 'later' || kind === 'refused' ? 'no' : kind, delivery };
  }
}

function answerOf(text: string): Body | null {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null && 'ok' in answer ? { ...answer } : null;
  } catch {
    return null;
  }
}

/** Where Slack says which part of a layout it does not take. */
function messagesOf({ response_metadata: more }: Body): string {
  const messages = typeof more === 'object' && more !== null && 'messages' in more ? more.messages : [];
  return Array.isArray(messages) ? messages.map(String).join('; ') : '';
}

/** Something between us and Slack spoke; whether Slack took the message is not known. */
function unclear(status: number): ChannelDelivery {
  const detail = `What answered (${status}) did not speak as Slack does; a proxy may be in the way`;
  return { kind: 'later', afterMs: RETRY_MS, detail };
}
