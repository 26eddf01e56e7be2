import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openBoard } from '../../../functions/adapters/listen/board.ts';
import { FAMILIES, fullName } from '../../../functions/core/exposition-families.ts';
import type { TickReport } from '../../../functions/core/report.ts';
import { MINUTE_MS } from '../../../functions/core/time.ts';
import { EMPTY_TICK } from '../../core/builders.ts';
import { calmWorld } from '../../fakes/stories.ts';

const BEGAN = Date.UTC(2026, 10, 23, 3, 0, 0);
let now = BEGAN;
let board: Awaited<ReturnType<typeof openBoard>>;

const open = (more: object = {}) =>
  openBoard({
    host: '127.0.0.1',
    port: 0,
    everyMs: MINUTE_MS,
    version: '1.2.3',
    clock: { now: () => now },
    ...more,
  });

beforeEach(async () => {
  now = BEGAN;
  board = await open();
});
afterEach(() => board.close());

async function get(path: string, method = 'GET') {
  const response = await fetch(`${board.url}${path}`, { method });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

/** A real report of a calm tick. */
async function calmReport(): Promise<TickReport> {
  const world = await calmWorld({ id: 'one' }, { id: 'two' });
  return world.tick();
}

const EMPTY: TickReport = { ...EMPTY_TICK, scheduledAt: BEGAN };

/** `name{labels}` to value, from OpenMetrics text. */
function seriesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

test('/metrics is OpenMetrics with every family, its help, and an end', async () => {
  board.ticked(await calmReport(), 1_500);
  const { status, type, body } = await get('/metrics');
  expect(status).toBe(200);
  expect(type).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
  expect(body.endsWith('# EOF\n')).toBe(true);
  const declared = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => [name, kind]);
  expect(declared).toEqual(
    Object.entries(FAMILIES).map(([name, { type: kind }]) => [fullName(name as keyof typeof FAMILIES), kind]),
  );
  const series = seriesOf(body);
  expect(series.get('scheduler_watchdog_targets{cause="healthy"}')).toBe(2);
  expect(series.get('scheduler_watchdog_targets{cause="dead"}')).toBe(0);
  expect(
    series.get('scheduler_watchdog_heartbeat_age_seconds{target="one",component="scheduler"}'),
  ).toBeGreaterThanOrEqual(0);
  expect(
    series.get('scheduler_watchdog_heartbeat_limit_seconds{target="one",component="scheduler"}'),
  ).toBeGreaterThan(40);
  expect(series.get('scheduler_watchdog_ticks_total{end="complete"}')).toBe(1);
  expect(series.get('scheduler_watchdog_tick_seconds_sum')).toBe(1.5);
  expect(series.get('scheduler_watchdog_last_tick_timestamp_seconds')).toBe(BEGAN / 1000);
  expect(series.get('scheduler_watchdog_build_info{version="1.2.3"}')).toBe(1);
});

test('counters are there from the start and add up; a target that left takes its series with it', async () => {
  expect(
    seriesOf((await get('/metrics')).body).get('scheduler_watchdog_removals_total{answer="deleted"}'),
  ).toBe(0);
  board.ticked(await calmReport(), 1_000);
  board.failed(2_000);
  board.ticked({ ...EMPTY, undelivered: 3 }, 1_000);
  const { body } = await get('/metrics');
  expect(body).not.toContain('target="one"');
  const series = seriesOf(body);
  expect(series.get('scheduler_watchdog_alerts_undelivered')).toBe(3);
  expect(series.get('scheduler_watchdog_ticks_total{end="failed"}')).toBe(1);
  expect(series.get('scheduler_watchdog_ticks_total{end="complete"}')).toBe(2);
  expect(series.get('scheduler_watchdog_tick_seconds_count')).toBe(3);
});

test.each([
  { name: 'at the start', after: () => {}, passed: 0, status: 200 },
  { name: 'without any tick for three minutes', after: () => {}, passed: 3 * MINUTE_MS, status: 200 },
  { name: 'without any tick for more than four', after: () => {}, passed: 4 * MINUTE_MS + 1, status: 503 },
  {
    name: 'four minutes after a complete tick',
    after: () => board.ticked(EMPTY, 1),
    passed: 4 * MINUTE_MS,
    status: 200,
  },
  { name: 'later than that', after: () => board.ticked(EMPTY, 1), passed: 4 * MINUTE_MS + 1, status: 503 },
])('/healthz answers $status $name', async ({ after, passed, status }) => {
  after();
  now += passed;
  expect((await get('/healthz')).status).toBe(status);
});

test('ticks that fail or do nothing are no sign of health', async () => {
  for (let minute = 0; minute < 5; minute += 1) {
    board.failed(1);
    board.ticked(
      { ...EMPTY, nothingDone: { code: 'WD_TARGETS_UNREADABLE', what: '', notDone: '', run: '' } },
      1,
    );
    now += MINUTE_MS;
  }
  expect(await get('/healthz')).toMatchObject({
    status: 503,
    body: 'no complete tick for 5m; last complete tick: none yet\n',
  });
});

test('slots that are shorter than a tick may last do not make it ill', async () => {
  await board.close();
  board = await open({ everyMs: 5_000 });
  now += 100_000;
  expect((await get('/healthz')).status).toBe(200);
  now += 10_000;
  expect((await get('/healthz')).status).toBe(503);
});

test('pages are served by their path, one of them in place of the index', async () => {
  expect((await get('/')).body).toContain('/metrics');
  await board.close();
  board = await open({ pages: { '/': () => '<p>fleet', '/other': () => '<p>other' } });
  expect(await get('/')).toMatchObject({ status: 200, type: 'text/html; charset=utf-8', body: '<p>fleet' });
  expect((await get('/other?x=1')).body).toBe('<p>other');
  expect((await get('/metrics')).status).toBe(200);
});

test.each([
  { path: '/absent', method: 'GET', status: 404 },
  { path: '/__proto__', method: 'GET', status: 404 },
  { path: '/metrics', method: 'POST', status: 405 },
  { path: '/metrics', method: 'HEAD', status: 200 },
])('$method $path answers $status', async ({ path, method, status }) => {
  const answer = await get(path, method);
  expect(answer.status).toBe(status);
  if (method === 'HEAD') expect(answer.body).toBe('');
});

test('a page that breaks is a 500 without its words', async () => {
  await board.close();
  board = await open({
    pages: {
      '/broken': () => {
        throw new Error('a secret');
      },
    },
  });
  expect(await get('/broken')).toMatchObject({ status: 500, body: 'a defect of ours\n' });
});

test('an address that is taken is said in words', async () => {
  const port = Number(new URL(board.url).port);
  await expect(open({ port })).rejects.toMatchObject({
    explained: {
      code: 'WD_USAGE',
      what: expect.stringMatching(/nothing can listen on 127\.0\.0\.1:\d+ \(EADDRINUSE\)/),
    },
  });
});

test('a client that sends nothing does not keep it from closing', async () => {
  const hanging = request(board.url);
  hanging.on('error', () => {});
  hanging.flushHeaders();
  await board.close();
  board = await open();
});
