import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

/** The system's; nothing is downloaded. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);

/** Why no page is looked at here, or null. */
export const missing =
  CHROMIUM === undefined ? 'no Chromium on this machine: test/report/install-browser' : whyUnusable(CHROMIUM);

/** Some systems have a file of that name that only says what else to install. */
function whyUnusable(path: string): string | null {
  const { error, status, stderr } = spawnSync(path, ['--version'], { timeout: 15_000, encoding: 'utf8' });
  if (status === 0) return null;
  return `${path} does not start: ${error?.message ?? (stderr.trim().slice(0, 200) || `it ended with ${status}`)}`;
}

export async function openBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error(missing ?? '');
  // Without a sandbox of its own: it shows only our own files, and CI runs as root.
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export interface Seen {
  readonly page: Page;
  /** What the console said, and every address that was asked for beside the page itself. */
  readonly complaints: readonly string[];
}

export interface Look {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
  readonly media?: 'screen' | 'print';
}

export async function show(
  browser: Browser,
  file: string,
  { width, scheme, media = 'screen' }: Look,
): Promise<Seen> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== `file://${file}`) complaints.push(`request: ${request.url()}`);
  });
  await page.emulateMedia({ media, colorScheme: scheme });
  await page.goto(`file://${file}`);
  return { page, complaints };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds, with every fold open; contrast included. */
export async function flaws(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
    const { axe } = globalThis as unknown as {
      readonly axe: {
        run(): Promise<{ violations: { id: string; impact: string | null; nodes: { html: string }[] }[] }>;
      };
    };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
  });
}
