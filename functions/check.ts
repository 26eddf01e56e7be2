import middy from '@middy/core';
import { WatchdogError } from './core/errors.ts';
import { describeProblems, type TickSummary, tickSummary } from './core/report.ts';
import { epochOf } from './core/time.ts';
import { minuteOf, runCheck } from './flow/run-check.ts';
import { type Wired, wireLocal } from './wiring/local.ts';
import { readSettings } from './wiring/settings.ts';

/** What the schedule sends. */
export interface ScheduleEvent {
  /** ISO time of the slot; its minute names the tick, however often and late the event arrives. */
  readonly scheduledTime: string;
}

/** Kept between warm invocations: clients, resolved secrets. */
let wired: Promise<Wired> | null = null;

async function check(event: ScheduleEvent): Promise<TickSummary> {
  const scheduledAt = epochOf(event.scheduledTime);
  if (scheduledAt === null) throw notOurs(event);
  wired ??= wireLocal({
    settings: readSettings({}),
    progress: log,
    printAlert: (alert) => log({ alert }),
    readOnly: false,
  });
  const { ports } = await wired.catch((error: unknown) => {
    wired = null;
    throw error;
  });
  const report = await runCheck(
    { scheduledAt: minuteOf(scheduledAt), acting: true, only: [], onTarget: log },
    ports,
  );
  for (const bad of report.bad) log({ bad });
  const problem = describeProblems(report);
  // A tick that fails fails the invocation, or the alarm on errors would be blind.
  if (problem !== null) throw new Error(problem);
  return tickSummary(report);
}

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

export const handler = middy<ScheduleEvent, TickSummary>()
  .before(({ event }) => {
    if (typeof event?.scheduledTime !== 'string') throw notOurs(event);
  })
  .handler(check);
