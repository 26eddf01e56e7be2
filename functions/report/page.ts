import { type ComponentChild, type ComponentChildren, h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { type EpochMs, isoOf } from '../core/time.ts';
import { STYLE } from './style.ts';

/** Nothing is fetched and nothing runs, whatever a log line says. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A whole file: style inside, no script, no request. */
export function pageOf(title: string, body: ComponentChildren): string {
  const document = h(
    'html',
    { lang: 'en' },
    h(
      'head',
      null,
      h('meta', { charSet: 'utf-8' }),
      h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      h('meta', { httpEquiv: 'Content-Security-Policy', content: POLICY }),
      h('meta', { name: 'referrer', content: 'no-referrer' }),
      h('meta', { name: 'robots', content: 'noindex' }),
      h('title', null, title),
      // Our own constant; texts from outside never come here.
      h('style', { dangerouslySetInnerHTML: { __html: STYLE } }),
    ),
    h('body', null, h('main', null, body)),
  );
  return `<!doctype html>\n${renderToString(document)}\n`;
}

/** `2026-11-23 03:12:07` */
export const momentText = (at: EpochMs): string => isoOf(at).slice(0, 19).replace('T', ' ');

/** `03:12:07` */
export const clockText = (at: EpochMs): string => isoOf(at).slice(11, 19);

export function moment(at: EpochMs, text = momentText(at)): ComponentChild {
  return h('time', { dateTime: isoOf(at) }, text);
}

/** Only what leads to a page: a `javascript:` from a document would run in whoever reads this. */
export function link(url: string, text: string): ComponentChild | string {
  return /^https?:\/\//i.test(url) ? h('a', { href: url, rel: 'noreferrer noopener' }, text) : text;
}

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ComponentChildren;
}

/** A table that becomes a list of cards on a phone. */
export function tableOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): ComponentChild {
  return h(
    'table',
    { class: 'stack' },
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        columns.map(({ name }) => h('th', { scope: 'col' }, name)),
      ),
    ),
    h(
      'tbody',
      null,
      rows.map((row) =>
        h(
          'tr',
          null,
          columns.map(({ name, cell }) => h('td', { 'data-name': name }, cell(row))),
        ),
      ),
    ),
  );
}

export function fold(name: string, note: string, content: ComponentChildren): ComponentChild {
  return h(
    'details',
    null,
    h('summary', null, name, note === '' ? null : h('span', null, ` · ${note}`)),
    content,
  );
}

export function numbers(pairs: readonly (readonly [string, string, string?])[]): ComponentChild {
  return h(
    'dl',
    { class: 'numbers' },
    pairs.map(([name, value, note]) =>
      h(
        'div',
        null,
        h('dt', null, name),
        h('dd', null, value, note === undefined ? null : h('small', null, note)),
      ),
    ),
  );
}
