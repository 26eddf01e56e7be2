import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WatchdogError } from '../core/errors.ts';
import { HEARTBEAT_LIMIT_SECONDS, runChapters, sayProgress } from './chapters.ts';
import { type Cleanup, createCleanup } from './cleanup.ts';
import { TARGET } from './documents.ts';
import { reportOfDemo, tellEnd } from './ending.ts';
import { spectate } from './looks.ts';
import { type RealOptions, runReal } from './real-rig.ts';
import { createTeller, type Teller } from './teller.ts';
import { buildWorld } from './world.ts';

/** Where the report stays when the demo's world is taken down. */
const REPORTS = join(tmpdir(), 'scheduler-watchdog-demo-reports');

export interface DemoOptions {
  readonly json: boolean;
  readonly real: boolean;
  /** Both for `real`, which builds a Kubernetes. */
  readonly yes: RealOptions['yes'];
  readonly confirm: RealOptions['confirm'];
  readonly color: boolean;
  /** stdout, one line without its end. */
  readonly write: (line: string) => void;
  /** stderr, likewise. */
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Tells the whole story and leaves nothing behind. Resolves to the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  if (options.real) return runReal(options);
  const { signal } = options;
  const teller = createTeller(options);
  const cleanup = createCleanup();
  let report = '';
  signal.addEventListener('abort', () => teller.say('interrupted: taking everything down …', 'yellow'));
  try {
    introduce(teller);
    report = await tell(teller, cleanup, signal);
  } catch (error) {
    if (!signal.aborted) throw explained(error);
  } finally {
    await takeDown(teller, cleanup, signal);
  }
  if (signal.aborted) return 130;
  teller.plain('');
  teller.plain(`The report of the incident, one file for any browser: ${report}`, 'bold');
  teller.plain('Next: write a target for your own cluster and look at it, read-only:', 'bold');
  teller.plain('      README.md, "Try it on your cluster"; or see this story on real Kubernetes: --real');
  return 0;
}

function introduce(teller: Teller): void {
  teller.event('begin', { target: TARGET });
  teller.plain(
    'scheduler-watchdog demo: an Airflow scheduler wedges, and nobody in the cluster notices',
    'bold',
  );
  teller.plain(
    '  real      the watchdog with all its adapters and its state file, PostgreSQL, the processes,',
  );
  teller.plain('            the SIGSTOP that wedges one of them and the signals that end it');
  teller.plain('  stand-in  the scheduler program; Kubernetes (an HTTP server here); Slack; PagerDuty');
  teller.plain("  played    kubelet's probe error and the memory figure of the wedged pod");
  teller.plain(
    '  faster    beats every 1 s (Airflow: 5 s), limit 15 s (default: learned, 45 s or more), ticks every 3 s',
  );
  teller.plain('');
}

async function tell(teller: Teller, cleanup: Cleanup, signal: AbortSignal): Promise<string> {
  // The watchdog's words come before there is anything to look at; until then nobody listens.
  let listen: (text: string) => void = () => {};
  const world = await buildWorld({
    teller,
    cleanup,
    signal,
    heartbeatLimitSeconds: HEARTBEAT_LIMIT_SECONDS,
    reports: REPORTS,
    onProgress: ({ text }) => listen(text),
  });
  const { ports, newest } = spectate(world.ports, signal);
  const stage = { world, ports, newest, teller };
  listen = (text) => sayProgress(stage, text);
  await runChapters(stage);
  await tellEnd(world, teller);
  const report = await reportOfDemo(world, REPORTS);
  teller.event('report', { file: report });
  return report;
}

async function takeDown(teller: Teller, cleanup: Cleanup, signal: AbortSignal): Promise<void> {
  const { pids, left, problems } = await cleanup.run();
  for (const problem of problems) teller.plain(`not ended in order: ${problem}`, 'red');
  teller.event('ended', { pids, left, interrupted: signal.aborted });
  teller.plain('');
  if (left.length > 0) teller.say(`still running: ${left.join(', ')}`, 'red');
  else teller.say(`nothing is left running (${pids.length} processes ended)`, 'green');
}

function explained(error: unknown): WatchdogError {
  if (error instanceof WatchdogError) return error;
  return new WatchdogError(
    {
      code: 'WD_DEMO',
      what: `the demo could not be told to its end: ${Error.isError(error) ? error.message : String(error)}`,
      notDone: 'only its own small world was touched, and it was taken down',
      run: 'Run it again with --json and report what it printed.',
    },
    { cause: error },
  );
}
