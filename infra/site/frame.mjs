// What stands around a page: navigation, search, one look for light and dark.
import { escapeHtml } from './markdown.mjs';

/**
 * @typedef {{ readonly name: string, readonly pages: readonly { readonly path: string, readonly title: string }[] }} Group
 * @typedef {object} Framed
 * @property {string} path of the page on the site
 * @property {string} title
 * @property {string} html
 * @property {readonly import('./markdown.mjs').Section[]} sections
 */

/** From one page to another, both by their path on the site. */
export function relativeTo(/** @type {string} */ from, /** @type {string} */ to) {
  return `${'../'.repeat(from.split('/').length - 1)}${to}`;
}

/** @returns {string} */
export function frameOf(
  /** @type {Framed} */ { path, title, html, sections },
  /** @type {readonly Group[]} */ groups,
) {
  const here = sections.filter(({ depth }) => depth === 2);
  const inside = here
    .map(({ anchor, heading }) => `<li><a href="#${anchor}">${escapeHtml(heading)}</a></li>`)
    .join('');
  const linkTo = (/** @type {Group['pages'][number]} */ page) =>
    page.path === path
      ? `<li><a href="#" aria-current="page">${escapeHtml(page.title)}</a>${inside === '' ? '' : `<ul>${inside}</ul>`}</li>`
      : `<li><a href="${relativeTo(path, page.path)}">${escapeHtml(page.title)}</a></li>`;
  const navigation = groups
    .map(({ name, pages }) => `<h2>${escapeHtml(name)}</h2><ul>${pages.map(linkTo).join('')}</ul>`)
    .join('');
  const full = path === 'index.html' ? title : `${title} · scheduler-watchdog`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(full)}</title><link rel="stylesheet" href="${relativeTo(path, 'site.css')}"></head>
<body><a class="skip" href="#page">to the page</a>
<header><details class="menu"><summary>Pages and search</summary></details><a class="home" href="${relativeTo(path, 'index.html')}">scheduler-watchdog</a></header>
<div class="columns"><nav aria-label="pages"><label for="search">Search</label><input id="search" type="search" autocomplete="off" data-root="${relativeTo(path, '')}"><ol id="found" aria-live="polite"></ol>${navigation}</nav>
<main id="page">${html}</main></div>
<script src="${relativeTo(path, 'search.js')}" defer></script></body></html>
`;
}

/** Colours are those of the reports. */
export const STYLE = `:root{color-scheme:light dark;--bg:#fbfaf8;--card:#fff;--ink:#1d2330;--soft:#566072;--line:#dcdfe6;--info:#1f5fa8;--info-bg:#e6f0fb;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--bg:#12151c;--card:#1a1f29;--ink:#e8ebf1;--soft:#a3adbd;--line:#333b49;--info:#8dbdf5;--info-bg:#14283f}}
*{box-sizing:border-box}html{scroll-padding-top:16px}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:break-word}
a{color:var(--info)}code,pre{font-family:var(--mono);font-size:13.5px}:not(pre)>code{overflow-wrap:anywhere}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:8px}
header{display:none}
.columns{display:grid;grid-template-columns:270px minmax(0,1fr);max-width:1240px;margin:0 auto}
nav{position:sticky;top:0;height:100vh;overflow-y:auto;padding:24px 20px;border-right:1px solid var(--line);font-size:14.5px}
nav h2{font-size:13px;color:var(--soft);margin:20px 0 4px}nav ul{list-style:none;margin:0;padding:0}nav li{padding:2px 0}nav ul ul{margin-left:12px;font-size:13.5px}
nav a{text-decoration:none}nav a:hover,nav a:focus{text-decoration:underline}nav a[aria-current]{font-weight:700;color:var(--ink)}
label{font-size:13px;color:var(--soft)}input{width:100%;padding:6px 8px;font:inherit;background:var(--card);color:var(--ink);border:1px solid var(--soft);border-radius:8px}
#found{list-style:none;margin:8px 0 0;padding:0}#found li{padding:4px 0;border-bottom:1px solid var(--line)}#found small{display:block;color:var(--soft)}
main{padding:24px 40px 64px;max-width:900px}
h1{font-size:28px;line-height:1.2;margin:4px 0 12px}h2{font-size:21px;margin:36px 0 8px}h3{font-size:17px;margin:24px 0 6px}h1,h2,h3{overflow-wrap:anywhere}
.anchor{visibility:hidden;text-decoration:none;color:var(--soft)}h2:hover .anchor,h3:hover .anchor,.anchor:focus{visibility:visible}
pre{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 12px;overflow-x:auto;line-height:1.45}:not(pre)>code{background:var(--info-bg);border-radius:4px;padding:1px 4px}
.table{overflow-x:auto;margin:12px 0}table{border-collapse:collapse;font-size:14.5px;min-width:100%}
th,td{text-align:left;vertical-align:top;padding:6px 14px 6px 0;border-bottom:1px solid var(--line)}th{color:var(--soft);font-size:13px}td:first-child{min-width:120px}
img{max-width:100%;height:auto;border:1px solid var(--line);border-radius:8px}
@media (max-width:860px){.columns{display:block}header{display:flex;gap:16px;align-items:baseline;justify-content:space-between;padding:10px 14px;border-bottom:1px solid var(--line)}
.home{font-weight:700;text-decoration:none;color:var(--ink)}summary{cursor:pointer;color:var(--info)}
nav{display:none;position:static;height:auto;border-right:0;border-bottom:1px solid var(--line);padding:14px}header:has(.menu[open])+.columns nav{display:block}
main{padding:14px 14px 48px}h1{font-size:23px}nav li{padding:5px 0}}
@media print{nav,header,.anchor{display:none}.columns{display:block}}
`;

/** Reads the index when somebody searches for the first time; all words have to be there, headings count first. */
export const SEARCH = `'use strict';
const input = document.getElementById('search');
const list = document.getElementById('found');
let index;
const load = () => index ??= new Promise((done) => {
  const script = document.createElement('script');
  script.src = input.dataset.root + 'search-index.js';
  script.onload = () => done(globalThis.SEARCH_INDEX);
  document.head.append(script);
});
const find = (sections, words) => sections
  .filter(({ all }) => words.every((word) => all.includes(word)))
  .sort((a, b) => words.filter((word) => b.head.includes(word)).length - words.filter((word) => a.head.includes(word)).length)
  .slice(0, 12);
input.addEventListener('focus', load);
input.addEventListener('input', async () => {
  const words = input.value.toLowerCase().split(/\\s+/).filter((word) => word.length > 1);
  const sections = await load();
  const found = words.length === 0 ? [] : find(sections, words);
  list.replaceChildren(...found.map(({ path, title, heading }) => {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = input.dataset.root + path;
    link.textContent = heading;
    const page = document.createElement('small');
    page.textContent = title;
    item.append(link, page);
    return item;
  }));
  if (words.length > 0 && found.length === 0) list.textContent = 'nothing found';
});
`;
