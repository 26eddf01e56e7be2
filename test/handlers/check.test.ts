import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, jest, test } from '@jest/globals';

// The exported handler itself is called: a middleware that is not part of the export would do nothing.
const folder = mkdtempSync(join(tmpdir(), 'watchdog-handler-'));
process.env.WATCHDOG_TARGETS = folder;
process.env.WATCHDOG_STATE = 'memory:';
const { handler } = await import('../../functions/check.ts');
const call = handler as unknown as (event: unknown, context: object) => Promise<Record<string, unknown>>;
const lines: Record<string, unknown>[] = [];
jest.spyOn(console, 'log').mockImplementation((line: string) => {
  lines.push(JSON.parse(line));
});

beforeEach(() => {
  lines.length = 0;
});
afterAll(() => rmSync(folder, { recursive: true }));

const TARGET = { namespace: 'airflow', cluster: { kubeconfig: './absent' }, health: { podPort: 8974 } };

test.each([
  { name: 'no event at all', event: undefined },
  { name: 'an event of another service', event: { Records: [{ eventSource: 'aws:sqs' }] } },
  { name: 'a scheduled time that is no text', event: { scheduledTime: 12 } },
  { name: 'a scheduled time that is no time', event: { scheduledTime: 'noon' } },
])('$name is refused, and nothing is looked at', async ({ event }) => {
  await expect(call(event, {})).rejects.toThrow(/WD_USAGE.*nothing was looked at/s);
  expect(lines).toEqual([]);
});

test('an empty list fails the invocation, so that the alarm on errors sees it', async () => {
  await expect(call({ scheduledTime: '2026-11-23T03:13:00Z' }, {})).rejects.toThrow(/WD_TARGETS_EMPTY/);
});

test('a target that cannot be seen is a line and no failure of the tick; the minute names the tick', async () => {
  writeFileSync(join(folder, 'prod.json'), JSON.stringify(TARGET));
  const summary = await call({ scheduledTime: '2026-11-23T03:13:42Z' }, {});
  expect(summary).toEqual({
    tick: '2026-11-23T03:13:00.000Z',
    targets: 1,
    removed: 0,
    held: 1,
    undelivered: 0,
  });
  const [line] = lines.filter(({ pods }) => pods !== undefined);
  expect(line).toMatchObject({
    target: 'prod',
    tick: '2026-11-23T03:13:00.000Z',
    decision: { kind: 'hold', code: 'blind' },
  });
});

test('the same minute delivered twice does nothing the second time', async () => {
  const summary = await call({ scheduledTime: '2026-11-23T03:13:59Z' }, {});
  expect(summary).toMatchObject({ targets: 0 });
});

test('a broken document is named in a line and stops nobody', async () => {
  writeFileSync(join(folder, 'bad.json'), JSON.stringify({ ...TARGET, polcy: {} }));
  const summary = await call({ scheduledTime: '2026-11-23T03:14:00Z' }, {});
  expect(summary).toMatchObject({ targets: 1 });
  expect(lines.find(({ bad }) => bad !== undefined)).toMatchObject({
    bad: { id: 'bad', problems: [{ path: 'polcy', didYouMean: 'policy' }] },
  });
});

test('asked as a doctor it answers with the lines of its own set-up, and that is no tick', async () => {
  const told = (await call({ doctor: true, only: ['prod'] }, {})) as { doctor: Record<string, unknown>[] };
  const level = (prerequisite: string) =>
    told.doctor.find((line) => line.prerequisite === prerequisite && line.about !== 'none')?.level;
  expect(level('documents')).toBe('fail');
  expect(level('cluster-session')).toBe('fail');
  expect(level('dry-run')).toBe('skipped');
  expect(told.doctor.find(({ prerequisite }) => prerequisite === 'state-place')).toMatchObject({
    level: 'warn',
  });
  expect(new Set(told.doctor.map(({ target }) => target))).toEqual(new Set([null, 'prod']));
  expect(lines.filter(({ pods }) => pods !== undefined)).toEqual([]);
});

test.each([{ doctor: false }, { doctor: 'yes' }])('%j is neither a doctor nor a schedule', async (event) => {
  await expect(call(event, {})).rejects.toThrow(/WD_USAGE/);
});
