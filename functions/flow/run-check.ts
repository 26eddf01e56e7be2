import pLimit from 'p-limit';
import { isRemovable } from '../core/cause.ts';
import { WatchdogError } from '../core/errors.ts';
import { isStorm } from '../core/guards.ts';
import { type Situation, tell } from '../core/incident.ts';
import { CONSOLE } from '../core/notification.ts';
import { enqueue } from '../core/outbox.ts';
import { LIMITS } from '../core/policy.ts';
import type { TargetReport, TickReport } from '../core/report.ts';
import type { FleetState } from '../core/state.ts';
import type { BadDocument, Target } from '../core/target.ts';
import { type DurationMs, type EpochMs, isoOf } from '../core/time.ts';
import type { Notifier, Ports, TargetList } from '../ports.ts';
import { type Begun, begin, conclude } from './check-target.ts';
import { deliver } from './deliver.ts';
import { changeFleet, changeTarget, loadFleet, loadTarget } from './documents.ts';
import type { Fleet, Tick } from './round.ts';

export interface RunOptions {
  /** The moment the schedule meant; it names the tick. */
  readonly scheduledAt: EpochMs;
  readonly acting: boolean;
  /** Only these targets; empty means all. */
  readonly only: readonly string[];
  /** How long the tick may take; default the whole of LIMITS.tickBudgetMs. */
  readonly budgetMs?: DurationMs;
  /** Called as each target is done, so that a watcher sees it at once. */
  readonly onTarget?: (report: TargetReport) => void;
}

/** So many targets are looked at side by side; a hanging endpoint then costs its deadline, not everybody's. */
const SIDE_BY_SIDE = 250;

/** One tick over all targets: first looks, then the fleet's share, then each target to its end, then the alerts. */
export async function runCheck(options: RunOptions, ports: Ports): Promise<TickReport> {
  const startedAt = ports.clock.now();
  const list = await ports.targets.load().catch(unreadable);
  if (list instanceof WatchdogError) return nothingDone(list, options, ports);
  const targets = list.targets.filter(
    (target) => options.only.length === 0 || options.only.includes(target.id),
  );
  const refusal = refuse(list, targets, options);
  if (refusal !== null) return nothingDone(refusal, options, ports, list);

  const names = channelNames(list);
  const tick: Tick = {
    scheduledAt: options.scheduledAt,
    startedAt,
    deadlineAt: startedAt + (options.budgetMs ?? LIMITS.tickBudgetMs),
    acting: options.acting,
    channelsOf: (target) => (target.channels === null ? names : target.channels),
  };
  const limit = pLimit(SIDE_BY_SIDE);
  const faults: Faults = { defects: [], errors: [] };
  const first = await Promise.all(
    targets.map((target) => limit(() => guarded(target.id, faults, () => begin(target, tick, ports)))),
  );
  const begun = first.filter((one) => one !== null);
  const failed = faults.defects.length + faults.errors.length;
  const isWhole = options.only.length === 0 && begun.length === targets.length;
  const fleet = await fleetOf({ begun, failed, isWhole }, list, tick, names, ports);
  const notifiers = options.acting ? ports.notifiersOf(list.channels) : new Map<string, Notifier>();
  const finish = async (one: Begun) => {
    const { report, hasAlerts } = await conclude(one, fleet, tick, ports);
    options.onTarget?.(report);
    const left = tick.acting && hasAlerts ? await deliverTarget(one.target.id, notifiers, ports) : 0;
    return { report, left };
  };
  const finished = await Promise.all(
    begun.map((one) => limit(() => guarded(one.target.id, faults, () => finish(one)))),
  );
  const done = finished.filter((one) => one !== null);
  const leftOfFleet = tick.acting ? await deliverFleet(notifiers, ports) : 0;
  const [error] = faults.errors;
  if (error !== undefined) throw error;
  return {
    scheduledAt: options.scheduledAt,
    targets: done.map(({ report }) => report),
    bad: list.bad,
    staleSince: list.stale?.readAt ?? null,
    nothingDone: null,
    storm: fleet.storm,
    undelivered: done.reduce((sum, { left }) => sum + left, leftOfFleet),
    defects: faults.defects,
  };
}

interface Faults {
  readonly defects: string[];
  /** What a person can mend, such as a state that cannot be written. */
  readonly errors: WatchdogError[];
}

/** What goes wrong with one target never stops the others: they may be between an intent and its delete. */
async function guarded<T>(target: string, faults: Faults, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WatchdogError) faults.errors.push(error);
    else
      faults.defects.push(
        `${target}: ${Error.isError(error) ? (error.stack ?? error.message) : String(error)}`,
      );
    return null;
  }
}

function unreadable(error: unknown): WatchdogError {
  if (error instanceof WatchdogError) return error;
  throw error;
}

/** Without any channel alerts are still printed, where somebody may read them. */
function channelNames(list: TargetList): readonly string[] {
  return list.channels.length === 0 ? [CONSOLE] : list.channels.map((channel) => channel.name);
}

/** An empty list means "do nothing", never "all is well". */
function refuse(list: TargetList, targets: readonly Target[], options: RunOptions): WatchdogError | null {
  const unknown = options.only.filter(
    (id) => !list.targets.some((target) => target.id === id) && !list.bad.some((bad) => bad.id === id),
  );
  if (unknown.length > 0) {
    return new WatchdogError({
      code: 'WD_TARGET_UNKNOWN',
      what: `there is no target ${unknown.map((id) => `"${id}"`).join(', ')}; known are ${list.targets.map(({ id }) => id).join(', ') || 'none'}`,
      notDone: 'nothing was looked at',
      run: 'Run `scheduler-watchdog targets validate` to see the list.',
    });
  }
  if (targets.length > 0) return null;
  return new WatchdogError({
    code: 'WD_TARGETS_EMPTY',
    what:
      list.bad.length === 0
        ? 'the target list is empty'
        : options.only.length > 0
          ? `the document of ${options.only.map((id) => `"${id}"`).join(', ')} cannot be used`
          : `none of the ${list.bad.length} document(s) in the target list can be used`,
    notDone: 'nothing was looked at and nothing was removed',
    run: 'Run `scheduler-watchdog targets validate`; docs/examples has documents to begin with.',
  });
}

async function nothingDone(
  error: WatchdogError,
  options: RunOptions,
  ports: Ports,
  list: TargetList = { targets: [], channels: [], bad: [] },
): Promise<TickReport> {
  const { code, what, notDone, run } = error.explained;
  let undelivered = 0;
  if (options.acting && code !== 'WD_TARGET_UNKNOWN') {
    const situation = listSituation(`${code}`, `${what}; ${notDone}. ${run}`, ports.clock.now());
    await tellFleet({ situation, stormUntil: null, isWhole: true }, options, channelNames(list), ports);
    undelivered = await deliverFleet(ports.notifiersOf(list.channels), ports);
  }
  return {
    scheduledAt: options.scheduledAt,
    targets: [],
    bad: list.bad,
    staleSince: null,
    nothingDone: { code, what, notDone, run },
    storm: false,
    undelivered,
    defects: [],
  };
}

interface Seen {
  readonly begun: readonly Begun[];
  /** Targets whose first look broke: not known to be well, so they count as sick. */
  readonly failed: number;
  /** Every target of the list was looked at by this run. */
  readonly isWhole: boolean;
}

/** How much of the fleet is sick at the first look; a storm is remembered for its cool-down. */
async function fleetOf(
  { begun, failed, isWhole }: Seen,
  list: TargetList,
  tick: Tick,
  channels: readonly string[],
  ports: Ports,
): Promise<Fleet> {
  const sick = begun.filter(isSick).length + failed;
  const targets = begun.length + failed;
  const storm = isStorm(sick, targets);
  if (!tick.acting) {
    const { state } = await loadFleet(ports.state);
    return { sick, targets, stormUntil: state.stormUntil, storm };
  }
  const now = ports.clock.now();
  const situation = storm ? stormSituation(sick, targets, now) : listProblem(list, now);
  const stormUntil = storm ? now + LIMITS.stormCooldownMs : null;
  const state = await tellFleet({ situation, stormUntil, isWhole }, tick, channels, ports);
  return { sick, targets, stormUntil: storm ? null : state.stormUntil, storm };
}

/** Anything that would need a removal or a page: many of them at once point at something shared, or at us. */
function isSick({ observed, target }: Begun): boolean {
  if (observed.kind === 'blind') return true;
  return observed.judged.some(
    ({ verdict }) =>
      isRemovable(verdict.cause, target.policy.starving) ||
      verdict.cause === 'blind' ||
      verdict.cause === 'database-down',
  );
}

async function tellFleet(
  ask: {
    readonly situation: Situation | null;
    readonly stormUntil: EpochMs | null;
    readonly isWhole: boolean;
  },
  options: { readonly scheduledAt: EpochMs },
  channels: readonly string[],
  ports: Ports,
): Promise<FleetState> {
  const now = ports.clock.now();
  const { situation, stormUntil, isWhole } = ask;
  const { state } = await changeFleet(ports.state, (fleet) => {
    // Who has seen a part of the fleet only cannot say that the storm is over.
    if (!isWhole && stormUntil === null && fleet.incident?.toldOf === 'storm') return fleet;
    const before = stormUntil === null ? fleet : { ...fleet, stormUntil };
    const { state: told, notification } = tell(before, {
      target: 'fleet',
      situation,
      clear: situation === null,
      quiet: false,
      scheduledAt: options.scheduledAt,
      now,
      summary: 'Every target can be looked at again and no storm is on.',
    });
    return notification === null
      ? told
      : { ...told, outbox: enqueue(told.outbox, notification, channels, now) };
  });
  return state;
}

function stormSituation(sick: number, targets: number, now: EpochMs): Situation {
  return {
    key: 'storm',
    cause: 'blind',
    since: now,
    severity: 'critical',
    title: `storm: ${sick} of ${targets} targets are sick at once`,
    text: `Nothing is removed while more than ${LIMITS.stormShare * 100} % of the targets are sick: suspect what they share (network, cluster, database, or the watchdog itself). Removals stay held for 10 minutes after it ends.`,
  };
}

/** What is wrong with the list itself, while most of it is in use. */
function listProblem({ bad, stale }: TargetList, now: EpochMs): Situation | null {
  if (stale === undefined) return badSituation(bad, now);
  const text = `${stale.why}. Going on with the list of ${isoOf(stale.readAt)}; what was changed since then is not in force.`;
  return {
    ...listSituation('stale', text, now),
    title: 'the target list cannot be read; the last one is used',
  };
}

function badSituation(bad: readonly BadDocument[], now: EpochMs): Situation | null {
  if (bad.length === 0) return null;
  const ids = bad.map(({ id }) => id).join(', ');
  return listSituation(
    `bad:${ids}`,
    `Not watched because their documents are wrong: ${ids}. Run \`scheduler-watchdog targets validate\`.`,
    now,
  );
}

function listSituation(key: string, text: string, now: EpochMs): Situation {
  return {
    key,
    cause: 'blind',
    since: now,
    severity: 'warning',
    title: 'part of the target list cannot be used',
    text,
  };
}

async function deliverTarget(
  id: string,
  notifiers: ReadonlyMap<string, Notifier>,
  ports: Ports,
): Promise<number> {
  const read = async () => (await loadTarget(ports.state, id)).state.outbox;
  const change = async (apply: (outbox: FleetState['outbox']) => FleetState['outbox']) => {
    await changeTarget(ports.state, id, (state) => ({ ...state, outbox: apply(state.outbox) }));
  };
  return deliver({ read, change }, notifiers, ports.clock, ports.progress);
}

async function deliverFleet(notifiers: ReadonlyMap<string, Notifier>, ports: Ports): Promise<number> {
  const read = async () => (await loadFleet(ports.state)).state.outbox;
  const change = async (apply: (outbox: FleetState['outbox']) => FleetState['outbox']) => {
    await changeFleet(ports.state, (state) => ({ ...state, outbox: apply(state.outbox) }));
  };
  return deliver({ read, change }, notifiers, ports.clock, ports.progress);
}

/** The tick of a moment: its minute, which is the same however often and late the event is delivered. */
export function minuteOf(at: EpochMs): EpochMs {
  return at - (at % 60_000);
}
