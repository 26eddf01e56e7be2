import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { createClock } from '../../../functions/adapters/local/clock.ts';

const clock = createClock();

test('tells the real time', () => {
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
});

test('sleeps as long as it is told', async () => {
  const startedAt = performance.now();
  await clock.sleep(50);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(48);
});

test.each([0, -5])('sleeping %d ms is no sleep', async (ms) => {
  await expect(clock.sleep(ms)).resolves.toBeUndefined();
});

test('an aborted sleep ends at once, without an error', async () => {
  const controller = new AbortController();
  const sleeping = clock.sleep(60_000, controller.signal);
  controller.abort(new Error('stop'));
  await expect(sleeping).resolves.toBeUndefined();
  await expect(clock.sleep(60_000, controller.signal)).resolves.toBeUndefined();
});

test('a sleep longer than timers can count does not end at once', async () => {
  const controller = new AbortController();
  let hasEnded = false;
  const sleeping = clock.sleep(2 ** 40, controller.signal).then(() => {
    hasEnded = true;
  });
  await clock.sleep(20);
  expect(hasEnded).toBe(false);
  controller.abort();
  await sleeping;
});

test('a process waits for a sleep, and not for an aborted one', () => {
  const file = fileURLToPath(new URL('../../../functions/adapters/local/clock.ts', import.meta.url));
  const script = `const { createClock } = await import(${JSON.stringify(file)});
    const stop = new AbortController();
    createClock().sleep(3_600_000, stop.signal);
    await createClock().sleep(50);
    stop.abort();
    console.log('slept');`;
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  expect([done.status, done.stdout]).toEqual([0, 'slept\n']);
});
