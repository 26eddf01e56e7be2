import { isoOf } from '../../functions/core/time.ts';
import { escaped, slackMessage } from './block-kit.ts';
import type { PreviewStory } from './stories.ts';
import type { Taken } from './taken.ts';

const STYLE = `:root{color-scheme:light dark;--bg:#f4f4f6;--card:#fff;--ink:#1d1c1d;--soft:#5c5b5f;--line:#d9d9de;--link:#1264a3;--code:#a82255;--danger:#b3261e;--pd:#04713a}
@media (prefers-color-scheme:dark){:root{--bg:#111214;--card:#1b1d21;--ink:#e6e6e8;--soft:#ababad;--line:#3a3d42;--link:#6db3e8;--code:#f29bb8;--danger:#ff8a80;--pd:#7fd69c}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.46 Lato,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
main{max-width:1180px;margin:0 auto;padding:24px 18px 60px}h1{font-size:24px}h2{font-size:20px;margin:36px 0 4px}h3{font-size:14px;color:var(--soft);margin:22px 0 8px;font-weight:600}
h4{margin:0 0 6px;font-size:16px}a{color:var(--link)}code{font:12.5px/1.4 ui-monospace,"DejaVu Sans Mono",monospace;color:var(--code);border:1px solid var(--line);border-radius:3px;padding:0 3px}
.row{display:grid;grid-template-columns:minmax(0,1.15fr) minmax(0,1fr);gap:14px;align-items:start}.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.card+.card{margin-top:12px}.who{display:flex;gap:10px}.who>div:last-child{flex:1;min-width:0}.avatar{width:36px;height:36px;border-radius:6px;background:#1f5fa8;color:#fff;display:grid;place-items:center;font-weight:700}
.name{font-weight:700}.name small{font-weight:400;color:var(--soft);margin-left:6px}.app{font-size:11px;background:var(--line);border-radius:3px;padding:0 4px;margin-left:5px}
.light{display:inline-block;width:12px;height:12px;border-radius:50%;vertical-align:-1px;margin-right:3px}.red{background:#d92b2b}.orange{background:#e08a1e}.blue{background:#2f7fd1}.green{background:#2aa35a}
.text{margin:2px 0 8px;font-weight:600}.bar{border-left:4px solid;border-radius:2px;padding:1px 0 1px 12px}.bar p{margin:6px 0}.fields{display:grid;grid-template-columns:1fr 1fr;gap:8px 16px;margin:8px 0}
.context{font-size:12.5px;color:var(--soft)}.actions{display:flex;flex-wrap:wrap;gap:8px}.actions span{border:1px solid var(--line);border-radius:4px;padding:4px 12px;font-weight:700;font-size:13.5px}.actions .danger{border-color:var(--danger);color:var(--danger)}
.thread{margin:12px 0 0 46px;padding-top:8px;border-top:1px solid var(--line);font-size:14px}.thread .text{font-weight:400}
.service{font-size:12px;font-weight:700;letter-spacing:.04em;color:var(--soft);text-transform:uppercase;margin:0 0 8px}.pd{color:var(--pd)}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:3px 12px;margin:8px 0 0;font-size:13.5px}dt{color:var(--soft)}dd{margin:0}pre{white-space:pre-wrap;font:13px/1.45 ui-monospace,"DejaVu Sans Mono",monospace;margin:0}
@media (max-width:760px){.row{grid-template-columns:minmax(0,1fr)}.fields{grid-template-columns:minmax(0,1fr)}.thread{margin-left:0}}`;

export interface PreviewedStory extends PreviewStory {
  readonly taken: readonly Taken[];
}

/** Every step of every story as Slack, PagerDuty and a mailbox show it; one file that asks for nothing. */
export function previewPage(stories: readonly PreviewedStory[]): string {
  const sections = stories.map(
    ({ name, title, taken }) =>
      `<section id="${escaped(name)}"><h2>${escaped(title)}</h2>${taken.map((_, at) => stepOf(taken, at, name)).join('')}</section>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>How alerts look</title><style>${STYLE}</style></head>
<body><main><h1>How alerts look</h1><p>Made by the real senders from messages of the flow; what is shown is what services took that enforce their vendors' rules. Slack, PagerDuty and mail programs draw it in their own way.</p>${sections.join('')}</main></body></html>
`;
}

function stepOf(taken: readonly Taken[], at: number, story: string): string {
  const one = taken[at];
  if (one === undefined) return '';
  const { notification, slack, pagerDuty, mail } = one;
  const before = taken[at - 1]?.slack.replies.length ?? 0;
  const what = notification.occasion ?? notification.kind;
  const clock = isoOf(notification.at).slice(11, 16);
  const replies = slack.replies.slice(before).map(({ body }) => slackMessage(body));
  const thread =
    replies.length === 0
      ? ''
      : `<div class="thread"><p class="context">new in its thread</p>${replies.join('')}</div>`;
  const roots = slack.roots.map(({ body, edits }) => messageOf(slackMessage(body), clock, edits)).join('');
  return `<h3>${at + 1}. ${escaped(what)} at ${clock} UTC</h3>
<div class="row" id="${escaped(story)}-${at + 1}"><div><div class="card slack"><p class="service">Slack</p>${roots}${thread}</div></div>
<div>${pagerDuty.map(eventOf).join('')}<div class="card"><p class="service">E-mail</p><pre>${escaped(readable(mail))}</pre></div></div></div>`;
}

function messageOf(inside: string, clock: string, edits: number): string {
  const edited = edits === 0 ? '' : `, edited ${edits} time${edits === 1 ? '' : 's'}`;
  return `<div class="who"><div class="avatar" aria-hidden="true">W</div><div><div class="name">scheduler-watchdog<span class="app">APP</span><small>${clock}${edited}</small></div>${inside}</div></div>`;
}

type Json = Readonly<Record<string, unknown>>;
const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? { ...value } : {});

function eventOf(body: unknown): string {
  const {
    event_action: action = 'change event',
    dedup_key: key,
    client_url: client,
    links,
    ...event
  } = objectOf(body);
  const {
    summary = '',
    custom_details: details,
    severity,
    source,
    component,
    group,
    class: kind,
  } = objectOf(event.payload);
  const shown = { severity, source, component, group, class: kind, dedup_key: key, client_url: client };
  const rows = [...Object.entries(shown), ...Object.entries(objectOf(details))].flatMap(([name, value]) =>
    value === undefined ? [] : [`<dt>${escaped(name)}</dt><dd>${escaped(String(value))}</dd>`],
  );
  const more = Array.isArray(links) ? links.map(objectOf).map(linkOf).join(' · ') : '';
  return `<div class="card"><p class="service">PagerDuty · <span class="pd">${escaped(String(action))}</span></p><h4>${escaped(String(summary))}</h4>${more}<dl>${rows.join('')}</dl></div>`;
}

const linkOf = ({ href, text }: Json) =>
  `<a href="${escaped(String(href))}" rel="noreferrer">${escaped(String(text))}</a>`;

/** Subject, sender and text of a mail; a quoted-printable body is read as its reader shows it. */
function readable(mail: string): string {
  const at = mail.indexOf('\r\n\r\n');
  const head = mail.slice(0, at).replace(/\r\n[ \t]+/g, ' ');
  const body = mail.slice(at + 4);
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  const encoding = header('Content-Transfer-Encoding');
  const text =
    encoding === 'quoted-printable'
      ? quotedPrintable(body)
      : encoding === 'base64'
        ? Buffer.from(body, 'base64').toString('utf8')
        : body;
  const shown = ['From', 'To', 'Subject', 'Importance'].flatMap((name) =>
    header(name) === '' ? [] : [`${name}: ${words(header(name))}`],
  );
  return `${shown.join('\n')}\n\n${text.replaceAll('\r\n', '\n').trim()}`;
}

const bytesOf = (text: string) =>
  text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
const quotedPrintable = (text: string) =>
  Buffer.from(bytesOf(text.replace(/=\r\n/g, '')), 'latin1').toString('utf8');

/** RFC 2047. */
const words = (text: string) =>
  text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, how: string, word: string) =>
      how.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString('utf8')
        : Buffer.from(bytesOf(word.replaceAll('_', ' ')), 'latin1').toString('utf8'),
    );
