import type { ActionsBlock, ContextBlock, HeaderBlock, MrkdwnElement, SectionBlock } from '@slack/types';
import type { Notification, Severity } from '../../../core/notification.ts';
import { isoOf } from '../../../core/time.ts';
import { webLinks } from '../links.ts';
import { clean, cut, oneLine } from '../text.ts';

export interface SlackMessage {
  /** What a phone's notification and a screen reader show. */
  readonly text: string;
  readonly blocks?: readonly (HeaderBlock | SectionBlock | ContextBlock)[];
}

/** Of single parts: docs.slack.dev/reference/block-kit/blocks. */
const HEADER_CHARS = 150;
const SECTION_CHARS = 3_000;
const FIELD_CHARS = 2_000;
const FIELDS = 10;
/** Of the whole: Slack publishes no number. 11,341 of text and 17,694 of JSON were refused, 9,597 and 15,561 were
 *  taken (bolt-js #2867), so these stay below. */
const TOTAL_TEXT_CHARS = 9_000;
const TOTAL_JSON_CHARS = 14_000;
/** Our own shares of that whole. */
const FALLBACK_CHARS = 1_000;
const CONTEXT_PART_CHARS = 100;
const ALL_FIELDS_CHARS = 4_000;

const SYMBOLS = { critical: '🔴', warning: '🟠', info: '🔵' } as const;

/** The message with blocks, always within Slack's limits whatever the notification holds. */
export function slackMessage(notification: Notification): SlackMessage {
  for (const share of [1, 0.5]) {
    const message = build(notification, share);
    if (isWithinBudget(message)) return message;
  }
  return plainSlackMessage(notification);
}

const COLORS = { critical: 'danger', warning: 'warning', info: '#439fe0' } as const;

/**
 * The message as the bot keeps it up to date: the headline, and the rest behind a bar in the colour of its severity.
 * @param buttons what a person can do about it; null: nothing
 */
export function barMessage(
  notification: Notification,
  worst: Severity = notification.severity,
  buttons: ActionsBlock | null = null,
) {
  const { blocks = [] } = slackMessage(notification);
  const color = notification.kind === 'resolved' ? 'good' : COLORS[worst];
  const text = escapeWithin(headerOf(notification), FALLBACK_CHARS);
  const rest = blocks.filter(({ type }) => type !== 'header');
  const all = buttons === null ? rest : [...rest, buttons];
  return { text, attachments: all.length === 0 ? [] : [{ color, blocks: all }] };
}

/** The same without blocks: what is left to send when Slack refuses the layout. */
export function plainSlackMessage(notification: Notification): SlackMessage {
  const { title, text, kind, severity } = notification;
  const says = [oneLine(title), oneLine(text)].filter((part) => part !== '').join(' — ');
  return {
    text: escapeWithin(
      `${symbolOf(notification)} ${kind === 'resolved' ? kind : severity}: ${says}`,
      FALLBACK_CHARS,
    ),
  };
}

function build(notification: Notification, share: number): SlackMessage {
  const blocks: (HeaderBlock | SectionBlock | ContextBlock)[] = [
    { type: 'header', text: { type: 'plain_text', emoji: true, text: headerOf(notification) } },
  ];
  const text = clean(notification.text).trim();
  if (text !== '') blocks.push({ type: 'section', text: mrkdwn(escapeWithin(text, SECTION_CHARS * share)) });
  const fields = fieldsOf(notification, share);
  if (fields.length > 0) blocks.push({ type: 'section', fields });
  const links = linksOf(notification);
  if (links !== '') blocks.push({ type: 'section', text: mrkdwn(links) });
  blocks.push({ type: 'context', elements: [mrkdwn(contextOf(notification))] });
  return { text: plainSlackMessage(notification).text, blocks };
}

function headerOf(notification: Notification): string {
  return cut(`${symbolOf(notification)} ${oneLine(notification.title)}`.trim(), HEADER_CHARS);
}

function fieldsOf({ fields }: Notification, share: number): MrkdwnElement[] {
  const shown = fields.slice(0, FIELDS);
  const chars = Math.min(FIELD_CHARS, Math.floor((ALL_FIELDS_CHARS * share) / Math.max(1, shown.length)));
  return shown.map(({ name, value }) => {
    const label = escapeWithin(oneLine(name), Math.floor(chars / 3)) || '–';
    const rest = escapeWithin(clean(value).trim(), chars - label.length - '**\n'.length) || '–';
    return mrkdwn(`*${label}*\n${rest}`);
  });
}

/** `<address|name>` each; neither may hold what separates or ends them. */
function linksOf(notification: Notification): string {
  const safe = (text: string) => text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
  return webLinks(notification)
    .map(({ name, url }) => `<${safe(url.replaceAll('|', '%7C'))}|${safe(name.replaceAll('|', '/'))}>`)
    .join('  ·  ');
}

function contextOf({ severity, kind, target, at, incident }: Notification): string {
  const when = isoOf(at).replace('T', ' ').replace('.000Z', ' UTC').replace('Z', ' UTC');
  const parts = [target, when, incident].map((part) => escapeWithin(oneLine(part), CONTEXT_PART_CHARS));
  return [`*${severity}*`, kind, ...parts].filter((part) => part !== '').join('  ·  ');
}

function symbolOf({ kind, severity }: Notification): string {
  return kind === 'resolved' ? '🟢' : SYMBOLS[severity];
}

/** `verbatim`: a log line that quotes `@channel` or `#general` must call nobody. Links are written out instead. */
function mrkdwn(text: string): MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true };
}

const LINK_OR_CHARACTER = /https?:\/\/[^\s<>|"'`]*[^\s<>|"'`.,;:!?)\]}]|[\s\S]/gu;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Slack's mrkdwn of a text, at most `limit` long after escaping, never ending inside an entity or a link
 *  (docs.slack.dev/messaging/formatting-message-text). */
function escapeWithin(text: string, limit: number): string {
  let escaped = '';
  let longest = '';
  for (const [piece] of text.matchAll(LINK_OR_CHARACTER)) {
    const safe = piece.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
    escaped += piece.length > 2 ? `<${safe}>` : safe;
    if (escaped.length > limit) return `${longest}…`;
    if (escaped.length < limit) longest = escaped;
  }
  return escaped;
}

function isWithinBudget(message: SlackMessage): boolean {
  const json = JSON.stringify(message);
  const texts: string[] = [];
  JSON.parse(json, (key, value) => {
    if (key === 'text' && typeof value === 'string') texts.push(value);
    return value;
  });
  return json.length <= TOTAL_JSON_CHARS && texts.join('').length <= TOTAL_TEXT_CHARS;
}
