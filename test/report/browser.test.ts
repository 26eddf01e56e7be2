import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { flaws, type Look, missing, openBrowser, show } from './browser.ts';
import { fleetPageOfStory, heldPage, removedPage } from './pages.ts';

/** Skipped with its reason where there is no browser. */
const looking = missing === null ? test : test.skip;
const because = missing === null ? '' : ` (skipped: ${missing})`;

const PAGES = { removed: removedPage, held: heldPage, fleet: fleetPageOfStory } as const;
const LOOKS: readonly Look[] = [
  { width: 390, scheme: 'light' },
  { width: 390, scheme: 'dark' },
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 794, scheme: 'light', media: 'print' },
];
const CASES = Object.keys(PAGES).flatMap((name) =>
  LOOKS.map((look) => ({
    name: name as keyof typeof PAGES,
    ...look,
    media: look.media ?? ('screen' as const),
  })),
);

let folder: string;
let browser: Browser | null = null;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-pages-'));
  if (missing !== null) return;
  for (const [name, make] of Object.entries(PAGES)) writeFileSync(join(folder, `${name}.html`), await make());
  browser = await openBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

function opened(): Browser {
  if (browser === null) throw new Error('the browser was not opened');
  return browser;
}

looking.each(CASES)(
  `in Chromium $name is whole at $width px, $scheme, $media${because}`,
  async ({ name, ...look }) => {
    const { page, complaints } = await show(opened(), join(folder, `${name}.html`), look);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    expect(await page.locator('h1').isVisible()).toBe(true);
    expect(await page.locator('svg:visible').count()).toBeGreaterThan(0);
    if (look.media === 'print' && name === 'removed')
      expect(await page.getByText('last words of prod-airflow-scheduler-1').isVisible()).toBe(true);
    expect(await flaws(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  },
  30_000,
);

looking(`what is wrong with a page is noticed${because}`, async () => {
  const file = join(folder, 'wrong.html');
  writeFileSync(
    file,
    '<!doctype html><html><title>x</title><p style="color:#ccc;background:#fff">pale<img src="there-is-none.png"><script>console.error(1)</script>',
  );
  const { page, complaints } = await show(opened(), file, { width: 390, scheme: 'light' });
  const ids = (await flaws(page)).map((flaw) => flaw.split(':')[0]);
  expect(ids).toEqual(expect.arrayContaining(['color-contrast', 'html-has-lang', 'image-alt']));
  expect(complaints.map((one) => one.split(':')[0])).toEqual(
    expect.arrayContaining(['request', 'console error']),
  );
  await page.close();
});

looking(
  `pictures for the documentation are taken from the same pages${because}`,
  async () => {
    const pictures = { removed: 'docs/images/report.png', fleet: 'docs/images/fleet.png' } as const;
    for (const [name, path] of Object.entries(pictures)) {
      const { page } = await show(opened(), join(folder, `${name}.html`), { width: 820, scheme: 'light' });
      // Of a report its drawing, of the fleet how it begins.
      const png =
        name === 'removed'
          ? await page.locator('figure').screenshot()
          : await page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width: 820, height: 1000 } });
      expect(png.byteLength).toBeLessThan(150_000);
      if (process.env.UPDATE_GOLDEN === '1') {
        mkdirSync('docs/images', { recursive: true });
        writeFileSync(path, png);
      }
      await page.close();
    }
  },
  30_000,
);
