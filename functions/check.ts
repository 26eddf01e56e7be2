import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Line } from './core/check-up.ts';
import { WatchdogError } from './core/errors.ts';
import { type Metric, metricsOf, metricsOfFailure } from './core/metrics.ts';
import { LIMITS } from './core/policy.ts';
import { describeProblems, type TickReport, type TickSummary, tickSummary } from './core/report.ts';
import { epochOf, SECOND_MS } from './core/time.ts';
import { minuteOf, runCheck } from './flow/run-check.ts';
import { createPublisher, tellDeadMansSwitch } from './wiring/lambda.ts';
import { readSettings, type Settings } from './wiring/settings.ts';
import { type Wired, wire } from './wiring/wire.ts';

/** What the schedule sends. */
export interface ScheduleEvent {
  /** ISO time of the slot; its minute names the tick, however often and late the event arrives. */
  readonly scheduledTime: string;
}

/** What `doctor --function` sends; never acts, whoever sends it. */
export interface DoctorEvent {
  readonly doctor: true;
  readonly only?: readonly string[];
  readonly send?: boolean;
}

/** Everything that stays between warm invocations. */
interface Kept {
  readonly settings: Settings;
  readonly wired: Wired;
  readonly publish: (metrics: readonly Metric[]) => void;
}

/** For the alerts, the metrics and the answer, after the last look. */
const RESERVE_MS = 4 * SECOND_MS;

let kept: Promise<Kept> | null = null;

async function check(event: ScheduleEvent, context: Partial<Context>): Promise<TickSummary> {
  const scheduledAt = epochOf(event.scheduledTime);
  if (scheduledAt === null) throw notOurs(event);
  kept ??= prepare();
  const { settings, wired, publish } = await kept.catch((error: unknown) => {
    kept = null;
    throw error;
  });
  const { ports } = wired;
  const startedAt = ports.clock.now();
  const remainingMs = context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  let report: TickReport;
  try {
    report = await runCheck(
      {
        scheduledAt,
        key: minuteOf(scheduledAt),
        acting: true,
        only: [],
        budgetMs: Math.min(LIMITS.tickBudgetMs, remainingMs - RESERVE_MS),
        onTarget: log,
      },
      ports,
    );
  } catch (error) {
    publish(metricsOfFailure(ports.clock.now() - startedAt));
    throw error;
  } finally {
    // The next invocation comes after a freeze, over which the other side may forget connections without a word.
    wired.dropConnections();
  }
  for (const bad of report.bad) log({ bad });
  for (const undelivered of report.waiting) log({ undelivered });
  publish(metricsOf(report, ports.clock.now() - startedAt));
  const problem = describeProblems(report);
  // A tick that fails fails the invocation, or the alarm on errors would be blind.
  if (problem !== null) throw new Error(problem);
  const untold = await tellDeadMansSwitch(settings);
  if (untold !== null) log({ deadMansSwitch: untold });
  return tickSummary(report);
}

/** The set-up as it looks from in here: this role, this network. Loaded only when it is asked for, with a wiring of its own. */
async function examine({
  only = [],
  send = false,
}: DoctorEvent): Promise<{ readonly doctor: readonly Line[] }> {
  const [{ doctor }, { withExaminers }] = await Promise.all([
    import('./flow/doctor.ts'),
    import('./wiring/examiners.ts'),
  ]);
  const settings = readSettings({});
  const lines = await withExaminers(
    settings,
    { progress: log, healthUrls: healthUrlsOf(settings) },
    (ports, examiners) => doctor({ only, send, onLines: () => {} }, ports, examiners),
  );
  return { doctor: lines };
}

async function prepare(): Promise<Kept> {
  const settings = readSettings({});
  const wired = await wire({
    settings,
    progress: log,
    printAlert: (alert) => log({ alert }),
    readOnly: false,
    healthUrls: healthUrlsOf(settings),
  });
  return { settings, wired, publish: await createPublisher(settings) };
}

/** Whoever may write a target in SSM must not read the role's credentials through it. */
const healthUrlsOf = ({ allowLoopback }: Settings) => (allowLoopback ? 'any' : 'foreign');

function log(line: object): void {
  console.log(JSON.stringify(line));
}

function notOurs(event: unknown): WatchdogError {
  return new WatchdogError({
    code: 'WD_USAGE',
    what: `this event has no scheduledTime: ${JSON.stringify(event)?.slice(0, 100)}`,
    notDone: 'nothing was looked at',
    run: 'The schedule must send { "scheduledTime": "<ISO time>" }.',
  });
}

const isDoctor = (event: ScheduleEvent | DoctorEvent): event is DoctorEvent =>
  'doctor' in event && event.doctor === true;

export const handler = middy<ScheduleEvent | DoctorEvent, TickSummary | Awaited<ReturnType<typeof examine>>>()
  .before(({ event }) => {
    if (typeof event !== 'object' || event === null) throw notOurs(event);
    if (!isDoctor(event) && typeof event.scheduledTime !== 'string') throw notOurs(event);
  })
  .handler((event, context) => (isDoctor(event) ? examine(event) : check(event, context)));
