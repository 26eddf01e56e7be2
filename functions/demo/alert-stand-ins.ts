import { createServer, type IncomingMessage } from 'node:http';
import { type Listening, listen } from './listen.ts';

/** One alert as it arrived on the far side. */
export interface Received {
  readonly channel: 'slack' | 'pagerduty';
  readonly at: number;
  /** Slack: opened, updated, resolved; PagerDuty: trigger, change, resolve. */
  readonly kind: string;
  readonly title: string;
  /** Slack's message, line by line; empty for PagerDuty. */
  readonly lines: readonly string[];
  /** PagerDuty's dedup key; null for Slack, and for changes, which have none. */
  readonly dedupKey: string | null;
}

export interface AlertStandIn extends Listening {
  readonly received: readonly Received[];
}

type Take = (body: unknown, at: number) => Received | null;

/** Says "ok" as an incoming webhook does, and keeps the message. */
export function startSlackStandIn(onReceived: (received: Received) => void): Promise<AlertStandIn> {
  return start(slackMessage, { taken: [200, 'ok'], refused: [400, 'invalid_payload'] }, onReceived);
}

/** Says 202 as the Events API v2 does, and keeps the event. */
export function startPagerDutyStandIn(onReceived: (received: Received) => void): Promise<AlertStandIn> {
  const says = (status: string) => JSON.stringify({ status, message: status });
  const answers: Answers = { taken: [202, says('success')], refused: [400, says('invalid event')] };
  return start(pagerDutyEvent, answers, onReceived);
}

interface Answers {
  readonly taken: readonly [number, string];
  readonly refused: readonly [number, string];
}

async function start(
  take: Take,
  answers: Answers,
  onReceived: (received: Received) => void,
): Promise<AlertStandIn> {
  const received: Received[] = [];
  const server = createServer((message, response) => {
    void bodyOf(message).then((body) => {
      const one = take(body, Date.now());
      const [status, text] = one === null ? answers.refused : answers.taken;
      response.writeHead(status).end(text);
      if (one === null) return;
      received.push(one);
      onReceived(one);
    });
  });
  return { ...(await listen(server)), received };
}

interface TextPart {
  readonly text?: string;
}
interface SlackBody {
  readonly text?: string;
  readonly blocks?: readonly {
    readonly type: string;
    readonly text?: TextPart;
    readonly fields?: readonly TextPart[];
    readonly elements?: readonly TextPart[];
  }[];
}

function slackMessage(body: unknown, at: number): Received | null {
  const { text, blocks } = (body ?? {}) as SlackBody;
  if (typeof text !== 'string' || blocks === undefined) return null;
  const lines = blocks.flatMap((block) => [
    ...plain(block.text),
    ...(block.fields ?? []).map((field) => plain(field).join(' ')),
    ...(block.elements ?? []).flatMap(plain),
  ]);
  const context = lines.at(-1)?.split(/\s+·\s+/) ?? [];
  return { channel: 'slack', at, kind: context[1] ?? '', title: lines[0] ?? text, lines, dedupKey: null };
}

/** Without Slack's marks, as a person reads it. */
function plain({ text = '' }: TextPart = {}): string[] {
  const bare = text
    .replace(/\*/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
  return text === '' ? [] : [bare.replaceAll('\n', ': ')];
}

interface PagerDutyBody {
  readonly event_action?: string;
  readonly dedup_key?: string;
  readonly payload?: { readonly summary?: string };
}

function pagerDutyEvent(body: unknown, at: number): Received | null {
  const { event_action: kind, dedup_key: dedupKey, payload } = (body ?? {}) as PagerDutyBody;
  const summary = payload?.summary;
  if (kind === undefined && typeof summary === 'string')
    return { channel: 'pagerduty', at, kind: 'change', title: summary, lines: [], dedupKey: null };
  if (typeof kind !== 'string' || typeof dedupKey !== 'string') return null;
  return { channel: 'pagerduty', at, kind, title: summary ?? dedupKey, lines: [], dedupKey };
}

async function bodyOf(message: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of message) text += chunk;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
