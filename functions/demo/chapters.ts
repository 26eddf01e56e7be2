import { isWell } from '../core/cause.ts';
import type { PodReport, TargetReport } from '../core/report.ts';
import { runCheck } from '../flow/run-check.ts';
import type { Ports } from '../ports.ts';
import { factsOf, lineOf, type Newest } from './looks.ts';
import type { DemoPod } from './pod.ts';
import type { Teller } from './teller.ts';
import type { World } from './world.ts';

/** The least that a target may set. */
export const HEARTBEAT_LIMIT_SECONDS = 15;
const EVERY_MS = 3_000;
const TICKS_MOST = 20;

export interface Stage {
  readonly world: World;
  readonly ports: Ports;
  readonly newest: Newest;
  readonly teller: Teller;
}

export async function runChapters(stage: Stage): Promise<void> {
  const { world, teller, ports } = stage;
  heading(teller, '1  all is well');
  let well = 0;
  await ticks(stage, ({ pods }) => {
    well += pods.some(({ cause }) => isWell(cause)) ? 1 : 0;
    return well >= 2;
  });

  heading(teller, '2  the scheduler wedges');
  const pod = world.kubelet.pods[0];
  if (pod === undefined) throw new Error('the pod is gone');
  wedge(pod, teller);
  await ports.clock.sleep(EVERY_MS);
  await ticks(stage, ({ decision }) => decision.kind === 'remove');
  teller.event('removed', { pod: pod.name, uid: pod.uid, afterMs: Date.now() - (pod.wedgedAt ?? 0) });

  heading(teller, '3  the replacement has to prove itself');
  await ports.clock.sleep(EVERY_MS);
  await ticks(stage, ({ incident }) => incident === null);
  if (world.kube.removals.length !== 1)
    throw new Error(`${world.kube.removals.length} removals instead of one`);
}

function wedge(pod: DemoPod, teller: Teller): void {
  pod.main.kill('SIGSTOP');
  pod.wedgedAt = Date.now();
  teller.event('wedged', { pod: pod.name, uid: pod.uid, pid: pod.main.pid });
  teller.say(`kill -STOP ${pod.main.pid}: nothing is scheduled from here on`, 'red');
  teller.say(
    'Kubernetes sees a pod that is Running and Ready; kubelet cannot start its exec probe and ignores that',
  );
}

/** What the watchdog says while a tick goes on; where it looks again, what it has seen. */
export function sayProgress({ world, newest, teller }: Stage, text: string): void {
  const look = /^suspicious.*\(look (\d+)\)$/.exec(text)?.[1];
  const pod = world.kubelet.pods[0];
  if (look === undefined || pod === undefined) {
    teller.say(text);
    return;
  }
  const count = Number(look) - 1;
  teller.event('look', { look: count, pod: pod.name, ...factsOf(newest, pod.name) });
  teller.say(`  look ${count}: ${lineOf(newest, pod.name, HEARTBEAT_LIMIT_SECONDS)}`, 'dim');
}

/** Ticks until the report says that it is enough. */
async function ticks(stage: Stage, isEnough: (report: TargetReport) => boolean): Promise<void> {
  const { ports, teller } = stage;
  for (let count = 0; count < TICKS_MOST; count += 1) {
    const scheduledAt = ports.clock.now();
    const { targets, defects } = await runCheck({ scheduledAt, acting: true, only: [] }, ports);
    const [report] = targets;
    if (report === undefined) throw new Error(defects[0] ?? 'the tick gave no report');
    teller.json(report);
    for (const pod of report.pods) sayPod(pod, teller);
    if (isEnough(report)) return;
    await ports.clock.sleep(Math.max(0, scheduledAt + EVERY_MS - ports.clock.now()));
  }
  throw new Error(`the story did not go on within ${TICKS_MOST} ticks`);
}

const STYLES = {
  healthy: 'green',
  idle: 'green',
  dead: 'red',
  starving: 'yellow',
  contradictory: 'yellow',
} as const;

/** The sentence without the probe's long quotation, which the evidence shows once. */
function sayPod({ pod, cause, why, streak }: PodReport, teller: Teller): void {
  const short = why.replace(/ \("[^"]*"\)/g, '');
  const looks = streak === 0 ? '' : ` (${streak} looks in a row)`;
  teller.say(
    `${suffixOf(pod)} ${cause.padEnd(11)} ${short}${looks}`,
    STYLES[cause as keyof typeof STYLES] ?? 'dim',
  );
}

/** `…-5wpxc`: within one workload the rest is the same. */
function suffixOf(pod: string): string {
  return `…${pod.slice(pod.lastIndexOf('-'))}`;
}

function heading(teller: Teller, text: string): void {
  teller.plain('');
  teller.plain(text, 'bold');
}
