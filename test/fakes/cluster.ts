import type { HttpFacts, JobRow, KubeletFacts, Look } from '../../functions/core/observation.ts';
import type { RemovalAnswer } from '../../functions/core/pod.ts';
import type { Target } from '../../functions/core/target.ts';
import type { Cluster, HealthUrls, MetadataDatabase } from '../../functions/ports.ts';
import type { Airflow } from './airflow.ts';
import type { FakeClock } from './clock.ts';
import type { Process } from './effects.ts';

/** Faults and habits of the outside that are not Airflow's own. */
export interface Weather {
  /** Every answer takes this long. */
  latencyMs: number;
  /** What the next deletes are answered with; `lost` does the delete, but its answer never arrives. */
  readonly removals: ('forbidden' | 'failed' | 'lost')[];
  /** Called when a delete took effect. */
  onRemoved: (target: string, uid: string) => void;
  /** Called before each look at the pods. */
  onLook: (target: string) => void;
  /** Pod facts that cannot be read. */
  workloadUnreadable: boolean;
  tasksUnreadable: boolean;
  /** The database's own uptime, where it says one. */
  databaseUptimeSeconds: number | null;
  /** The watchdog's own clock is so far ahead of everybody else's. */
  ourClockAheadMs: number;
  /** Every sleep takes so much longer: the process gets no CPU. */
  stallMs: number;
  /** The database's clock is so far ahead of everybody else's. */
  databaseClockAheadMs: number;
  /** Workloads that are not called as their target is. */
  readonly workloadNames: Map<string, string>;
  /** The right to proxy to pods is gone. */
  healthForbidden: boolean;
  /** Rows older than this are not read; null reads all. */
  rowsKeptMs: number | null;
  /** Health URLs never answer within their deadline. */
  urlsHang: boolean;
  /** A surprise: the adapter itself breaks. */
  readonly broken: Set<string>;
  probes: KubeletFacts['probes'];
  memory: KubeletFacts['memory'];
}

export interface Outside {
  readonly clock: FakeClock;
  readonly weather: Weather;
  readonly of: (target: Target) => Airflow;
}

const AGE_UNHEALTHY_MS = 30_000;

function memoryAt(airflow: Airflow, uid: string, now: number): KubeletFacts['memory'] {
  const { memory } = airflow.world;
  const pod = airflow.there(now).find((one) => one.uid === uid);
  if (memory === null || pod === undefined) return null;
  return { workingSetBytes: memory.of(pod, now), limitBytes: memory.limitBytes };
}

export function fakeCluster({ clock, weather, of }: Outside, process: Process): Cluster {
  const look = async <F extends object>(target: Target, facts: (at: number) => F): Promise<Look<F>> => {
    const now = clock.now();
    const at = now + weather.ourClockAheadMs;
    const airflow = of(target);
    if (weather.latencyMs > 0) await clock.spend(weather.latencyMs);
    if (airflow.isIn(airflow.throttles, now))
      return { kind: 'unreachable', at, tookMs: 0, cause: 'throttled', detail: '429 Too Many Requests' };
    if (airflow.isIn(airflow.blinds, now))
      return {
        kind: 'unreachable',
        at,
        tookMs: 0,
        cause: 'timeout',
        detail: 'the API server did not answer',
      };
    return { kind: 'answered', at, tookMs: 0, ...facts(now) };
  };
  return {
    pods: (target) =>
      process.effect('pods', target.id, () => {
        if (weather.broken.has(target.id)) throw new TypeError('pods of undefined');
        weather.onLook(target.id);
        const airflow = of(target);
        return look(target, (at) => ({
          pods: (airflow.isIn(airflow.emptyLists, at) ? [] : airflow.there(at))
            .filter((pod) => target.components.some(({ name }) => name === pod.component))
            .map((pod) => airflow.factOf(pod, at)),
          serverNow: at,
        }));
      }),
    replicas: (target) =>
      process.effect('replicas', target.id, () =>
        look(target, () => ({
          byComponent: Object.fromEntries(
            Object.entries(of(target).wanted()).map(([name, wanted]) => [
              name,
              {
                wanted: wanted ?? 0,
                workloads: wanted === null ? [] : [`Deployment ${target.id}-${name}`],
              },
            ]),
          ),
        })),
      ),
    health: (target, pod) =>
      process.effect('health', target.id, async () => {
        const airflow = of(target);
        const sim = airflow.pods.find(({ uid }) => uid === pod.uid);
        const at = clock.now();
        if (weather.healthForbidden)
          return { kind: 'unreadable', at, tookMs: 0, cause: 'forbidden', detail: 'may not proxy to pods' };
        if (sim === undefined || airflow.isIn(sim.silences, at))
          return { kind: 'unreachable', at, tookMs: 0, cause: 'timeout', detail: 'no answer within 5 s' };
        return look(target, (now): HttpFacts => {
          const beat = airflow.beatOf(sim, now);
          const well = beat !== null && now - beat <= AGE_UNHEALTHY_MS && !airflow.isIn(airflow.outages, now);
          return {
            from: 'scheduler',
            status: well ? 200 : 503,
            says: well ? 'healthy' : 'unhealthy',
            database: null,
            components: {},
          };
        });
      }),
    kubelet: (target, pods, memoryOf) =>
      process.effect('kubelet', target.id, () =>
        look(target, (now) => ({
          byUid: Object.fromEntries(
            pods.map(({ uid }): [string, KubeletFacts] => [
              uid,
              {
                probes: weather.probes,
                memory: memoryOf.includes(uid) ? (weather.memory ?? memoryAt(of(target), uid, now)) : null,
                memoryDetail: null,
              },
            ]),
          ),
        })),
      ),
    workload: (target, pod) =>
      process.effect('workload', target.id, async () => {
        const at = clock.now();
        if (weather.workloadUnreadable)
          return { kind: 'unreadable', at, tookMs: 0, cause: 'forbidden', detail: 'may not get deployments' };
        const { world } = of(target);
        return look(target, () => ({
          name: weather.workloadNames.get(target.id) ?? `${target.id}-${pod.component}`,
          rollingOut: world.rollingOut,
          paused: world.annotation,
        }));
      }),
    logs: (target, pod, which) =>
      process.effect(
        'logs',
        target.id,
        () => look(target, () => ({ lines: [`last words of ${pod.name}`] })),
        which,
      ),
    events: (target, pod) =>
      process.effect('events', target.id, () =>
        look(target, (at) => ({
          events: [
            { type: 'Normal', reason: 'Started', message: `${pod.name} started`, count: 1, lastAt: at },
          ],
        })),
      ),
    remove: (target, pod, options) =>
      process.effect('remove', target.id, async (entry): Promise<RemovalAnswer> => {
        if (weather.latencyMs > 0) await clock.spend(weather.latencyMs);
        const answer = deleteOf(of(target), pod, weather, clock.now(), options.dryRun === true);
        if (answer.changed) weather.onRemoved(target.id, pod.uid);
        entry.detail = `${pod.name} ${answer.kind}`;
        return { kind: answer.kind, status: answer.status, detail: answer.detail };
      }),
  };
}

type Deleted = RemovalAnswer & { readonly changed: boolean };

/** A delete as the API server does it: by name, with the uid as precondition. */
function deleteOf(
  airflow: Airflow,
  { name, uid }: { readonly name: string; readonly uid: string },
  weather: Weather,
  at: number,
  dryRun: boolean,
): Deleted {
  const script = weather.removals.shift();
  const no = { changed: false };
  if (script === 'forbidden') return { ...no, kind: 'forbidden', status: 403, detail: 'may not delete pods' };
  if (script === 'failed' || airflow.isIn(airflow.blinds, at))
    return { ...no, kind: 'failed', status: null, detail: 'no answer within 5 s' };
  const pod = airflow.there(at).find((one) => one.name === name);
  if (pod === undefined) return { ...no, kind: 'already-gone', status: 404, detail: 'not found' };
  if (pod.uid !== uid) return { ...no, kind: 'replaced', status: 409, detail: 'the uid is another one' };
  const changed = dryRun ? false : airflow.terminate(pod, at);
  if (script === 'lost') return { changed, kind: 'failed', status: null, detail: 'no answer within 5 s' };
  return { changed, kind: 'deleted', status: 200, detail: 'deleted with its own grace period' };
}

/** What the database says of its rows: by its own clock, and of no older ones than are asked for. */
function rowsAsRead(airflow: Airflow, weather: Weather, at: number): readonly JobRow[] {
  const ahead = weather.databaseClockAheadMs / 1_000;
  return airflow
    .rows(at)
    .map((row) => ({
      ...row,
      heartbeatAgeSeconds: row.heartbeatAgeSeconds + ahead,
      startedSecondsAgo: row.startedSecondsAgo === null ? null : row.startedSecondsAgo + ahead,
    }))
    .filter(
      ({ heartbeatAgeSeconds }) =>
        heartbeatAgeSeconds * 1_000 <= (weather.rowsKeptMs ?? Number.POSITIVE_INFINITY),
    );
}

export function fakeDatabase({ clock, weather, of }: Outside, process: Process): MetadataDatabase {
  return {
    look: (target) =>
      process.effect('database', target.id, async () => {
        const airflow = of(target);
        const at = clock.now();
        const ours = at + weather.ourClockAheadMs;
        if (weather.latencyMs > 0) await clock.spend(weather.latencyMs);
        if (airflow.isIn(airflow.outages, at)) {
          const down = {
            kind: 'unreachable',
            at,
            tookMs: 0,
            cause: 'refused',
            detail: 'connection refused',
          } as const;
          return { jobs: down, progress: down, locks: down };
        }
        if (airflow.isIn(airflow.locks, at)) {
          const locked = {
            kind: 'unreadable',
            at,
            tookMs: 0,
            cause: 'locked',
            detail: 'canceling statement due to lock timeout',
          } as const;
          return { jobs: locked, progress: locked, locks: locked };
        }
        return {
          jobs: {
            kind: 'answered',
            at: ours,
            tookMs: 2,
            rows: rowsAsRead(airflow, weather, at),
            databaseUptimeSeconds: weather.databaseUptimeSeconds,
            databaseNow: at + weather.databaseClockAheadMs,
            replica: null,
          },
          locks: {
            kind: 'answered',
            at: ours,
            tookMs: 1,
            waits: airflow.waits(at),
            held: airflow.heldAt(at),
          },
          progress:
            airflow.world.progress === null
              ? { kind: 'unreadable', at: ours, tookMs: 2, cause: 'forbidden', detail: 'no grant on dag_run' }
              : { kind: 'answered', at: ours, tookMs: 2, ...airflow.progress(at) },
        };
      }),
    blastRadius: (target) =>
      process.effect('tasks', target.id, async () => {
        const at = clock.now();
        if (weather.tasksUnreadable)
          return { kind: 'unreadable', at, tookMs: 0, cause: 'slow-query', detail: 'too slow' };
        return { kind: 'answered', at, tookMs: 1, running: of(target).world.runningTasks, queued: 0 };
      }),
  };
}

/**
 * Airflow's web server: fine whatever the schedulers do. `https://<target>.example/…` speaks of that target's database, and with
 * `…/instances` lists who beats, as 3.4 does.
 */
export function fakeUrls(
  { clock, weather }: Outside,
  process: Process,
  find: (id: string) => Airflow | null,
): HealthUrls {
  return {
    look: (url) =>
      process.effect('url', url, async (): Promise<Look<HttpFacts>> => {
        if (weather.urlsHang) {
          const at = clock.now();
          await clock.spend(5_000);
          return { kind: 'unreachable', at, tookMs: 5_000, cause: 'timeout', detail: 'no answer within 5 s' };
        }
        const at = clock.now();
        const [, id = '', path = ''] = /^https:\/\/([^.]+)\.example\/(.*)$/.exec(url) ?? [];
        const airflow = find(id);
        const sick = airflow?.isIn(airflow.outages, at) === true;
        return {
          kind: 'answered',
          at: at + weather.ourClockAheadMs,
          tookMs: 1,
          from: 'web',
          status: 200,
          says: sick ? 'unhealthy' : 'healthy',
          database: sick ? 'unhealthy' : 'healthy',
          components: airflow === null || sick ? {} : webComponents(airflow, at, path === 'instances'),
        };
      }),
  };
}

/** 3.4 lists who has beaten within 30 s; before that the web server knows the newest heartbeat only. */
function webComponents(airflow: Airflow, at: number, lists: boolean): HttpFacts['components'] {
  const ages = airflow
    .living(at)
    .flatMap((pod) => {
      const beat = airflow.beatOf(pod, at);
      return beat === null ? [] : [{ hostname: pod.name, heartbeatAgeSeconds: (at - beat) / 1_000 }];
    })
    .toSorted((a, b) => a.heartbeatAgeSeconds - b.heartbeatAgeSeconds);
  const alive = ages.filter(({ heartbeatAgeSeconds }) => heartbeatAgeSeconds <= 30);
  return {
    scheduler: {
      says: alive.length > 0 ? 'healthy' : 'unhealthy',
      heartbeatAgeSeconds: ages[0]?.heartbeatAgeSeconds ?? null,
      instances: lists ? alive : null,
    },
  };
}
