import { expect, test } from '@jest/globals';
import type { Reports } from '../../functions/ports.ts';
import { renderFleet, renderIncident } from '../../functions/wiring/reports.ts';
import { wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';

/** Keeps pages in memory. */
function reportsIn(pages: Map<string, string>): Reports {
  return {
    url: null,
    put: async (name, html) => {
      pages.set(name, html);
    },
    render: async (entries, about) => (await renderIncident(entries, about)) ?? '',
    renderFleet,
  };
}

async function tick(world: World, reports: Reports) {
  const { ports } = world.start();
  world.nextMinute();
  const said: string[] = [];
  const report = await world.run({ ...ports, reports, progress: ({ text }) => said.push(text) });
  return { report, said };
}

test('a report is written when an incident opens and when it ends, and not in between', async () => {
  const { world } = await wedgedWorld();
  const pages = new Map<string, string>();
  const { report } = await tick(world, reportsIn(pages));
  const name = `${report.targets[0]?.incident}.html`;
  expect([...pages.keys()]).toEqual([name, 'index.html']);
  expect(pages.get(name)).toContain('still open');
  expect(pages.get('index.html')).toContain(`./${name}`);
  pages.clear();
  let ended = false;
  for (let minute = 0; minute < 6 && !ended; minute += 1) {
    const { incident } = (await tick(world, reportsIn(pages))).report.targets[0] ?? {};
    ended = incident === null;
    if (!ended) expect([...pages.keys()]).toEqual([]);
  }
  expect(pages.get(name)).toMatch(/over after/);
  expect(pages.get(name)).toContain('recovered');
});

test.each<[string, Partial<Reports>, RegExp]>([
  [
    'cannot be kept',
    { put: async () => Promise.reject(new Error('no space left')) },
    /was not kept: no space left/,
  ],
  ['hangs', { put: () => new Promise(() => {}) }, /was not kept: it took too long/],
])('a report that %s neither stops the removal nor the alert, and is said', async (_, broken, words) => {
  const { world } = await wedgedWorld();
  const { said } = await tick(world, { ...reportsIn(new Map()), ...broken });
  expect(world.removed).toHaveLength(1);
  expect(world.kinds()).toEqual(['opened']);
  expect(said.filter((text) => words.test(text)).length).toBeGreaterThan(0);
});
