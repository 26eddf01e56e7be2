import type { NodesFacts } from './node.ts';
import type { HttpFacts, JobsFacts, KubeletFacts, LocksFacts, Look } from './observation.ts';
import type { PodFact, RemovalAnswer, WantedReplicas, WorkloadFact } from './pod.ts';
import type { RightId } from './rights.ts';
import type { ComponentName } from './target.ts';
import type { EpochMs } from './time.ts';

// What an examination of a set-up learned. Facts only, step by step; a step that was not reached is null. Which of them are in
// order, and what a lack costs, is said in core/check-up.ts.

/** One step that went well, or a sentence without any secret that says what did not. */
export type Step<Facts extends object = object> =
  | ({ readonly ok: true } & Facts)
  | { readonly ok: false; readonly cause: string; readonly detail: string };

/** The way to a host: its name, then its port. */
export interface Way {
  readonly name: Step<{ readonly addresses: readonly string[] }> | null;
  readonly port: Step<{ readonly tookMs: number }> | null;
}

/** From the kubeconfig or EKS to an accepted login, and the rights that come with it. */
export interface Access extends Way {
  /** Credentials and address; host and port of the proxy on the way there, whose own name and port are what is tried first. */
  readonly session: Step<{ readonly server: string; readonly proxy?: string }>;
  readonly tls: Step | null;
  /** `user` is null where the API server does not say (before 1.28). */
  readonly login: Step<{ readonly user: string | null; readonly groups: readonly string[] }> | null;
  /** By its review; null: the review was refused. */
  readonly rights: readonly RightAnswer[] | null;
}

/** No step of a way to a login was reached. */
const NO_LOGIN = { name: null, port: null, tls: null, login: null };

export const NOTHING_OF_ACCESS: Omit<Access, 'session'> = { ...NO_LOGIN, rights: null };

export interface RightAnswer {
  readonly right: RightId;
  readonly allowed: boolean | null;
  readonly detail: string;
}

/** Everything that was asked of one target's cluster. */
export interface ClusterExam {
  readonly access: Access;
  readonly pods: Look<{ readonly pods: readonly PodFact[]; readonly serverNow: EpochMs | null }> | null;
  readonly replicas: Look<{
    readonly byComponent: Readonly<Partial<Record<ComponentName, WantedReplicas>>>;
  }> | null;
  /** One pod of each component, asked about with a server-side dry run. */
  readonly dryRuns: readonly {
    readonly component: ComponentName;
    readonly pod: string;
    readonly answer: RemovalAnswer;
  }[];
  /** What a dry run that the admission policy has to refuse came to; null where there was no pod to try it on. */
  readonly policy: RemovalAnswer | null;
  readonly health: readonly {
    readonly pod: string;
    readonly port: number;
    readonly path: string;
    readonly look: Look<HttpFacts>;
  }[];
  readonly kubelet: Look<{ readonly byUid: Readonly<Record<string, KubeletFacts>> }> | null;
  readonly logs: Look<{ readonly lines: readonly string[] }> | null;
  readonly workload: Look<WorkloadFact> | null;
  /** The node of one pod; null where there was none to ask for. */
  readonly nodes: Look<NodesFacts> | null;
  /** Our own clock halfway through the look at the pods. */
  readonly ourNow: EpochMs;
}

export const NOTHING_OF_CLUSTER: Omit<ClusterExam, 'access' | 'ourNow'> = {
  pods: null,
  replicas: null,
  dryRuns: [],
  policy: null,
  health: [],
  kubelet: null,
  logs: null,
  workload: null,
  nodes: null,
};

/** What a health address outside of the cluster answered. */
export interface UrlExam {
  readonly url: string;
  readonly look: Look<HttpFacts>;
}

/** One table and what of it can be read. */
export interface TableAnswer {
  readonly table: string;
  /** Needed columns that are there but not granted, and the ones that are not there at all. */
  readonly refused: readonly string[];
  readonly absent: readonly string[];
  /** Why it could not be asked: a lock, a broken connection. */
  readonly silent: string | null;
}

export interface DatabaseExam extends Way {
  /** `place` is `host:port/database`. */
  readonly secret: Step<{
    readonly place: string;
    readonly user: string;
    readonly database: string;
    readonly tls: 'plain' | 'unchecked' | 'checked';
    readonly isLoopback: boolean;
  }>;
  readonly tls: Step | null;
  readonly login: Step | null;
  /** Which Airflow the schema is of; `alembic` is null where it may not be read. */
  readonly schema: Step<{ readonly version: 2 | 3; readonly alembic: string | null }> | null;
  readonly tables: readonly TableAnswer[] | null;
  readonly jobs: Look<JobsFacts> | null;
  readonly locks: Look<LocksFacts> | null;
  /** Postgres: `pg_read_all_stats`; MySQL: `PROCESS`. Null: could not be asked. */
  readonly mayReadStats: boolean | null;
  /** What the account may do beyond reading, as a sentence; null for nothing, or where the server does not say. */
  readonly mayWrite: string | null;
}

export const NOTHING_OF_DATABASE: Omit<DatabaseExam, 'secret'> = {
  ...NO_LOGIN,
  schema: null,
  tables: null,
  jobs: null,
  locks: null,
  mayReadStats: null,
  mayWrite: null,
};

export interface ChannelExam extends Way {
  readonly secret: Step<{ readonly place: string }>;
  readonly sent: Step | null;
}

export interface StateExam {
  /** As --state would name it; null: none is named. */
  readonly place: string | null;
  readonly opened: Step<{ readonly exists: boolean }> | null;
  readonly writable: Step | null;
  /** Processes that have the file open, as people name them; null: cannot be told. */
  readonly holders: readonly string[] | null;
  /** Last ticks of the targets it remembers. */
  readonly ticks: Readonly<Record<string, EpochMs>>;
  readonly pauses: Readonly<
    Record<string, { readonly by: string; readonly reason: string; readonly until: EpochMs }>
  >;
  readonly now: EpochMs;
}
