import { expect, test } from '@jest/globals';
import { CAUSES } from '../../functions/core/cause.ts';
import { HOUR_MS, MINUTE_MS } from '../../functions/core/time.ts';
import { approveRemoval } from '../../functions/flow/approve.ts';
import { changeTarget } from '../../functions/flow/saved-state.ts';
import { calmWorld, wedgedWorld } from '../fakes/stories.ts';
import type { Sent, World, WorldTarget } from '../fakes/world.ts';
import { expectMessages } from './golden.ts';

const PROD: WorldTarget = {
  id: 'prod',
  target: {
    cluster: { kind: 'kubeconfig', path: null, context: 'prod-eu' },
    links: { runbook: 'https://wiki.example.com/airflow', dashboard: 'https://grafana.example.com/d/1' },
  },
};

const STORIES: Readonly<Record<string, () => Promise<World>>> = {
  'dead-and-replaced': async () => {
    const { world } = await wedgedWorld(PROD);
    await world.ticks(4);
    return world;
  },
  'dead-but-only-watched': async () => {
    const { world, pod } = await wedgedWorld({ ...PROD, policy: { mode: 'watch' } });
    await world.ticks(13);
    for (const span of pod.wedges) span.to = world.clock.now();
    await world.ticks(5);
    return world;
  },
  'dead-and-held': async () => {
    const { world } = await wedgedWorld(PROD);
    world.of('prod').world.annotation = 'upgrade tonight, says ann';
    await world.ticks(2);
    world.of('prod').world.annotation = null;
    world.of('prod').world.rollingOut = null;
    await world.ticks(4);
    return world;
  },
  'dead-and-approved': async () => {
    const { world, pod } = await wedgedWorld({ ...PROD, policy: { mode: 'ask' } });
    await world.ticks(2);
    await approveRemoval('prod', pod.name, 'ann', { state: world.store, clock: world.clock });
    await world.ticks(4);
    return world;
  },
  'dead-and-paused': async () => {
    const { world, pod } = await wedgedWorld(PROD);
    const until = world.clock.now() + 4 * MINUTE_MS;
    const pause = { by: 'ann', reason: 'node upgrade', until };
    await changeTarget(world.store, 'prod', (state) => ({ ...state, pause }));
    await world.ticks(3);
    for (const span of pod.wedges) span.to = world.clock.now();
    await world.ticks(5);
    return world;
  },
  'removal-forbidden': async () => {
    const { world } = await wedgedWorld(PROD);
    world.weather.removals.push('forbidden', 'forbidden');
    await world.ticks(7);
    return world;
  },
  'removal-unanswered': async () => {
    const { world } = await wedgedWorld(PROD);
    world.weather.removals.push('failed', 'failed', 'failed', 'failed');
    await world.ticks(6);
    return world;
  },
  'nothing-replaces-it': async () => {
    const { world } = await wedgedWorld({ ...PROD, replaceMs: null });
    await world.ticks(14);
    return world;
  },
  'database-down': async () => {
    const world = await calmWorld(PROD);
    const { begin, end, outages } = world.of('prod');
    begin(outages, world.clock.now());
    await world.ticks(4);
    end(outages, world.clock.now());
    await world.ticks(5);
    return world;
  },
  blind: async () => {
    const world = await calmWorld(PROD);
    const { begin, end, blinds } = world.of('prod');
    begin(blinds, world.clock.now());
    await world.ticks(4);
    end(blinds, world.clock.now());
    await world.ticks(5);
    return world;
  },
  storm: async () => {
    const world = await calmWorld(...['p', 'q', 'r'].map((id) => ({ ...PROD, id })));
    for (const id of ['p', 'q', 'r']) world.wedge(id);
    world.clock.advanceTo(world.clock.now() + 70_000);
    await world.ticks(2);
    return world;
  },
  stalled: async () => {
    const world = await calmWorld(PROD);
    const airflow = world.of('prod');
    airflow.begin(airflow.pod(world.clock.now()).stalls, world.clock.now());
    await world.ticks(10);
    return world;
  },
};

test.each(Object.entries(STORIES))('the messages of a story, made by the flow: %s', async (name, story) => {
  const world = await story();
  expect(world.sent.length).toBeGreaterThan(0);
  expectMessages(name, world.sent);
});

test.each(Object.entries(STORIES))(
  '%s: every message says what to do next, within its bounds',
  async (_, story) => {
    const world = await story();
    for (const { notification } of world.sent) {
      const { fields, kind, title, text } = notification;
      const names = fields.map(({ name }) => name);
      expect(names.slice(0, 1)).toEqual(['Cause']);
      expect(names).toEqual(expect.arrayContaining(['Since', 'For', 'Runbook']));
      if (kind !== 'resolved') expect(names).toContain('Next');
      expect(new Set(names).size).toBe(names.length);
      expect(fields.length).toBeLessThanOrEqual(10);
      for (const { value } of fields) {
        expect(value.length).toBeLessThanOrEqual(300);
        expect(value).not.toMatch(/TARGET|POD\b|SELECTOR|undefined|null|NaN/);
      }
      expect(title.length).toBeLessThanOrEqual(150);
      expect(text.length).toBeLessThanOrEqual(600);
    }
  },
);

test('since when is the last sign of life, whatever the mode', async () => {
  const since = async (mode: 'watch' | 'remediate') => {
    const { world } = await wedgedWorld({ policy: { mode } });
    await world.tick();
    return world.sent[0]?.notification.fields.find(({ name }) => name === 'Since')?.value;
  };
  const watched = await since('watch');
  expect(watched).toMatch(/^2026-11-23T03:0/);
  expect(await since('remediate')).toBe(watched);
});

test.each([
  ['a warning', {}, 'warning'],
  ['critical where the policy asks for it', { watchSeverity: 'critical' }, 'critical'],
] as const)('what is only watched is %s', async (_, policy, severity) => {
  const { world } = await wedgedWorld({ policy: { mode: 'watch', ...policy } });
  await world.tick();
  expect(world.sent.map(({ notification }) => notification.severity)).toEqual([severity, severity]);
  expect(CAUSES.dead.severity).toBe('critical');
});

test('one step sends one message to each channel', async () => {
  const { world } = await wedgedWorld();
  world.weather.removals.push('failed', 'failed');
  for (let minute = 0; minute < 8; minute += 1) {
    const before = world.sent.length;
    await world.tick();
    expect(world.sent.length - before).toBeLessThanOrEqual(2);
  }
  expect(world.clock.now()).toBeGreaterThan(8 * MINUTE_MS);
});

test('a pause that begins while an incident is open is in every later message of the target until it ends', async () => {
  const { world, pod } = await wedgedWorld({ ...PROD, policy: { mode: 'watch' } });
  await world.ticks(1);
  const told = world.sent.length;
  const until = world.clock.now() + 3 * HOUR_MS;
  const pause = { by: 'ann', reason: 'x'.repeat(300), until };
  await changeTarget(world.store, 'prod', (state) => ({ ...state, pause }));
  await world.ticks(2);
  for (const span of pod.wedges) span.to = world.clock.now();
  await world.ticks(5);
  const fieldOf = ({ notification: { fields } }: Sent) => fields.find(({ name }) => name === 'Paused')?.value;
  expect(world.sent.slice(0, told).map(fieldOf)).toEqual(Array(told).fill(undefined));
  const later = world.sent.slice(told);
  expect(later.map(({ notification }) => notification.occasion ?? notification.kind)).toEqual(
    expect.arrayContaining(['answered', 'resolved']),
  );
  for (const one of later) expect(fieldOf(one)).toMatch(/^by ann until 2026-11-23T06:.*: x+…$/);
});

test('a report that can be read is linked', async () => {
  const { world } = await wedgedWorld(PROD);
  const { ports } = world.start();
  world.nextMinute();
  await world.run({
    ...ports,
    reports: {
      url: 'https://reports.example.com/',
      put: async () => {},
      render: async () => '',
      renderFleet: async () => '',
    },
  });
  const [first] = world.sent;
  expect(first?.notification.links).toContainEqual({
    name: 'Report',
    url: `https://reports.example.com/${first?.notification.incident}.html`,
  });
});
