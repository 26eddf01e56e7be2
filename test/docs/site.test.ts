import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { buildSite } from '../../infra/docs-site.mjs';
import { slugOf } from '../../infra/site/markdown.mjs';
import { flaws, missing, openBrowser, show } from '../report/browser.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'watchdog-site-'));
const site = join(folder, 'site');
let built: ReturnType<typeof buildSite>;

beforeAll(() => {
  built = buildSite(root, site);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('no link of a page leads nowhere, to a file or to an anchor', () => {
  expect(built.dead).toEqual([]);
  expect(built.pages).toBeGreaterThan(30);
});

test('links that lead nowhere are named, each with its page', () => {
  const copy = join(folder, 'copy');
  mkdirSync(join(copy, 'docs'), { recursive: true });
  cpSync(join(root, 'docs/faq.md'), join(copy, 'docs/faq.md'));
  const links = ['docs/nowhere.md', 'docs/faq.md#nowhere', '#nowhere', 'infra/nowhere.yml', '../outside.md'];
  const right = ['#one', 'docs/faq.md', 'https://example.com/nowhere', 'docs'];
  const text = [...links, ...right].map((href) => `[x](${href})`).join('\n\n');
  writeFileSync(join(copy, 'README.md'), `# One\n\n${text}\n`);
  const { dead } = buildSite(copy, join(folder, 'bad'));
  expect(dead.filter((one) => one.startsWith('README.md'))).toEqual(
    links.map((href) => `README.md: ${href}`),
  );
});

test('a page that no group of the navigation has is refused', () => {
  const copy = join(folder, 'unnamed');
  mkdirSync(join(copy, 'docs'), { recursive: true });
  writeFileSync(join(copy, 'docs/new.md'), '# New\n');
  expect(() => buildSite(copy, join(folder, 'unnamed-site'))).toThrow('docs/new.md');
});

test.each([
  ['WD_K8S_FORBIDDEN', 'wd_k8s_forbidden'],
  ['Why not a better `livenessProbe`?', 'why-not-a-better-livenessprobe'],
  ['7. Let it act', '7-let-it-act'],
  ['Slack, PagerDuty & co.', 'slack-pagerduty--co'],
])('the anchor of "%s" is the one that GitHub makes', (heading, anchor) => {
  expect(slugOf(heading.replaceAll('`', ''))).toBe(anchor);
});

test('it is whole by itself: every address in it is relative or a link that somebody clicks', () => {
  const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.html'),
  );
  for (const page of pages) {
    const loaded = [
      ...readFileSync(join(site, page), 'utf8').matchAll(/<(?:script|img|link)[^>]* (?:src|href)="([^"]*)"/g),
    ];
    expect(
      loaded.map(([, address = '']) => address).filter((address) => /^[a-z]+:|^\//.test(address)),
    ).toEqual([]);
  }
});

const inBrowser = missing === null ? test : test.skip;
let browser: Browser | null = null;
afterAll(() => browser?.close());

inBrowser.each([
  { width: 390, scheme: 'light' as const },
  { width: 390, scheme: 'dark' as const },
  { width: 1280, scheme: 'light' as const },
  { width: 1280, scheme: 'dark' as const },
])(
  'it can be read at $width in $scheme',
  async ({ width, scheme }) => {
    browser ??= await openBrowser();
    for (const name of ['index.html', 'docs/quickstart.html', 'docs/configuration.html']) {
      const { page } = await show(browser, join(site, name), { width, scheme });
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect([name, overflow]).toEqual([name, 0]);
      expect(await flaws(page)).toEqual([]);
      await page.close();
    }
  },
  240_000,
);

inBrowser(
  'a search finds the section and leads to it',
  async () => {
    browser ??= await openBrowser();
    const { page } = await show(browser, join(site, 'docs/faq.html'), { width: 1280, scheme: 'light' });
    await page.fill('#search', 'healthz metrics');
    const found = page.locator('#found a').first();
    await found.click();
    expect(page.url()).toMatch(/docs\/run\.html#health-and-metrics$/);
    await page.close();
  },
  120_000,
);
