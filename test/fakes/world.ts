import { createMemoryState } from '../../functions/adapters/local/memory-state.ts';
import { type Channel, EVERYTHING } from '../../functions/core/channel.ts';
import type { LedgerEntry, LedgerKind } from '../../functions/core/ledger.ts';
import { CONSOLE, type Notification } from '../../functions/core/notification.ts';
import { DEFAULT_POLICY, LIMITS, type Policy } from '../../functions/core/policy.ts';
import type { TickReport } from '../../functions/core/report.ts';
import { FLEET_KEY, type FleetState, NEW_STATE, type TargetState } from '../../functions/core/state.ts';
import type { BadDocument, ComponentName, Target } from '../../functions/core/target.ts';
import { type EpochMs, MINUTE_MS } from '../../functions/core/time.ts';
import { type RunOptions, runCheck } from '../../functions/flow/run-check.ts';
import type { Delivery, Notifier, Ports } from '../../functions/ports.ts';
import { type Airflow, type SimOptions, simulateAirflow } from './airflow.ts';
import { fakeClock, START } from './clock.ts';
import { fakeCluster, fakeDatabase, fakeUrls, type Weather } from './cluster.ts';
import { Crash, type Effect, type Fate, startProcess } from './effects.ts';
import { type Watched, watchedState } from './state.ts';

export interface WorldTarget extends Partial<Omit<SimOptions, 'id' | 'start'>> {
  readonly id?: string;
  readonly policy?: Partial<Policy>;
  readonly target?: Partial<Target>;
}

export interface Sent {
  readonly channel: string;
  readonly notification: Notification;
  readonly at: EpochMs;
}

export interface Removed {
  readonly target: string;
  readonly uid: string;
  readonly at: EpochMs;
  readonly wasWell: boolean;
}

const CHANNELS: readonly Channel[] = [
  {
    name: 'slack',
    type: 'slack',
    settings: { webhook: 'https://hooks.example/x' },
    endpoint: null,
    rules: EVERYTHING,
  },
  { name: 'pager', type: 'pagerduty', settings: { routingKey: 'key' }, endpoint: null, rules: EVERYTHING },
];

/** A remediating target with a heartbeat limit of its own, so that tests do not depend on what `auto` has learned. */
export function targetOf({ id = 'a', policy = {}, target = {}, components }: WorldTarget): Target {
  return {
    id,
    cluster: { kind: 'kubeconfig', path: null, context: null },
    namespace: 'airflow',
    components: Object.keys(components ?? { scheduler: 1 }).map((name) => ({
      name: name as ComponentName,
      selector: `component=${name}`,
      container: null,
    })),
    health: [],
    database: { engine: 'postgres', secret: { scheme: 'env', name: 'DB' }, auth: 'password' },
    policy: { ...DEFAULT_POLICY, mode: 'remediate', heartbeatLimitMs: 45_000, ...policy },
    channels: null,
    ...target,
  };
}

/** Everything outside the program, scripted by hand, with one ordered log of all effects. */
export function createWorld(given: readonly WorldTarget[] = [{}]) {
  const clock = fakeClock();
  const log: Effect[] = [];
  const store = createMemoryState();
  const watched: Watched = { largestBytes: 0 };
  const sent: Sent[] = [];
  const removed: Removed[] = [];
  const airflows = new Map<string, Airflow>(
    given.map((one) => [one.id ?? 'a', simulateAirflow({ ...one, id: one.id ?? 'a', start: START })]),
  );
  const of = (id: string): Airflow => {
    const found = airflows.get(id);
    if (found === undefined) throw new Error(`no world for ${id}`);
    return found;
  };
  const weather: Weather = {
    latencyMs: 0,
    removals: [],
    onRemoved: (target, uid) => {
      const at = clock.now();
      removed.push({ target, uid, at, wasWell: of(target).isTrulyWell(uid, at) });
    },
    onLook: () => {},
    workloadUnreadable: false,
    tasksUnreadable: false,
    databaseUptimeSeconds: null,
    ourClockAheadMs: 0,
    stallMs: 0,
    urlsHang: false,
    healthForbidden: false,
    rowsKeptMs: null,
    databaseClockAheadMs: 0,
    workloadNames: new Map(),
    broken: new Set(),
    probes: [],
    memory: null,
  };
  /** Answers of channels that are not `delivered`, oldest first. */
  const answers = new Map<string, Delivery[]>();
  const always = new Map<string, Delivery | Error>();
  /** What each channel was given of what it wanted to be kept. */
  const memos = new Map<string, (string | null)[]>();
  const world = {
    targets: given.map(targetOf) as readonly Target[],
    channels: CHANNELS,
    bad: [] as readonly BadDocument[],
    listError: null as Error | null,
    clusterErrors: new Map<string, Error>(),
  };
  let tickAt = START;
  const awake: { readonly forMs: number; readonly budgetMs: number }[] = [];

  /** A new process over the same persisted state and the same outside. */
  const start = (fate: Fate = {}) => {
    const process = startProcess(log, clock, fate);
    const outside = { clock, weather, of: (target: Target) => of(target.id) };
    const cluster = fakeCluster(outside, process);
    const notifier = (channel: string): Notifier => ({
      send: (notification, memo = null) =>
        process.effect(
          'send',
          notification.target,
          (entry) => {
            memos.set(channel, [...(memos.get(channel) ?? []), memo]);
            const answer: Delivery | Error = answers.get(channel)?.shift() ??
              always.get(channel) ?? { kind: 'delivered' };
            if (answer instanceof Error) throw answer;
            if (answer.kind === 'delivered') sent.push({ channel, notification, at: clock.now() });
            else entry.detail += ` (${answer.kind})`;
            return answer;
          },
          `${channel} ${notification.kind}`,
        ),
    });
    const ports: Ports = {
      clock: {
        now: () => clock.now() + weather.ourClockAheadMs,
        sleep: (ms, signal) =>
          signal === undefined
            ? process.effect('sleep', '', () => clock.sleep(ms + weather.stallMs), `${ms}`)
            : clock.sleep(ms, signal),
      },
      targets: {
        load: async () => {
          if (world.listError !== null) throw world.listError;
          return { targets: world.targets, channels: world.channels, bad: world.bad };
        },
        lastChannels: () => world.channels,
      },
      state: watchedState(store, watched, process),
      database: fakeDatabase(outside, process),
      urls: fakeUrls(outside, process, (id) => airflows.get(id) ?? null),
      clusterOf: async (target) => {
        const error = world.clusterErrors.get(target.id);
        if (error !== undefined) throw error;
        return cluster;
      },
      notifiersOf: (channels) =>
        new Map([...channels.map(({ name }) => name), CONSOLE].map((name) => [name, notifier(name)])),
      progress: () => {},
    };
    return { ports, process };
  };

  const run = async (ports: Ports, options: Partial<RunOptions> = {}): Promise<TickReport> => {
    const startedAt = clock.now();
    const report = await runCheck({ scheduledAt: tickAt, acting: true, only: [], ...options }, ports);
    awake.push({ forMs: clock.now() - startedAt, budgetMs: LIMITS.tickBudgetMs });
    return report;
  };

  /** Goes to the next minute; a tick that took longer makes the next one start later. */
  const nextMinute = () => {
    tickAt = Math.max(tickAt + MINUTE_MS, Math.ceil(clock.now() / MINUTE_MS) * MINUTE_MS);
    clock.advanceTo(tickAt);
  };

  return {
    clock,
    log,
    store,
    watched,
    weather,
    sent,
    removed,
    answers,
    always,
    memos,
    world,
    of,
    start,
    run,
    nextMinute,
    awake,
    tickAt: () => tickAt,
    /** Effects since a mark, as `kind target detail`. */
    lines: (from = 0, kinds?: readonly string[]) =>
      log
        .slice(from)
        .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
        .map(({ kind, target, detail }) => [kind, target, detail].filter((part) => part !== '').join(' ')),

    /** One tick of a fresh process at the next minute. */
    async tick(options: Partial<RunOptions> & { readonly fate?: Fate } = {}): Promise<TickReport> {
      nextMinute();
      const { fate, ...rest } = options;
      return run(start(fate).ports, rest);
    },
    /** Ticks until a number of minutes has gone by. */
    async ticks(count: number): Promise<TickReport[]> {
      const reports: TickReport[] = [];
      for (let i = 0; i < count; i += 1) {
        nextMinute();
        reports.push(await run(start().ports));
      }
      return reports;
    },
    /** A tick that may die on its way; null when it did. */
    async dyingTick(fate: Fate): Promise<TickReport | null> {
      nextMinute();
      const { ports, process } = start(fate);
      try {
        const report = await run(ports);
        return process.isDead() ? null : report;
      } catch (error) {
        if (error instanceof Crash) return null;
        throw error;
      }
    },
    async stateOf(id = 'a'): Promise<TargetState> {
      return { ...NEW_STATE, ...((await store.load(id))?.body as Partial<TargetState> | undefined) };
    },
    async fleet(): Promise<FleetState | undefined> {
      return (await store.load(FLEET_KEY))?.body as FleetState | undefined;
    },
    /** Entries of one kind; of all kinds but looks without one. */
    async ledger<K extends Exclude<LedgerKind, 'looks' | 'told'>>(
      kind?: K,
    ): Promise<readonly Extract<LedgerEntry, { readonly kind: K }>[]> {
      const all = await store.history({ target: null, limit: 10_000 });
      return all.filter((entry): entry is Extract<LedgerEntry, { readonly kind: K }> =>
        kind === undefined ? entry.kind !== 'looks' && entry.kind !== 'told' : entry.kind === kind,
      );
    },

    wedge: (id = 'a', number = 0, component: ComponentName = 'scheduler') => {
      const pod = of(id).pod(clock.now(), component, number);
      of(id).begin(pod.wedges, clock.now());
      return pod;
    },
    titles: (channel = 'slack') =>
      sent.filter((one) => one.channel === channel).map(({ notification }) => notification.title),
    kinds: (channel = 'slack') =>
      sent.filter((one) => one.channel === channel).map(({ notification }) => notification.kind),
  };
}

export type World = ReturnType<typeof createWorld>;
