import type {
  DatabaseClient,
  HeldLock,
  JobRow,
  LockWait,
  ProgressFacts,
} from '../../functions/core/observation.ts';
import type { PodFact } from '../../functions/core/pod.ts';
import type { ComponentName } from '../../functions/core/target.ts';
import { type EpochMs, SECOND_MS } from '../../functions/core/time.ts';

/** A stretch of time; `to` null is "still". */
interface Span {
  readonly from: EpochMs;
  to: EpochMs | null;
}

/** Somebody's open transaction, by which schedulers pass without waiting: they beat and decide nothing. */
export interface Transaction extends Span {
  readonly name: string;
  readonly holder: HeldLock['holder'];
  /** Whether our login may see since when it is open. */
  readonly agesShown: boolean;
}

export interface SimPod {
  readonly uid: string;
  readonly component: ComponentName;
  readonly jobId: number;
  name: string;
  createdAt: EpochMs;
  /** Its container runs from here on. */
  runningAt: EpochMs;
  firstBeatAt: EpochMs;
  terminatingAt: EpochMs | null;
  goneAt: EpochMs | null;
  owner: PodFact['owner'];
  labels: Record<string, string>;
  restarts: number;
  /** Neither beats nor schedules. */
  readonly wedges: Span[];
  /** Beats, but schedules nothing. */
  readonly stalls: Span[];
  /** Its own health server does not answer. */
  readonly silences: Span[];
  /** How long its loops take, each from a moment on. */
  readonly loops: { readonly from: EpochMs; readonly everyMs: number }[];
  /** So far its node's clock is behind everybody else's, since before it began. */
  clockBehindMs: number;
  /** So far its node's clock was set back while it ran. */
  clockSetBackMs: number;
  /** How long after an outage or a lock it writes again. */
  recoverMs: number;
  ips: string[];
  /** Evicted or failed: history that the API server still lists. */
  endedAt: EpochMs | null;
  /** Its workload does not replace it. */
  isBare: boolean;
}

export interface SimOptions {
  readonly id: string;
  readonly start: EpochMs;
  readonly components?: Readonly<Partial<Record<ComponentName, number>>>;
  readonly kind?: 'ReplicaSet' | 'StatefulSet';
  /** From the delete to the end of the pod; null never ends. */
  readonly terminateMs?: number | null;
  /** From the delete (Deployment) or the end of the old pod (StatefulSet) to the new one; null never comes. */
  readonly replaceMs?: number | null;
  readonly bootMs?: number;
}

const BEAT_MS = 5_000;
const DECIDE_MS = 1_000;
/** A healthy scheduler writes again this long after its database is back. */
const AFTER_OUTAGE_MS = 3_000;

/** A stranger who holds rows that all schedulers need. */
export interface StrangersLock extends Span {
  readonly holder: DatabaseClient;
  /** Through a pooler all sessions come from its address; hidden ones tell none. */
  readonly seen: 'addresses' | 'hidden' | 'pooler';
}

export const STRANGER: DatabaseClient = {
  id: 4711,
  user: 'report',
  address: '10.9.9.9',
  application: 'psql',
  state: 'idle in transaction',
  queryAgeSeconds: 240,
};

/** One Airflow deployment on one Kubernetes: what is true, as functions of the time. */
export function simulateAirflow(options: SimOptions) {
  const { id, start, kind = 'ReplicaSet' } = options;
  const world = {
    terminateMs: options.terminateMs === undefined ? 10_000 : options.terminateMs,
    replaceMs: options.replaceMs === undefined ? 1_000 : options.replaceMs,
    bootMs: options.bootMs ?? 8_000,
    /** A sentence while a rollout is under way. */
    rollingOut: null as string | null,
    annotation: null as string | null,
    executor: null as string | null,
    /** Working set of each pod, and the limit of all; null: no metrics. */
    memory: null as { readonly limitBytes: number; readonly of: (pod: SimPod, at: EpochMs) => number } | null,
    runningTasks: 0,
    busy: true,
    /** What the workload asks for, where it is not what was there at the start; null: no workload is found. */
    wanted: {} as Partial<Record<ComponentName, number | null>>,
    /** In place of what the deployment's own progress would be; null: it cannot be read. */
    progress: {} as Partial<ProgressFacts> | null,
  };
  const pods: SimPod[] = [];
  const outages: Span[] = [];
  const locks: Span[] = [];
  const transactions: Transaction[] = [];
  const blinds: Span[] = [];
  const webDown: Span[] = [];
  const throttles: Span[] = [];
  const emptyLists: Span[] = [];
  const strangers: StrangersLock[] = [];
  let made = 0;

  const isIn = (spans: readonly Span[], at: EpochMs, slackMs = 0) =>
    spans.some(({ from, to }) => at >= from && (to === null || at < to + slackMs));
  const begin = (spans: Span[], at: EpochMs) => {
    if (!isIn(spans, at)) spans.push({ from: at, to: null });
  };
  const end = (spans: readonly Span[], at: EpochMs) => {
    for (const span of spans) if (span.to === null) span.to = at;
  };

  const addPod = (component: ComponentName, createdAt: EpochMs, name?: string): SimPod => {
    made += 1;
    const runningAt = createdAt + world.bootMs;
    const pod: SimPod = {
      uid: `${id}-uid-${made}`,
      component,
      jobId: 100 + made,
      name: name ?? `${id}-${component}-${made}`,
      createdAt,
      runningAt,
      firstBeatAt: runningAt + BEAT_MS + made * 700,
      terminatingAt: null,
      goneAt: null,
      owner: { kind, name: `${id}-${component}` },
      labels: { component },
      restarts: 0,
      wedges: [],
      stalls: [],
      silences: [],
      loops: [],
      clockBehindMs: 0,
      clockSetBackMs: 0,
      recoverMs: AFTER_OUTAGE_MS,
      ips: [`10.0.${component.length}.${made}`],
      endedAt: null,
      isBare: false,
    };
    pods.push(pod);
    return pod;
  };
  for (const [component, replicas] of Object.entries(options.components ?? { scheduler: 1 })) {
    // Born an hour before the story begins.
    for (let i = 0; i < replicas; i += 1) addPod(component as ComponentName, start - 3_600_000);
  }

  /** The newest moment at which the pod did its work, or null: beats come at the pace of its loops. */
  const lastAt = (pod: SimPod, at: EpochMs, periodMs: number, stops: readonly (readonly Span[])[]) => {
    const last = Math.min(at, pod.terminatingAt ?? at, pod.endedAt ?? at);
    const isHindered = (beat: EpochMs) =>
      isIn(outages, beat, pod.recoverMs) ||
      isIn(locks, beat, pod.recoverMs) ||
      (pod.component === 'scheduler' && isIn(strangers, beat, pod.recoverMs)) ||
      stops.some((spans) => isIn(spans, beat));
    const paces = [{ from: pod.firstBeatAt, everyMs: periodMs }, ...pod.loops].toSorted(
      (a, b) => b.from - a.from,
    );
    let until = last;
    for (const { from, everyMs } of paces) {
      for (let beat = from + Math.floor((until - from) / everyMs) * everyMs; beat >= from; beat -= everyMs)
        if (!isHindered(beat)) return beat;
      until = Math.min(until, from - 1);
    }
    return null;
  };
  const beatOf = (pod: SimPod, at: EpochMs) => lastAt(pod, at, BEAT_MS, [pod.wedges]);

  const there = (at: EpochMs) =>
    pods.filter((pod) => pod.createdAt <= at && (pod.goneAt === null || pod.goneAt > at));
  const living = (at: EpochMs, component: ComponentName = 'scheduler') =>
    there(at).filter(
      (pod) => pod.component === component && pod.terminatingAt === null && pod.endedAt === null,
    );

  const wanted = (): Partial<Record<ComponentName, number | null>> => ({
    ...(options.components ?? { scheduler: 1 }),
    ...world.wanted,
  });

  return {
    id,
    world,
    wanted,
    pods,
    outages,
    locks,
    transactions,
    blinds,
    webDown,
    throttles,
    emptyLists,
    strangers,
    isIn,
    begin,
    end,
    addPod,
    there,
    living,
    beatOf,

    /** The one living pod of a component, or the one with that number. */
    pod(at: EpochMs, component: ComponentName = 'scheduler', number = 0): SimPod {
      const found = living(at, component)[number];
      if (found === undefined) throw new Error(`${id} has no ${component} ${number}`);
      return found;
    },

    /** Nothing is wrong with this pod itself: removing it would be a crime. */
    isTrulyWell: (uid: string, at: EpochMs): boolean => {
      const pod = pods.find((one) => one.uid === uid);
      return pod !== undefined && !isIn(pod.wedges, at) && !isIn(pod.stalls, at) && !isIn(pod.silences, at);
    },

    /** What the API server does with a delete; true when it changed anything. */
    terminate(pod: SimPod, at: EpochMs): boolean {
      if (pod.terminatingAt !== null) return false;
      pod.terminatingAt = at;
      pod.goneAt = world.terminateMs === null ? null : at + world.terminateMs;
      if (world.replaceMs === null || pod.owner === null || pod.isBare) return true;
      if (kind === 'ReplicaSet') addPod(pod.component, at + world.replaceMs);
      else if (pod.goneAt !== null) addPod(pod.component, pod.goneAt + world.replaceMs, pod.name);
      return true;
    },

    /** Evicted: the pod stays as history, and its workload makes another. */
    evict(pod: SimPod, at: EpochMs): void {
      pod.endedAt = at;
      if (world.replaceMs !== null) addPod(pod.component, at + world.replaceMs);
    },

    /** Who waits for the rows that a stranger holds. */
    waits: (at: EpochMs): LockWait[] =>
      strangers
        .filter((one) => isIn([one], at))
        .flatMap(({ from, holder, seen }) =>
          living(at)
            .filter((pod) => !pod.ips.includes(holder.address ?? ''))
            .map((pod) => {
              const address = seen === 'pooler' ? '10.8.8.8' : (pod.ips[0] ?? null);
              const hide = (client: DatabaseClient): DatabaseClient =>
                seen === 'hidden'
                  ? {
                      ...client,
                      user: 'airflow',
                      address: null,
                      application: null,
                      state: null,
                      queryAgeSeconds: null,
                    }
                  : { ...client, address: seen === 'pooler' ? '10.8.8.8' : client.address };
              const waiting = {
                id: 100 + pod.jobId,
                user: 'airflow',
                application: 'airflow',
                state: 'active',
              };
              return {
                waiting: hide({ ...waiting, address, queryAgeSeconds: (at - from) / SECOND_MS }),
                waitedSeconds: (at - from) / SECOND_MS,
                on: 'dag_run',
                holders: [hide(holder)],
              };
            }),
        ),

    factOf: (pod: SimPod, at: EpochMs): PodFact => {
      const runs = at >= pod.runningAt;
      return {
        uid: pod.uid,
        name: pod.name,
        namespace: 'airflow',
        component: pod.component,
        labels: pod.labels,
        createdAt: pod.createdAt,
        phase: pod.endedAt !== null && at >= pod.endedAt ? 'Failed' : runs ? 'Running' : 'Pending',
        terminatingSince: pod.terminatingAt,
        graceSeconds: 30,
        hostname: null,
        subdomain: null,
        ips: pod.ips,
        node: 'node-1',
        owner: pod.owner,
        container: {
          name: pod.component,
          state: runs ? 'running' : 'waiting',
          ready: runs,
          runningSince: runs ? pod.runningAt - pod.clockBehindMs : null,
          reason: runs ? null : 'ContainerCreating',
          restarts: pod.restarts,
          lastTermination: null,
          memoryLimitBytes: world.memory?.limitBytes ?? null,
          executor: world.executor,
        },
      };
    },

    rows: (at: EpochMs): JobRow[] =>
      pods
        .flatMap((pod): JobRow[] => {
          const beat = beatOf(pod, at);
          if (beat === null) return [];
          return [
            {
              id: pod.jobId,
              component: pod.component,
              hostname: pod.name,
              state: 'running',
              heartbeatAgeSeconds: (at - beat + pod.clockBehindMs + pod.clockSetBackMs) / SECOND_MS,
              startedSecondsAgo: (at - pod.runningAt + pod.clockBehindMs) / SECOND_MS,
            },
          ];
        })
        .sort((a, b) => a.heartbeatAgeSeconds - b.heartbeatAgeSeconds),

    heldAt: (at: EpochMs): readonly HeldLock[] =>
      transactions
        .filter((one) => isIn([one], at))
        .map(({ name, holder, agesShown, from }) => ({
          on: 'dag_run',
          holder,
          transaction: name,
          transactionSeconds: agesShown ? (at - from) / SECOND_MS : null,
        })),

    progress: (at: EpochMs): ProgressFacts => {
      const decided = pods
        .filter((pod) => pod.component === 'scheduler')
        .map(
          (pod) =>
            lastAt({ ...pod, loops: [] }, at, DECIDE_MS, [pod.wedges, pod.stalls, transactions]) ??
            pod.firstBeatAt,
        );
      const ago = (at - Math.max(...decided)) / SECOND_MS;
      return {
        schema: 3,
        liveDags: 5,
        runningDags: 5,
        runningRuns: world.busy ? 3 : 0,
        decidedAgoSeconds: ago,
        startableDags: 0,
        startableForSeconds: null,
        overdueDags: 0,
        overdueForSeconds: null,
        pools: [],
        ...world.progress,
      };
    },
  };
}

export type Airflow = ReturnType<typeof simulateAirflow>;
