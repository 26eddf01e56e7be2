import { expect, test } from '@jest/globals';
import { MINUTE_MS } from '../../functions/core/time.ts';
import { changeTarget } from '../../functions/flow/saved-state.ts';
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

test('what comes and goes is one story in ledger and report, under the name that was told', async () => {
  const { world } = await wedgedWorld({ policy: { cooldownMs: 0 } });
  const { ports } = world.start();
  const now = world.clock.now();
  await changeTarget(ports.state, 'a', (state) => ({
    ...state,
    routing: { ...state.routing, ends: [now - 3 * MINUTE_MS, now - 2 * MINUTE_MS, now - MINUTE_MS] },
  }));
  const pages = new Map<string, string>();
  const first = (await tick(world, reportsIn(pages))).report.targets[0]?.incident ?? '';
  const calm = async () => {
    for (let minute = 0; minute < 8; minute += 1) await tick(world, reportsIn(pages));
    expect((await world.stateOf()).incident).toBeNull();
  };
  await calm();
  world.wedge();
  world.clock.advanceTo(world.clock.now() + 70_000);
  const again = (await tick(world, reportsIn(pages))).report.targets[0]?.incident;
  expect(again).toBe(first);
  expect((await world.stateOf()).incident?.id).not.toBe(first);
  await calm();
  expect(pages.get(`${first}.html`)).toContain('still open');
  for (let minute = 0; minute < 32; minute += 1) await tick(world, reportsIn(pages));
  expect(pages.get(`${first}.html`)).toMatch(/over after/);
  expect([...pages.keys()].sort()).toEqual([`${first}.html`, 'index.html'].sort());
  expect(world.removed).toHaveLength(2);
  for (const kind of ['intent', 'removal', 'outcome'] as const)
    expect((await world.ledger(kind)).map(({ body }) => body.incident)).toEqual([first, first]);
});
