import type { Channel } from './core/channel.ts';
import type { Companions } from './core/companions.ts';
import type { Access, ChannelExam, DatabaseExam, StateExam } from './core/examination.ts';
import type { FoundWorkload } from './core/found-types.ts';
import type { LedgerEntry, LedgerKind } from './core/ledger.ts';
import type { NodesFacts } from './core/node.ts';
import type { Delivery, Notification } from './core/notification.ts';
import type {
  BlastRadius,
  HttpFacts,
  JobsFacts,
  KubeletFacts,
  LastLine,
  LocksFacts,
  Look,
  ProgressFacts,
} from './core/observation.ts';
import type { PodEvent, PodFact, RemovalAnswer, WantedReplicas, WorkloadFact } from './core/pod.ts';
import type { TickReport } from './core/report.ts';
import type { FleetState, TargetState } from './core/state.ts';
import type { BadDocument, ComponentName, SecretRef, Target } from './core/target.ts';
import type { DurationMs, EpochMs } from './core/time.ts';
import type { WorkFacts } from './core/work.ts';

/** The only source of time. */
export interface Clock {
  now(): EpochMs;
  /** Resolves after the time has passed, or at once when the signal aborts. */
  sleep(ms: DurationMs, signal?: AbortSignal): Promise<void>;
}

export interface TargetList {
  readonly targets: readonly Target[];
  readonly channels: readonly Channel[];
  readonly bad: readonly BadDocument[];
  /** Set when the list could not be read now and this is the last one that could. */
  readonly stale?: StaleList;
}

export interface StaleList {
  /** When it was last read from where it lives. */
  readonly readAt: EpochMs;
  readonly why: string;
}

/** Where targets come from. Throws WD_TARGETS_UNREADABLE when the list as a whole cannot be read. */
export interface TargetSource {
  load(): Promise<TargetList>;
  /** The channels of the last list that had any, so that its loss can be told. */
  lastChannels(): readonly Channel[];
}

/** One document in the place that `push` and `pull` know, under its name there (`targets/prod-airflow`). */
export interface StoredDocument {
  readonly name: string;
  readonly text: string;
  /** Kept encrypted (a SecureString). */
  readonly secret: boolean;
}

/** The target and channel documents of an AWS account. Throws WD_TARGETS_UNREADABLE; never returns half a list. */
export interface DocumentStore {
  /** What one document may have; null where nothing is counted. */
  readonly limits: { readonly freeBytes: number; readonly mostBytes: number } | null;
  /** `targets/…` and `channels/…`, sorted by name. */
  list(): Promise<readonly StoredDocument[]>;
  /** Creates or replaces one document. */
  put(document: StoredDocument): Promise<void>;
  remove(name: string): Promise<void>;
  /** `name` as people find it there: `ssm:/scheduler-watchdog/targets/prod-airflow`. */
  placeOf(name: string): string;
}

/** Resolves a reference to a secret; throws WD_SECRET naming the reference, never the value. */
export interface SecretSource {
  /** A source may keep values; `renew` fetches the present one, after a refusal that a rotation would explain. */
  resolve(ref: SecretRef, options?: { readonly renew?: boolean }): Promise<string>;
}

export interface LookOptions {
  readonly deadlineMs: DurationMs;
  /** Use a connection that nobody has used before. */
  readonly fresh?: boolean;
}

/** Airflow's metadata database of one target. Every method yields a look and never rejects. */
export interface MetadataDatabase {
  /** All looks are made in one read-only session; a failure to connect is the same answer to all. */
  look(
    target: Target,
    options: LookOptions,
  ): Promise<{
    readonly jobs: Look<JobsFacts>;
    readonly progress: Look<ProgressFacts>;
    readonly locks: Look<LocksFacts>;
    readonly companions?: Companions;
    /** Left out where nobody can tell schedulers' tasks apart. */
    readonly work?: Look<WorkFacts>;
  }>;
  /** Unfinished tasks that the scheduler with this `job.id` queued. */
  blastRadius(target: Target, jobId: number, options: LookOptions): Promise<Look<BlastRadius>>;
}

/** Health endpoints outside the cluster's API. Never rejects. */
export interface HealthUrls {
  look(url: string, options: LookOptions): Promise<Look<HttpFacts>>;
}

/** One target's Kubernetes API. The looks never reject. */
export interface Cluster {
  /** All pods of all components, terminating, failed and completed ones included. */
  pods(
    target: Target,
    options: LookOptions,
  ): Promise<
    Look<{
      readonly pods: readonly PodFact[];
      /** The API server's own clock (its `Date` header); null when it sent none. Ages of pods and events are measured by it. */
      readonly serverNow: EpochMs | null;
    }>
  >;
  /** How many pods each component should have, by the Deployments and StatefulSets of the namespace. */
  replicas(
    target: Target,
    options: LookOptions,
  ): Promise<Look<{ readonly byComponent: Readonly<Partial<Record<ComponentName, WantedReplicas>>> }>>;
  /** The pod's own health server through the API server's pod proxy. */
  health(
    target: Target,
    pod: PodFact,
    endpoint: { readonly port: number; readonly path: string },
    options: LookOptions,
  ): Promise<Look<HttpFacts>>;
  /** Probe events for all given pods in one request; memory only for those that `memoryOf` names (uids). */
  kubelet(
    target: Target,
    pods: readonly PodFact[],
    memoryOf: readonly string[],
    options: LookOptions,
  ): Promise<Look<{ readonly byUid: Readonly<Record<string, KubeletFacts>> }>>;
  workload(target: Target, pod: PodFact, options: LookOptions): Promise<Look<WorkloadFact>>;
  /** The last log lines of the pod's main container, newest last, redacted and bounded. */
  logs(
    target: Target,
    pod: PodFact,
    which: 'current' | 'previous',
    options: LookOptions,
  ): Promise<Look<{ readonly lines: readonly string[] }>>;
  /** When the pod's main container wrote its last log line: a few bytes. Left out where it cannot be asked. */
  lastLine?(target: Target, pod: PodFact, options: LookOptions): Promise<Look<LastLine>>;
  /** The conditions of the named nodes; a right that many do not give. */
  nodes?(target: Target, names: readonly string[], options: LookOptions): Promise<Look<NodesFacts>>;
  /** All that the cluster has noted about the pod of late, newest first, redacted and bounded. */
  events(
    target: Target,
    pod: PodFact,
    options: LookOptions,
  ): Promise<Look<{ readonly events: readonly PodEvent[] }>>;
  /** Deletes with the uid as precondition and the pod's own grace period. Never rejects for an answer of the API server. */
  remove(
    target: Target,
    pod: { readonly name: string; readonly uid: string },
    options: LookOptions & { readonly dryRun?: boolean },
  ): Promise<RemovalAnswer>;
}

export interface Stored {
  readonly version: number;
  readonly body: unknown;
}

export type { LedgerEntry } from './core/ledger.ts';

/** Small documents under compare-and-set, and an append-only ledger beside them. */
export interface StateStore {
  load(key: string): Promise<Stored | null>;
  /** `expectedVersion` 0 means "must not exist yet". The stored version becomes `expectedVersion + 1`. */
  save(key: string, body: unknown, expectedVersion: number): Promise<'saved' | 'conflict'>;
  append(entry: LedgerEntry): Promise<void>;
  /** Newest last; `target` null means all. */
  history(query: {
    readonly target: string | null;
    readonly limit: number;
    readonly kind?: LedgerKind;
    /** Leaves out one kind: looks are many, and for machines. */
    readonly without?: LedgerKind;
  }): Promise<readonly LedgerEntry[]>;
  close(): Promise<void>;
}

export type { Delivery } from './core/notification.ts';

/** Sends one notification to one channel once. Never rejects, never puts a secret into `detail`. */
export interface Notifier {
  /** @param memo what this channel last wanted to be kept about the same incident. */
  send(notification: Notification, memo?: string | null): Promise<Delivery>;
  /** Whether it has what it needs, its secrets above all; null, or why not. Sends nothing. */
  ready?(): Promise<string | null>;
}

/** What runs in a cluster, before there is any target. Never rejects. */
export interface ClusterCatalog {
  /** Deployments and StatefulSets of one namespace; null: of all. */
  workloads(
    namespace: string | null,
    options: LookOptions,
  ): Promise<Look<{ readonly workloads: readonly FoundWorkload[] }>>;
}

/** Where drafts of documents go. Never overwrites. */
export interface DraftFolder {
  write(name: string, text: string): Promise<{ readonly kind: 'written' | 'there'; readonly place: string }>;
}

/** Where a watch can be followed from outside: scraped and probed. */
export interface Board {
  ticked(report: TickReport, tookMs: DurationMs): void;
  /** A tick that broke before it had a report. */
  failed(tookMs: DurationMs): void;
}

/** Keeps pages for people. Rejects when a page could not be kept; whoever calls it goes on without. */
export interface ReportStore {
  /** Where they can be read, ending in a slash; null where no link leads there. */
  readonly url: string | null;
  put(name: string, html: string): Promise<void>;
}

/** One JSON-able line for people and machines who follow along. */
export type Progress = (line: { readonly target: string | null; readonly text: string }) => void;

/** Everything the flow needs from the world. */
export interface Ports {
  readonly clock: Clock;
  readonly targets: TargetSource;
  readonly state: StateStore;
  readonly database: MetadataDatabase;
  readonly urls: HealthUrls;
  /** The Kubernetes API of a target; rejects with WD_KUBECONFIG and the like, which makes the target blind. */
  readonly clusterOf: (target: Target) => Promise<Cluster>;
  /** One notifier per channel, by name. */
  readonly notifiersOf: (channels: readonly Channel[]) => ReadonlyMap<string, Notifier>;
  readonly progress: Progress;
  /** Values of secrets that this process has resolved, and the passwords in them: no output may hold one. */
  readonly knownSecrets?: () => readonly string[];
  /** Left out where no reports are kept. */
  readonly reports?: Reports;
}

/** Reports of incidents: how they are made, and where they are kept. */
export interface Reports extends ReportStore {
  readonly render: (entries: readonly LedgerEntry[], about: ReportSubject) => Promise<string>;
  readonly renderFleet: (about: FleetSubject) => Promise<string>;
}

/** What the page of all targets is made of. */
export interface FleetSubject {
  readonly targets: readonly { readonly target: Target; readonly state: TargetState }[];
  readonly fleet: FleetState;
  /** Of the last 30 days, without looks. */
  readonly entries: readonly LedgerEntry[];
  readonly now: EpochMs;
}

/** What a report is asked about. */
export interface ReportSubject {
  readonly incident: string;
  /** As its document stands; null when it left the list. */
  readonly target: Target | null;
  readonly now: EpochMs;
}

/** What `doctor` asks beyond the looks of a tick. Nothing of it changes anything, and nothing rejects. */
export interface Examiners {
  /** The way to the cluster's API server, the login there and its rights. */
  access(target: Target, options: LookOptions): Promise<Access>;
  /** A dry-run delete that the admission policy has to refuse: of exactly this pod, without a grace period. */
  forbidden(
    target: Target,
    pod: Pick<PodFact, 'name' | 'uid' | 'namespace'>,
    options: LookOptions,
  ): Promise<RemovalAnswer>;
  database(target: Target, options: LookOptions): Promise<DatabaseExam>;
  channel(channel: Channel, options: LookOptions): Promise<Omit<ChannelExam, 'sent'>>;
  /** Where the state is and whether it can be written, and what it remembers of these targets. */
  state(ids: readonly string[]): Promise<StateExam>;
}
