import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { opened } from '../adapters/alerts/samples.ts';
import { flaws, missing, openBrowser, show } from '../report/browser.ts';
import { slackMessage } from './block-kit.ts';
import { makePreview } from './make.ts';
import { previewPage } from './page.ts';
import { takenBy } from './taken.ts';

/** The pages that pictures of alerts in the documentation are taken from. Looked at where there is a browser. */
const looking = missing === null ? test : test.skip;
const because = missing === null ? '' : ` (skipped: ${missing})`;
const folder = mkdtempSync(join(tmpdir(), 'watchdog-preview-'));
const file = join(folder, 'alerts.html');
let page: string;
let browser: Browser | null = null;

beforeAll(async () => {
  page = await makePreview();
  writeFileSync(file, page);
  if (missing === null) browser = await openBrowser();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

test('shows the states of an incident as each service was given them', () => {
  for (const words of [
    'waits for approval',
    'Approve removal</span>',
    'Acknowledge</span>',
    'ann (Slack U0ANN00001) has taken it up',
    'PagerDuty · <span class="pd">acknowledge',
    'PagerDuty · <span class="pd">change event',
    'Subject: [critical] prod-airflow: scheduler dead',
    'storm: 3 targets fell sick together',
  ])
    expect(page).toContain(words);
});

test('what came from outside stays text in each of them', async () => {
  const evil = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'&<https://evil.example|click>`*';
  const notification = {
    ...opened,
    title: evil,
    text: evil,
    fields: [{ name: evil, value: evil }],
    links: [
      { name: evil, url: 'javascript:alert(1)' },
      { name: evil, url: 'https://wiki.example.com/"><b>' },
    ],
  };
  const story = { name: 'evil', title: evil, told: [notification] };
  const html = previewPage([{ ...story, taken: await takenBy([notification]) }]);
  expect(html).not.toMatch(/<(script|img)|javascript:|\/"><b>/);
  // An address in a text is a link to where it says, and to nowhere else.
  expect(html).not.toContain('>click</a>');
  expect(html).toContain('&lt;script&gt;');
});

test('a block that the preview cannot draw is an error, not a gap', () => {
  expect(() => slackMessage({ text: '', blocks: [{ type: 'video' }] })).toThrow(/no block of type "video"/);
});

looking.each([
  { width: 390, scheme: 'dark' },
  { width: 1180, scheme: 'light' },
] as const)(
  `in Chromium it is whole at $width px, $scheme${because}`,
  async (look) => {
    if (browser === null) throw new Error('the browser was not opened');
    const { page: shown, complaints } = await show(browser, file, look);
    expect(await shown.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    expect(await flaws(shown)).toEqual([]);
    expect(complaints).toEqual([]);
    await shown.close();
  },
  120_000,
);

looking(
  `pictures of alerts for the documentation are taken from it${because}`,
  async () => {
    if (browser === null) throw new Error('the browser was not opened');
    const pictures = {
      'alert.png': '#asked-1 .slack',
      'alert-taken-up.png': '#asked-2 .who',
      'alert-storm.png': '#storm-1',
    } as const;
    for (const [name, place] of Object.entries(pictures)) {
      const { page: shown } = await show(browser, file, { width: 1180, scheme: 'light' });
      const png = await shown.locator(place).screenshot();
      expect(png.byteLength).toBeLessThan(200_000);
      if (process.env.UPDATE_GOLDEN === '1') {
        mkdirSync('docs/images', { recursive: true });
        writeFileSync(join('docs/images', name), png);
      }
      await shown.close();
    }
  },
  120_000,
);
