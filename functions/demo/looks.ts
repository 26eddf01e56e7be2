import type { HttpFacts, JobsFacts, Look } from '../core/observation.ts';
import type { Cluster, Ports } from '../ports.ts';

/** The newest look of each kind, as the watchdog's own ports answered. */
export interface Newest {
  jobs: Look<JobsFacts> | null;
  health: Look<HttpFacts> | null;
  /** The newest probe event's text. */
  probe: string | null;
}

/** Lets a spectator see what the watchdog sees; it changes no answer. Waits end when the spectator leaves. */
export function spectate(
  ports: Ports,
  signal: AbortSignal,
): { readonly ports: Ports; readonly newest: Newest } {
  const newest: Newest = { jobs: null, health: null, probe: null };
  const clusters = new WeakMap<Cluster, Cluster>();
  return {
    newest,
    ports: {
      ...ports,
      clock: {
        now: ports.clock.now,
        async sleep(ms) {
          await ports.clock.sleep(ms, signal);
          signal.throwIfAborted();
        },
      },
      database: {
        ...ports.database,
        async look(target, options) {
          const looks = await ports.database.look(target, options);
          newest.jobs = looks.jobs;
          return looks;
        },
      },
      async clusterOf(target) {
        const cluster = await ports.clusterOf(target);
        const known = clusters.get(cluster) ?? watched(cluster, newest);
        clusters.set(cluster, known);
        return known;
      },
    },
  };
}

function watched(cluster: Cluster, newest: Newest): Cluster {
  return {
    ...cluster,
    async health(...asked) {
      newest.health = await cluster.health(...asked);
      return newest.health;
    },
    async kubelet(...asked) {
      const look = await cluster.kubelet(...asked);
      const facts = look.kind === 'answered' ? Object.values(look.byUid) : [];
      newest.probe = facts.flatMap(({ probes }) => probes)[0]?.message ?? null;
      return look;
    },
  };
}

/** What each witness says of one pod, for machines. */
export function factsOf({ jobs, health, probe }: Newest, pod: string) {
  const row = jobs?.kind === 'answered' ? jobs.rows.find(({ hostname }) => hostname === pod) : undefined;
  return {
    heartbeatAgeSeconds: row?.heartbeatAgeSeconds ?? null,
    health: health === null ? null : health.kind === 'answered' ? health.status : health.kind,
    probe,
  };
}

/** The same in one line for people. */
export function lineOf(newest: Newest, pod: string, limitSeconds: number): string {
  const { heartbeatAgeSeconds: age, health, probe } = factsOf(newest, pod);
  const beat =
    age === null
      ? 'no heartbeat row'
      : `heartbeat ${age.toFixed(1)} s old (${age > limitSeconds ? 'past the limit of' : 'limit'} ${limitSeconds} s)`;
  return [beat, `/health ${health ?? 'not asked'}`, ...(probe === null ? [] : ['exec probe errored'])].join(
    ' · ',
  );
}
