import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderHistory } from '../commands/history.ts';
import { renderTarget } from '../commands/render.ts';
import { WatchdogError } from '../core/errors.ts';
import type { TargetReport } from '../core/report.ts';
import { runCheck } from '../flow/run-check.ts';
import type { Ports } from '../ports.ts';
import { createCleanup } from './cleanup.ts';
import { TARGET } from './documents.ts';
import { lineOf, type Newest, spectate } from './looks.ts';
import { evidenceLines } from './tell.ts';
import { createTeller, type Teller } from './teller.ts';
import { buildWorld, type World } from './world.ts';

export interface DemoOptions {
  readonly json: boolean;
  readonly real: boolean;
  readonly color: boolean;
  /** stdout, one line without its end. */
  readonly write: (line: string) => void;
  /** stderr, likewise. */
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The least that a target may set. */
const HEARTBEAT_LIMIT_SECONDS = 15;
const EVERY_MS = 3_000;
const TICKS_MOST = 20;

/** Tells the whole story and leaves nothing behind. Resolves to the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  if (options.real) return runReal(options);
  const teller = createTeller(options);
  const cleanup = createCleanup();
  const { signal } = options;
  let code = 0;
  try {
    introduce(teller);
    const world = await buildWorld({
      teller,
      cleanup,
      signal,
      heartbeatLimitSeconds: HEARTBEAT_LIMIT_SECONDS,
      onRelook: () => undefined,
    });
    await story(world, teller, signal);
  } catch (error) {
    if (!signal.aborted) throw explained(error);
    code = 130;
  } finally {
    const { pids, left, problems } = await cleanup.run();
    for (const problem of problems) teller.plain(`not ended in order: ${problem}`, 'red');
    teller.event('ended', { pids, left, interrupted: signal.aborted });
    teller.say(
      left.length === 0
        ? `${signal.aborted ? 'interrupted; ' : ''}nothing is left running (${pids.length} processes ended)`
        : `still running: ${left.join(', ')}`,
      left.length === 0 ? 'green' : 'red',
    );
  }
  if (code === 0)
    teller.plain(
      '\nNext: write a target for your own cluster and look at it, read-only: README.md, "Try it on your cluster".',
    );
  return code;
}

function introduce(teller: Teller): void {
  teller.event('begin', { target: TARGET });
  teller.plain(
    'scheduler-watchdog demo: a wedged Airflow scheduler is found, removed and proved recovered.',
    'bold',
  );
  teller.plain('  real      the watchdog, a PostgreSQL server, the processes, the SIGSTOP');
  teller.plain('  stand-in  the scheduler, the Kubernetes API with its kubelet, Slack, PagerDuty');
  teller.plain('');
}

async function story(world: World, teller: Teller, signal: AbortSignal): Promise<void> {
  const { ports, newest } = spectate(world.ports, signal);
  const seen = { newest, teller, world };

  teller.plain('');
  teller.say('1. all is well: the watchdog looks twice', 'bold');
  let well = 0;
  await ticks(ports, seen, (report) => {
    well += report.pods.some(({ cause }) => cause === 'healthy') ? 1 : 0;
    return well >= 2;
  });

  const pod = world.kubelet.pods[0];
  if (pod === undefined) throw new Error('the pod is gone');
  teller.plain('');
  teller.say(`2. the scheduler wedges: SIGSTOP to pid ${pod.main.pid}`, 'bold');
  pod.main.kill('SIGSTOP');
  pod.wedgedAt = Date.now();
  teller.event('wedged', { pod: pod.name, uid: pod.uid, pid: pod.main.pid });
  teller.say('its pod stays Running, its health server still answers, kubelet throws the probe error away');
  await ticks(ports, seen, ({ decision }) => decision.kind === 'remove');
  teller.event('removed', { pod: pod.name, uid: pod.uid, afterMs: Date.now() - pod.wedgedAt });

  teller.plain('');
  teller.say('3. the replacement has to prove itself', 'bold');
  await ticks(ports, seen, ({ incident }) => incident === null);
  await tellEnd(world, teller);
}

interface Seen {
  readonly newest: Newest;
  readonly teller: Teller;
  readonly world: World;
}

/** Ticks until the report says that it is enough. */
async function ticks(ports: Ports, seen: Seen, isEnough: (report: TargetReport) => boolean): Promise<void> {
  const { teller, newest, world } = seen;
  const spectator = setInterval(() => {
    const pod = world.kubelet.pods[0];
    if (pod?.wedgedAt != null) teller.say(lineOf(newest, pod.name, HEARTBEAT_LIMIT_SECONDS), 'dim');
  }, EVERY_MS);
  try {
    for (let count = 0; count < TICKS_MOST; count += 1) {
      const scheduledAt = ports.clock.now();
      const { targets, defects } = await runCheck({ scheduledAt, acting: true, only: [] }, ports);
      const [report] = targets;
      if (report === undefined) throw new Error(defects[0] ?? 'the tick gave no report');
      teller.json(report);
      for (const line of renderTarget(report, (_, text) => text).slice(1)) teller.say(line.trim());
      if (isEnough(report)) return;
      await ports.clock.sleep(Math.max(0, scheduledAt + EVERY_MS - ports.clock.now()));
    }
  } finally {
    clearInterval(spectator);
  }
  throw new Error(`the story did not go on within ${TICKS_MOST} ticks`);
}

/** The end is told from what was stored, not from what this script remembers. */
async function tellEnd({ ports, slack, kube }: World, teller: Teller): Promise<void> {
  const entries = await ports.state.history({ target: TARGET, limit: 50 });
  const intent = entries.find(({ kind }) => kind === 'intent');
  const outcome = entries.find(({ kind }) => kind === 'outcome');
  teller.event('recovered', { removals: kube.removals, outcome: outcome?.body.outcome ?? null });
  teller.plain('\nThe evidence, kept before the pod went:', 'bold');
  if (intent !== undefined) for (const line of evidenceLines(intent)) teller.plain(`  ${line}`);
  teller.plain('\nThe last message in Slack:', 'bold');
  for (const line of slack.received.at(-1)?.lines ?? []) teller.plain(`  ${line}`);
  teller.plain('\nThe timeline, from the ledger:', 'bold');
  teller.plain(renderHistory(entries));
}

function explained(error: unknown): unknown {
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

/** The same story on real Kubernetes and real Airflow, where the end-to-end rig can run. */
async function runReal({ json, note, signal }: DemoOptions): Promise<number> {
  const script = fileURLToPath(new URL('../../test/demo/real.ts', import.meta.url));
  if (!existsSync(script)) {
    throw new WatchdogError({
      code: 'WD_UNSUPPORTED',
      what: '--real needs the end-to-end rig of a clone (test/rig), which is not here',
      notDone: 'nothing was started',
      run: 'Run it from a clone, on Linux as root; or without --real anywhere.',
    });
  }
  note('the real rig: the first start builds Kubernetes and takes about a quarter of an hour');
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, ...(json ? ['--json'] : [])],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  signal.addEventListener('abort', () => child.kill('SIGTERM'));
  return new Promise((resolve) =>
    child.once('close', (code) => resolve(signal.aborted ? 130 : (code ?? 70))),
  );
}
