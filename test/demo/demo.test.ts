import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { OUTPUT_LINES } from '../../functions/config/output-schema.ts';

interface Line {
  readonly event?: string;
  readonly target?: string;
  readonly [key: string]: unknown;
}

interface Told {
  readonly code: number | null;
  readonly lines: readonly Line[];
  /** Every pid that a line names. */
  readonly pids: readonly number[];
}

/** Runs the demo as a user does; `until` may end it early with a signal. */
async function demo(until?: (line: Line) => NodeJS.Signals | null): Promise<Told> {
  const child = spawn(process.execPath, ['functions/bin.mjs', 'demo', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.resume();
  const lines: Line[] = [];
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  for await (const text of createInterface(child.stdout)) {
    const line = JSON.parse(text) as Line;
    expect(OUTPUT_LINES.demo.safeParse(line)).toMatchObject({ success: true });
    lines.push(line);
    const signal = until?.(line);
    if (signal) child.kill(signal);
  }
  const pids = lines.flatMap((line) => [line.pids ?? [], line.pid ?? []].flat() as number[]);
  return { code: await closed, lines, pids };
}

const eventsOf = ({ lines }: Told) => lines.flatMap(({ event }) => event ?? []);
const find = ({ lines }: Told, event: string) => lines.find((line) => line.event === event);
const at =
  (event: string, signal: NodeJS.Signals) =>
  (line: Line): NodeJS.Signals | null =>
    line.event === event ? signal : null;

/** A zombie has ended; in a container without an init nobody may be there to bury the orphans. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function expectWholeStory(told: Told): void {
  expect(told.code).toBe(0);
  const order = [
    'begin',
    'database-started',
    'pod-started',
    'wedged',
    'look',
    'pod-terminating',
    'removed',
    'pod-ended',
    'recovered',
    'timeline',
    'ended',
  ];
  const known = new Set(order);
  // Looks repeat, and there are two pods; the first of each tells the order.
  expect([...new Set(eventsOf(told))].filter((event) => known.has(event))).toEqual(order);
  const wedged = find(told, 'wedged');
  expect(find(told, 'recovered')).toMatchObject({
    removals: [{ pod: wedged?.pod, uid: wedged?.uid }],
    outcome: { kind: 'recovered' },
  });
  const decisions = told.lines.flatMap(({ event, decision }) => (event === undefined ? [decision] : []));
  expect(decisions.filter((decision) => (decision as { kind: string }).kind === 'remove')).toEqual([
    expect.objectContaining({ uid: wedged?.uid, cause: 'dead', answer: 'deleted' }),
  ]);
  const alerts = (channel: string) =>
    told.lines.filter((line) => line.channel === channel).map(({ kind }) => kind);
  expect([alerts('slack').at(0), alerts('slack').at(-1)]).toEqual(['opened', 'resolved']);
  // A note would say that one of them refuses what it was sent.
  expect(alerts('slack')).not.toContain('note');
  expect(alerts('pagerduty')).toEqual(['trigger', 'change', 'resolve']);
  const keys = new Set(
    told.lines
      .filter(({ channel, kind }) => channel === 'pagerduty' && kind !== 'change')
      .map((line) => line.dedupKey),
  );
  expect(keys.size).toBe(1);
  expectNothingLeft(told);
}

function expectNothingLeft(told: Told): void {
  expect(told.lines.at(-1)).toMatchObject({ event: 'ended', left: [] });
  expect(told.pids.length).toBeGreaterThanOrEqual(4);
  expect(told.pids.filter(isAlive)).toEqual([]);
}

test.concurrent('tells the whole story, removes once and leaves nothing running', async () => {
  expectWholeStory(await demo());
}, 120_000);

test.concurrent('Ctrl-C in the middle leaves nothing running, and the next run, beside another one, tells the whole story', async () => {
  const interrupted = await demo(at('wedged', 'SIGINT'));
  expect(interrupted.code).toBe(130);
  expect(interrupted.lines.at(-1)).toMatchObject({ interrupted: true });
  expectNothingLeft(interrupted);
  expectWholeStory(await demo());
}, 120_000);

test.concurrent('a kill -9 while a process is stopped leaves nothing running, either', async () => {
  const killed = await demo(at('wedged', 'SIGKILL'));
  expect(eventsOf(killed).at(-1)).not.toBe('ended');
  expect(killed.pids.length).toBeGreaterThanOrEqual(3);
  const folder = String(find(killed, 'world')?.folder);
  for (let waited = 0; waited < 10_000 && (killed.pids.some(isAlive) || existsSync(folder)); waited += 100) {
    await sleep(100);
  }
  expect(killed.pids.filter(isAlive)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
}, 60_000);
