import type { ComponentName } from './target.ts';
import type { EpochMs } from './time.ts';

/** Nobody answered; it says nothing about the scheduler by itself. */
export type UnreachableCause =
  | 'timeout'
  | 'refused'
  | 'reset'
  | 'dns'
  | 'tls'
  | 'no-route'
  | 'throttled'
  | 'server-error';

/** Somebody answered, but not with what was asked for. A lock or a missing grant is not an outage. */
export type UnreadableCause =
  | 'locked'
  | 'forbidden'
  | 'unauthorized'
  | 'missing-table'
  | 'unknown-schema'
  | 'slow-query'
  | 'too-large'
  | 'cut-off'
  | 'empty'
  | 'not-json'
  | 'wrong-type'
  | 'login-page'
  | 'redirect'
  | 'not-found'
  | 'secret'
  | 'unexpected';

interface Timing {
  /** When the look began. */
  readonly at: EpochMs;
  readonly tookMs: number;
}

/** What one probe learned in one look. Facts only; conclusions live in core/diagnosis.ts. `detail` is bounded and holds no secret. */
export type Look<Facts extends object> =
  | (Timing & { readonly kind: 'answered' } & Facts)
  | (Timing & { readonly kind: 'unreachable'; readonly cause: UnreachableCause; readonly detail: string })
  | (Timing & { readonly kind: 'unreadable'; readonly cause: UnreadableCause; readonly detail: string });

export type Health = 'healthy' | 'unhealthy';

/** What a health endpoint said. Ages are measured against the answer's own `Date` header where it has one. */
export interface HttpFacts {
  /** `scheduler`: its own server on 8974, about itself. `web`: Airflow's web or API server, about the deployment. */
  readonly from: 'scheduler' | 'web';
  readonly status: number;
  readonly says: Health;
  /** `metadatabase.status`; null when the answer does not speak of it. */
  readonly database: Health | null;
  /** Empty for the scheduler's own server. */
  readonly components: Readonly<Partial<Record<ComponentName, WebComponent>>>;
}

export interface WebComponent {
  readonly says: Health | null;
  /** Of the newest job only: one live scheduler hides all dead ones. */
  readonly heartbeatAgeSeconds: number | null;
  /** Airflow 3.4 and later: the live instances; null when the answer has no such list. */
  readonly instances:
    | readonly { readonly hostname: string; readonly heartbeatAgeSeconds: number | null }[]
    | null;
}

/** One row of `job`, ages computed by the database. */
export interface JobRow {
  readonly id: number;
  readonly component: ComponentName;
  readonly hostname: string;
  readonly state: string;
  readonly heartbeatAgeSeconds: number;
  readonly startedSecondsAgo: number | null;
}

export interface JobsFacts {
  /** Newest heartbeat first, every incarnation of the last day. */
  readonly rows: readonly JobRow[];
  /** How long the database server has been up, by itself; null when it would not say. After a restart healthy rows look old for seconds. */
  readonly databaseUptimeSeconds: number | null;
  /** The database's own clock at the time of the answer; null when it would not say. Never judged with, only compared with ours. */
  readonly databaseNow: EpochMs | null;
  /** Set when the answer came from a read replica. */
  readonly replica: {
    /** How long ago the newest change it knows was made; null when it would not say. */
    readonly replayedSecondsAgo: number | null;
  } | null;
}

/** One session of the database, as far as our rights let us see it. */
export interface DatabaseClient {
  /** Process id on Postgres, thread id on MySQL; 0: a prepared transaction, whose session has left. */
  readonly id: number;
  readonly user: string | null;
  /** IP address; null when hidden (on Postgres without `pg_read_all_stats`) or a local socket. */
  readonly address: string | null;
  readonly application: string | null;
  /** `active`, `idle in transaction` …; null when hidden. */
  readonly state: string | null;
  /** Since its present statement began; null when hidden. */
  readonly queryAgeSeconds: number | null;
}

/** A session that waits for a lock on what schedulers need, and who holds it. */
export interface LockWait {
  readonly waiting: DatabaseClient;
  /** null: the server does not say (Postgres before 14). */
  readonly waitedSeconds: number | null;
  /** `dag_run`, `advisory` …; null when the server does not say. */
  readonly on: string | null;
  /** Who holds the lock and waits for nobody itself: the ends of the chain. Never empty. */
  readonly holders: readonly DatabaseClient[];
}

/**
 * A transaction that holds what schedulers need. They ask with SKIP LOCKED, NOWAIT or a try-lock, so nobody need wait for it, and
 * yet nothing moves. Airflow's own are among them, for moments.
 */
export interface HeldLock {
  /** `dag_run`, `dag, dag_run`, `advisory` …; null when the server does not say. */
  readonly on: string | null;
  readonly holder: DatabaseClient;
  /** The same in every look for as long as the transaction is open, whatever our rights. */
  readonly transaction: string;
  /** null when hidden: then only two looks can tell. */
  readonly transactionSeconds: number | null;
}

/** Who waits for whom, and who holds. `unreadable` where the right to see it is missing (MySQL without PROCESS). */
export interface LocksFacts {
  readonly waits: readonly LockWait[];
  /** At most twenty, the oldest. */
  readonly held: readonly HeldLock[];
}

/** The deployment's progress, both witnesses: decisions on runs, and tasks by pool. Ages in seconds, by the database. */
export interface ProgressFacts {
  readonly schema: 2 | 3;
  readonly liveDags: number;
  readonly runningRuns: number;
  /** DAGs that these runs belong to: one broken DAG must not speak for the scheduler. */
  readonly runningDags: number;
  readonly decidedAgoSeconds: number | null;
  readonly startableDags: number;
  readonly startableForSeconds: number | null;
  readonly overdueDags: number;
  readonly overdueForSeconds: number | null;
  readonly pools: readonly PoolTasks[];
}

export interface PoolTasks {
  readonly state: 'queued' | 'running' | 'scheduled';
  readonly pool: string;
  /** -1 is without limit; null when the pool is not in `slot_pool`. */
  readonly slots: number | null;
  readonly tasks: number;
  /** DAGs that these tasks belong to. */
  readonly dags: number;
  readonly slotsAsked: number;
  readonly oldestSeconds: number | null;
  readonly lastQueuedAgoSeconds: number | null;
}

/** What kubelet reports about one pod beyond its status. */
export interface KubeletFacts {
  /** Newest first. Presence and `lastAt` count, numbers do not: events are aggregated and rate-limited. */
  readonly probes: readonly ProbeEvent[];
  readonly memory: Memory | null;
  /** Why there is no memory figure; null when there is one. */
  readonly memoryDetail: string | null;
}

export interface ProbeEvent {
  /** `errored`: the probe could not be started and kubelet threw the result away. */
  readonly kind: 'errored' | 'failed';
  readonly message: string;
  readonly count: number;
  readonly lastAt: EpochMs;
}

export interface Memory {
  readonly workingSetBytes: number;
  readonly limitBytes: number | null;
}

/** The age of a pod's log. */
export interface LastLine {
  /** By its node's clock; null: it has written nothing. */
  readonly lineAt: EpochMs | null;
}

/** Tasks that the given scheduler job queued and that are not finished. */
export interface BlastRadius {
  readonly running: number;
  readonly queued: number;
}
