import { type ChannelStub, isObject, json, parsed } from './channel-stub.ts';
import type { Answer, Received } from './faults.ts';
import { startHttpStub } from './http-stub.ts';
import { slackFault } from './slack-rules.ts';

type Json = Readonly<Record<string, unknown>>;

export interface BotMessage {
  readonly ts: string;
  readonly thread: string | null;
  readonly body: Json;
  readonly edits: number;
}

export interface SlackBotStub extends ChannelStub {
  readonly messages: readonly BotMessage[];
  /** A person deletes a message. */
  remove(ts: string): void;
  /** The app may no longer read the channel. */
  forbidReading(): void;
  /** The next call is taken, and answered with `internal_error`: the outcome is unknown. */
  hideOutcome(): void;
}

const TOKEN = 'xoxb-0000000000-stubtokenstubtoken';
const CHANNEL = 'C0STUB0001';
const PARENTS: Readonly<Record<string, boolean>> = { 'chat.postMessage': true, 'chat.update': true };

/** Slack's Web API as far as alerts use it (docs.slack.dev/reference/methods); every answer is 200, but 429. */
export async function startSlackBotStub(): Promise<SlackBotStub> {
  const messages = new Map<string, BotMessage>();
  const accepted: string[] = [];
  let canRead = true;
  let isHidden = false;
  const no = (error: string) => json(200, { ok: false, error });
  const stub = await startHttpStub({
    take,
    rateLimited: () => json(429, { ok: false, error: 'ratelimited' }),
    revoked: () => no('token_revoked'),
    archived: () => no('is_archived'),
  });
  return {
    settings: { token: TOKEN, channel: CHANNEL },
    endpoint: stub.origin,
    secret: TOKEN,
    accepted,
    requests: stub.requests,
    get messages() {
      return [...messages.values()];
    },
    fail: stub.fail,
    remove: (ts) => void messages.delete(ts),
    forbidReading: () => {
      canRead = false;
    },
    hideOutcome: () => {
      isHidden = true;
    },
    close: stub.close,
  };

  function take({ method, path, headers, body }: Received): Answer {
    const name = /^\/api\/([a-zA-Z.]+)$/.exec(path)?.[1] ?? '';
    if (method !== 'POST') return no('unknown_method');
    if (headers.authorization !== `Bearer ${TOKEN}`) return no('invalid_auth');
    if (headers['content-type']?.startsWith('application/json') !== true) return no('invalid_post_type');
    const asked = parsed(body);
    if (asked === null) return no('invalid_json');
    if (asked.channel !== CHANNEL) return no('channel_not_found');
    const fault = PARENTS[name] === true ? messageFault(asked) : null;
    if (fault !== null)
      return json(200, { ok: false, error: fault, response_metadata: { messages: [`[ERROR] ${fault}`] } });
    const answer = answerTo(name, asked);
    if (!isHidden) return answer;
    isHidden = false;
    return no('internal_error');
  }

  function answerTo(name: string, asked: Json): Answer {
    switch (name) {
      case 'chat.postMessage':
        return post(asked);
      case 'chat.update':
        return update(asked);
      case 'conversations.history':
        return list(asked, ({ thread }) => thread === null);
      case 'conversations.replies':
        return list(asked, ({ ts, thread }) => ts === asked.ts || thread === asked.ts);
      default:
        return no('unknown_method');
    }
  }

  function post(asked: Json): Answer {
    const thread = typeof asked.thread_ts === 'string' ? asked.thread_ts : null;
    if (asked.thread_ts !== undefined && (thread === null || !messages.has(thread)))
      return no('thread_not_found');
    if (asked.reply_broadcast !== undefined && thread === null) return no('invalid_arguments');
    // Later than every moment that tests speak of.
    const ts = `${1_900_000_000 + accepted.length}.${String(accepted.length).padStart(6, '0')}`;
    messages.set(ts, { ts, thread, body: asked, edits: 0 });
    accepted.push(JSON.stringify(asked));
    return json(200, { ok: true, channel: CHANNEL, ts });
  }

  function update(asked: Json): Answer {
    if (typeof asked.ts !== 'string') return no('invalid_arguments');
    const known = messages.get(asked.ts);
    if (known === undefined) return no('message_not_found');
    if (String(asked.text ?? '').length > 4_000) return no('msg_too_long');
    messages.set(known.ts, { ...known, body: { ...known.body, ...asked }, edits: known.edits + 1 });
    return json(200, { ok: true, channel: CHANNEL, ts: known.ts });
  }

  function list(asked: Json, isMeant: (message: BotMessage) => boolean): Answer {
    if (!canRead) return no('missing_scope');
    const { oldest, limit } = asked;
    if (typeof oldest !== 'string' || typeof limit !== 'number' || limit > 999)
      return no('invalid_arguments');
    const meant = [...messages.values()].filter(
      (one) => isMeant(one) && (Number(one.ts) > Number(oldest) || one.ts === asked.ts),
    );
    // A channel's history begins with the newest, a thread with its root.
    const sorted = asked.ts === undefined ? meant.reverse() : meant;
    const found = sorted.slice(0, limit).map(({ ts, body }) => {
      const { metadata, ...rest } = body;
      return { ...rest, ts, ...(asked.include_all_metadata === true && { metadata }) };
    });
    return json(200, { ok: true, messages: found, has_more: false });
  }
}

/** The rules of a webhook's message, and those of what is in attachments and metadata. */
function messageFault(message: Json): string | null {
  const { text, attachments, metadata } = message;
  if (text === undefined && attachments === undefined && message.blocks === undefined) return 'no_text';
  const list = attachments ?? [];
  if (!Array.isArray(list) || list.length > 100) return 'too_many_attachments';
  for (const attachment of list) {
    if (!isObject(attachment) || !Array.isArray(attachment.blocks) || attachment.blocks.length > 20)
      return 'invalid_attachments';
    if (!/^(good|warning|danger|#[0-9a-fA-F]{6})$/.test(`${attachment.color}`)) return 'invalid_attachments';
    if ('text' in attachment) return 'invalid_attachments';
    if (slackFault({ text, blocks: attachment.blocks }) !== null) return 'invalid_attachments';
  }
  if (metadata === undefined) return null;
  const isForm =
    isObject(metadata) &&
    /^[A-Za-z0-9_]+$/.test(`${metadata.event_type}`) &&
    isObject(metadata.event_payload);
  return isForm ? null : 'invalid_metadata_format';
}
