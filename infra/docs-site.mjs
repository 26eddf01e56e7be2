// `npm run docs:site`: README and docs/ as a site of static files in .site/, which needs no server. A link that leads nowhere, to a
// file or to an anchor, ends it with exit code 1.
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { isMain } from './is-main.mjs';
import { frameOf, SEARCH, STYLE } from './site/frame.mjs';
import { escapeHtml, pageOf } from './site/markdown.mjs';

/** Pages in the order of the navigation; a page of docs/ that is in none is refused. */
const GROUPS = [
  { name: 'Begin', files: ['README.md', 'docs/quickstart.md', 'docs/probes.md', 'docs/faq.md'] },
  {
    name: 'Run it',
    files: [
      'docs/run.md',
      'docs/deploy.md',
      'docs/database.md',
      'docs/channels.md',
      'docs/configuration.md',
      'docs/doctor.md',
      'docs/simulate.md',
      'docs/upgrade.md',
    ],
  },
  {
    name: 'When it speaks',
    files: ['docs/runbook.md', 'docs/errors.md', 'docs/guards.md', 'docs/diagnosis.md'],
  },
  {
    name: 'How it is made',
    files: [
      'docs/architecture.md',
      'docs/signals.md',
      'docs/proof.md',
      'docs/security.md',
      'docs/glossary.md',
      'docs/dependencies.md',
    ],
  },
  { name: 'The project', files: ['SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'] },
];

/**
 * Writes the site into an empty folder.
 * @param {string} root of the repository
 * @param {string} out
 * @returns {{ readonly pages: number, readonly dead: readonly string[] }} `dead`: links that lead nowhere, each with its page
 */
export function buildSite(root, out) {
  const docs = globSync('docs/**/*.md', { cwd: root }).map((file) => file.replaceAll('\\', '/'));
  const named = GROUPS.flatMap(({ files }) => files);
  const unnamed = docs.filter((file) => posix.dirname(file) === 'docs' && !named.includes(file));
  if (unnamed.length > 0) throw new Error(`in no group of the navigation: ${unnamed.join(', ')}`);
  const files = [...new Set([...named, ...docs])].filter((file) => existsSync(join(root, file)));
  /** @type {Set<string>} files and folders beside the pages that a page leads to */
  const others = new Set();
  const pages = files.map((file) => ({
    file,
    path: siteOf(file),
    ...pageOf(readFileSync(join(root, file), 'utf8'), (href) => hrefOf(root, file, href, others)),
  }));
  const byFile = new Map(pages.map((page) => [page.file, page]));
  const dead = pages.flatMap(({ file, links }) =>
    links.filter((href) => !leadsSomewhere(root, file, href, byFile)).map((href) => `${file}: ${href}`),
  );
  const groups = GROUPS.map(({ name, files: members }) => ({
    name,
    pages: members.flatMap((file) => byFile.get(file) ?? []),
  }));
  const write = (/** @type {string} */ path, /** @type {string} */ text) => {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), text);
  };
  for (const page of pages) write(page.path, frameOf(page, groups));
  for (const one of others) {
    if (statSync(join(root, one)).isDirectory())
      write(`${one}/index.html`, frameOf(listing(root, one, byFile), groups));
    else {
      mkdirSync(dirname(join(out, one)), { recursive: true });
      cpSync(join(root, one), join(out, one));
    }
  }
  write('site.css', STYLE);
  write('search.js', SEARCH);
  const index = pages.flatMap(({ path, title, sections }) =>
    sections.map(({ anchor, heading, text }) => ({
      path: `${path}#${anchor}`,
      title,
      heading,
      head: heading.toLowerCase(),
      all: `${title} ${heading} ${text}`.toLowerCase(),
    })),
  );
  write('search-index.js', `globalThis.SEARCH_INDEX = ${JSON.stringify(index)};\n`);
  return { pages: pages.length, dead };
}

const siteOf = (/** @type {string} */ file) =>
  file === 'README.md' ? 'index.html' : file.replace(/\.md$/, '.html');
const isElsewhere = (/** @type {string} */ href) => /^[a-z]+:/i.test(href);

/** @returns {{ readonly file: string, readonly anchor: string }} what a link names, from the root of the repository */
function named(/** @type {string} */ from, /** @type {string} */ href) {
  const [path = '', anchor = ''] = decodeURI(href).split('#');
  const file = path === '' ? from : posix.normalize(posix.join(posix.dirname(from), path)).replace(/\/$/, '');
  return { file, anchor };
}

function hrefOf(
  /** @type {string} */ root,
  /** @type {string} */ from,
  /** @type {string} */ href,
  /** @type {Set<string>} */ others,
) {
  if (isElsewhere(href) || href.startsWith('#')) return href;
  const { file, anchor } = named(from, href);
  const isPage = file.endsWith('.md');
  if (!isPage && existsSync(join(root, file))) others.add(file);
  const isFolder = !isPage && existsSync(join(root, file)) && statSync(join(root, file)).isDirectory();
  const path = isPage ? siteOf(file) : isFolder ? `${file}/index.html` : file;
  return `${posix.relative(posix.dirname(siteOf(from)), path)}${anchor === '' ? '' : `#${anchor}`}`;
}

function leadsSomewhere(
  /** @type {string} */ root,
  /** @type {string} */ from,
  /** @type {string} */ href,
  /** @type {ReadonlyMap<string, { readonly sections: readonly { readonly anchor: string }[] }>} */ pages,
) {
  if (isElsewhere(href)) return true;
  const { file, anchor } = named(from, href);
  const page = pages.get(file);
  if (page === undefined)
    return !file.startsWith('..') && !file.endsWith('.md') && existsSync(join(root, file)) && anchor === '';
  return anchor === '' || page.sections.some((section) => section.anchor === anchor);
}

/** A page for a folder that a page leads to: what is in it. */
function listing(
  /** @type {string} */ root,
  /** @type {string} */ folder,
  /** @type {ReadonlyMap<string, { readonly title: string }>} */ pages,
) {
  const items = readdirSync(join(root, folder))
    .sort()
    .map((name) => {
      const page = pages.get(`${folder}/${name}`);
      if (page === undefined) return `<li>${escapeHtml(name)}</li>`;
      return `<li><a href="${name.replace(/\.md$/, '.html')}">${escapeHtml(page.title)}</a></li>`;
    });
  return {
    path: `${folder}/index.html`,
    title: folder,
    html: `<h1>${folder}</h1><ul>${items.join('')}</ul>`,
    sections: [],
  };
}

if (isMain(import.meta.url)) {
  const out = '.site';
  rmSync(out, { recursive: true, force: true });
  const { pages, dead } = buildSite(process.cwd(), out);
  console.log(`site      ${out}/index.html  ${pages} pages`);
  for (const link of dead) console.error(`leads nowhere: ${link}`);
  process.exitCode = dead.length === 0 ? 0 : 1;
}
