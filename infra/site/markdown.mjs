// One page of the site: Markdown to HTML, with what can be linked to in it and what it links to.
import { Marked } from 'marked';

/**
 * @typedef {{ readonly anchor: string, readonly heading: string, readonly depth: number, readonly text: string }} Section
 * @typedef {{ readonly title: string, readonly html: string, readonly sections: readonly Section[], readonly links: readonly string[] }} Page
 */

const plain = (/** @type {string} */ html) =>
  html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** As GitHub names headings, so that a link works in both places. */
export function slugOf(/** @type {string} */ heading) {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}

/**
 * @param {string} text
 * @param {(href: string) => string} hrefOf where a link of the page leads on the site
 * @returns {Page}
 */
export function pageOf(text, hrefOf) {
  const marked = new Marked({ gfm: true });
  /** @type {{ anchor: string, heading: string, depth: number, at: number }[]} */
  const headings = [];
  /** @type {string[]} */
  const links = [];
  /** @type {Map<string, number>} */
  const taken = new Map();
  const anchorOf = (/** @type {string} */ heading) => {
    const slug = slugOf(heading);
    const before = taken.get(slug) ?? 0;
    taken.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  };
  marked.use({
    renderer: {
      heading({ tokens, depth }) {
        const inner = this.parser.parseInline(tokens);
        const heading = plain(inner);
        const anchor = anchorOf(heading);
        headings.push({ anchor, heading, depth, at: headings.length });
        return `<!--section ${headings.length - 1}--><h${depth} id="${anchor}">${inner}${depth === 1 ? '' : ` <a class="anchor" href="#${anchor}" aria-label="link to this section">#</a>`}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        links.push(href);
        return `<a href="${escapeHtml(hrefOf(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      image({ href, text: words }) {
        links.push(href);
        return `<img src="${escapeHtml(hrefOf(href))}" alt="${escapeHtml(words)}" loading="lazy">`;
      },
      // A wide table scrolls by itself and not with the page.
      table(token) {
        const row = (/** @type {import('marked').Tokens.TableCell[]} */ cells, /** @type {string} */ tag) =>
          `<tr>${cells.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('')}</tr>`;
        const body = token.rows.map((cells) => row(cells, 'td')).join('\n');
        return `<div class="table" tabindex="0" role="region" aria-label="table"><table><thead>${row(token.header, 'th')}</thead><tbody>${body}</tbody></table></div>\n`;
      },
      code({ text: code, lang }) {
        return `<pre tabindex="0"><code class="${escapeHtml(lang ?? 'text')}">${escapeHtml(code)}</code></pre>\n`;
      },
    },
  });
  const rendered = /** @type {string} */ (marked.parse(text, { async: false }));
  const parts = rendered.split(/<!--section \d+-->/).slice(1);
  const sections = headings.map(({ at, ...heading }) => ({
    ...heading,
    text: plain(parts[at] ?? '')
      .replaceAll(/\s+/g, ' ')
      .slice(0, 4_000),
  }));
  return {
    title: headings[0]?.heading ?? '',
    html: rendered.replaceAll(/<!--section \d+-->/g, ''),
    sections,
    links,
  };
}

export function escapeHtml(/** @type {string} */ text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
