import pLimit from 'p-limit';
import { WatchdogError } from '../core/errors.ts';
import { isStorm } from '../core/fleet.ts';
import type { OutboxEntry } from '../core/notification.ts';
import { LIMITS } from '../core/policy.ts';
import { type TargetReport, type TickReport, undeliveredOf } from '../core/report.ts';
import { namedRoutes, routesOf } from '../core/routing-rules.ts';
import { chosenFrom } from '../core/target.ts';
import { type DurationMs, type EpochMs, MINUTE_MS } from '../core/time.ts';
import type { Notifier, Ports, TargetList } from '../ports.ts';
import type { Begun } from './begun.ts';
import { begin, finish } from './check-target.ts';
import { deliverFleet, deliverTarget } from './deliver.ts';
import { closeUnwatched, concludeFleet, listFinding, tellFleet } from './fleet.ts';
import { keepFleetPage, keepReport } from './keep-report.ts';
import { refuse } from './refuse.ts';
import { loadFleet } from './saved-state.ts';
import { beginTick, type TickContext } from './tick.ts';
import { withoutSecrets } from './without-secrets.ts';

export interface RunOptions {
  /** The moment the schedule meant. */
  readonly scheduledAt: EpochMs;
  /** That moment is by our own clock, so that no other one says how late we are. */
  readonly ownSchedule?: boolean;
  /** Names the tick, so that one which arrives twice is done once; default `scheduledAt`. */
  readonly key?: EpochMs;
  /** Time between the starts of two ticks; default a minute. */
  readonly slotMs?: DurationMs;
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

/** One tick over all targets: first looks, then each target to its end, then the fleet, then what is left to tell. */
export async function runCheck(options: RunOptions, given: Ports): Promise<TickReport> {
  const clean = withoutSecrets(given);
  const { onTarget } = options;
  const said = onTarget && ((report: TargetReport) => onTarget(clean.output(report)));
  return clean.output(await runTick({ ...options, ...(said && { onTarget: said }) }, clean.ports));
}

async function runTick(options: RunOptions, ports: Ports): Promise<TickReport> {
  const startedAt = ports.clock.now();
  const list = await ports.targets.load().catch(unreadable);
  if (list instanceof WatchdogError) return nothingDone(list, options, ports, ports.targets.lastChannels());
  const targets = chosenFrom(list.targets, options.only);
  const refusal = refuse(list, targets, options.only);
  if (refusal !== null) {
    // A list that has lost everything has lost its channels, too.
    const channels = list.channels.length === 0 ? ports.targets.lastChannels() : list.channels;
    return nothingDone(refusal, options, ports, channels, list);
  }

  const routes = routesOf(list.channels);
  const tick = beginTick(
    {
      scheduledAt: options.scheduledAt,
      ownSchedule: options.ownSchedule ?? false,
      key: options.key ?? options.scheduledAt,
      slotMs: options.slotMs ?? MINUTE_MS,
      startedAt,
      deadlineAt: startedAt + (options.budgetMs ?? LIMITS.tickBudgetMs),
      acting: options.acting,
      channelsOf: ({ channels }) => (channels === null ? routes : namedRoutes(channels, routes)),
    },
    (await loadFleet(ports.state)).state,
    ports,
  );
  const limit = pLimit(SIDE_BY_SIDE);
  const faults: Faults = { defects: [], errors: [] };
  const first = await Promise.all(
    rotated(targets, tick).map((target) =>
      limit(() => guarded(target.id, tick, faults, () => begin(target, tick))),
    ),
  );
  const begun = first.filter((one) => one !== null);
  const notifiers = options.acting ? ports.notifiersOf(list.channels) : new Map<string, Notifier>();
  const conclude = async (one: Begun) => {
    const { report, hasAlerts, changed } = await finish(one, tick).catch(async (error: unknown) => {
      // What is to be told was saved before whatever failed, and may be all that a person hears of a removal.
      if (tick.acting) await deliverTarget(one.target.id, notifiers, ports).catch(() => []);
      throw error;
    });
    options.onTarget?.(report);
    const [left] = await Promise.all([
      tick.acting && hasAlerts ? deliverTarget(one.target.id, notifiers, ports) : [],
      tick.acting && changed !== null ? keepReport(one.target, changed, ports) : null,
    ]);
    return { report, left, changed: changed !== null };
  };
  const finished = begun.map((one) => limit(() => guarded(one.target.id, tick, faults, () => conclude(one))));
  const done = (await Promise.all(finished)).filter((one) => one !== null);
  const left = done.flatMap((one) => one.left);
  // A tick that was done before has nothing new to say about the fleet either.
  if (tick.acting && tick.picture.size > 0) {
    const isWhole = options.only.length === 0;
    const closed = isWhole ? await closeUnwatched(list, tick, notifiers, routes) : null;
    await concludeFleet(list, tick, routes, closed?.watched ?? null);
    left.push(...(closed?.undelivered ?? []), ...(await deliverFleet(notifiers, ports)));
  }
  if (tick.acting && done.some(({ changed }) => changed)) await keepFleetPage(list.targets, ports);
  const [error] = faults.errors;
  if (error !== undefined) throw error;
  return {
    scheduledAt: tick.key,
    targets: done.map(({ report }) => report),
    bad: list.bad,
    staleSince: list.stale?.readAt ?? null,
    nothingDone: null,
    storm: isStormNow(tick),
    undelivered: left.length,
    waiting: undeliveredOf(left),
    defects: faults.defects,
  };
}

interface Faults {
  readonly defects: string[];
  /** What a person can mend, such as a state that cannot be written. */
  readonly errors: WatchdogError[];
}

/** What goes wrong with one target never stops the others: they may be between an intent and its delete. */
async function guarded<T>(
  target: string,
  tick: TickContext,
  faults: Faults,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    // Not known to be well, so it counts as sick.
    tick.stand({ id: target, health: 'unseen', sickSince: tick.fleet().unseen[target] ?? null });
    if (error instanceof WatchdogError) faults.errors.push(error);
    else
      faults.defects.push(
        `${target}: ${Error.isError(error) ? (error.stack ?? error.message) : String(error)}`,
      );
    return null;
  }
}

/** Where a tick has no time for all, it must not be the same ones every time. */
function rotated<T>(targets: readonly T[], { key, slotMs }: TickContext): readonly T[] {
  if (targets.length <= SIDE_BY_SIDE) return targets;
  const from = (Math.floor(key / slotMs) * SIDE_BY_SIDE) % targets.length;
  return [...targets.slice(from), ...targets.slice(0, from)];
}

function isStormNow({ picture, fleet }: TickContext): boolean {
  const sick = [...picture.values()].filter(({ health }) => health !== 'well').length;
  return fleet().storm !== null || isStorm(sick, picture.size);
}

function unreadable(error: unknown): WatchdogError {
  if (error instanceof WatchdogError) return error;
  throw error;
}

async function nothingDone(
  error: WatchdogError,
  options: RunOptions,
  ports: Ports,
  channels: TargetList['channels'],
  list: Pick<TargetList, 'bad'> = { bad: [] },
): Promise<TickReport> {
  const { code, what, notDone, run } = error.explained;
  let undelivered: readonly OutboxEntry[] = [];
  if (options.acting && code !== 'WD_TARGET_UNKNOWN') {
    const finding = listFinding('list-unusable', code, `${what}; ${notDone}. ${run}`, ports.clock.now());
    await tellFleet(ports, (state) => state, [finding], options, routesOf(channels));
    undelivered = await deliverFleet(ports.notifiersOf(channels), ports);
  }
  return {
    scheduledAt: options.key ?? options.scheduledAt,
    targets: [],
    bad: list.bad,
    staleSince: null,
    nothingDone: { code, what, notDone, run },
    storm: false,
    undelivered: undelivered.length,
    waiting: undeliveredOf(undelivered),
    defects: [],
  };
}

/** The tick of a moment where ticks come each minute: the same however often and late the event is delivered. */
export function minuteOf(at: EpochMs): EpochMs {
  return at - (at % MINUTE_MS);
}
