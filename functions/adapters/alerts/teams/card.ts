import type { Notification } from '../../../core/notification.ts';
import { isoOf } from '../../../core/time.ts';
import { webLinks } from '../links.ts';
import { headline } from '../plain.ts';
import { clean, cut, oneLine } from '../text.ts';

/** The whole message may have 28 KB (learn.microsoft.com, "Create incoming webhooks"); there is room to spare. */
const BODY_BYTES = 24 * 1024;
const STYLES = { critical: 'attention', warning: 'warning', info: 'accent' } as const;

/** A message with one Adaptive Card 1.4, the newest that Teams shows everywhere. */
export function teamsMessage(notification: Notification, size: 'full' | 'short') {
  const message = messageOf(notification, size === 'full' ? 1_500 : 200);
  return Buffer.byteLength(JSON.stringify(message)) <= BODY_BYTES ? message : messageOf(notification, 100);
}

function messageOf(notification: Notification, chars: number) {
  const { kind, severity, text, fields, target, at, incident } = notification;
  const plain = (value: string) => literal(cut(clean(value).trim(), chars));
  const line = (value: string) => literal(cut(oneLine(value), chars));
  const block = (value: string, more: object = {}) => ({
    type: 'TextBlock',
    text: value || '–',
    wrap: true,
    ...more,
  });
  const facts = fields
    .slice(0, 10)
    .map(({ name, value }) => ({ title: line(name) || '–', value: line(value) || '–' }));
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      {
        type: 'Container',
        style: kind === 'resolved' ? 'good' : STYLES[severity],
        bleed: true,
        items: [block(line(headline(notification)), { weight: 'Bolder', size: 'Medium' })],
      },
      block(plain(text)),
      ...(facts.length > 0 ? [{ type: 'FactSet', facts }] : []),
      block(line(`${target} · ${isoOf(at)} · ${incident}`), { isSubtle: true, size: 'Small' }),
    ],
    actions: webLinks(notification).map(({ name, url }) => ({ type: 'Action.OpenUrl', title: name, url })),
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

/** Adaptive Cards read a part of Markdown; a log line must neither become a link nor a list. */
function literal(text: string): string {
  return text
    .replace(/[\\`*_[\]<>#]/g, '\\$&')
    .replace(/^(\d+)\./gm, '$1\\.')
    .replace(/^([-+])/gm, '\\$1');
}
