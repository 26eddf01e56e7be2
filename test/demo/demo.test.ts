import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, expect, test } from '@jest/globals';

interface Line {
  readonly event?: string;
  readonly target?: string;
  readonly [key: string]: unknown;
}

/** Runs the demo as a user does; `until` may end it early with a signal. */
async function demo(until?: (line: Line) => NodeJS.Signals | null) {
  const child = spawn(process.execPath, ['functions/bin.mjs', 'demo', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.resume();
  const lines: Line[] = [];
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  for await (const text of createInterface(child.stdout)) {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    const signal = until?.(line);
    if (signal) child.kill(signal);
  }
  return { code: await closed, lines };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe.each(['first', 'second'])('the %s run', () => {
  test('tells the whole story and leaves nothing running', async () => {
    const { code, lines } = await demo();
    expect(code).toBe(0);
    const steps = lines.flatMap(({ event }) => (event === undefined ? [] : [event]));
    const order = ['begin', 'database-started', 'pod-started', 'wedged', 'removed', 'recovered', 'ended'];
    expect(order.map((step) => steps.indexOf(step))).toEqual(
      [...order.map((step) => steps.indexOf(step))].sort((a, b) => a - b),
    );
    expect(steps).toEqual(expect.arrayContaining(order));
    const wedged = lines.find(({ event }) => event === 'wedged');
    const recovered = lines.find(({ event }) => event === 'recovered');
    expect(recovered).toMatchObject({ removals: [{ uid: wedged?.uid }], outcome: { kind: 'recovered' } });
    const alerts = lines
      .filter(({ event }) => event === 'alert-received')
      .map(({ channel, kind }) => `${channel} ${kind}`);
    expect(alerts).toEqual(
      expect.arrayContaining(['slack opened', 'slack resolved', 'pagerduty trigger', 'pagerduty resolve']),
    );
    const ended = lines.at(-1) as Line & { pids: number[] };
    expect(ended).toMatchObject({ event: 'ended', left: [] });
    expect(ended.pids.filter(isAlive)).toEqual([]);
  }, 90_000);
});

test('Ctrl-C in the middle ends it with 130 and leaves nothing running', async () => {
  const { code, lines } = await demo(({ event }) => (event === 'wedged' ? 'SIGINT' : null));
  expect(code).toBe(130);
  const ended = lines.at(-1) as Line & { pids: number[] };
  expect(ended).toMatchObject({ event: 'ended', left: [], interrupted: true });
  expect(ended.pids.filter(isAlive)).toEqual([]);
}, 60_000);
