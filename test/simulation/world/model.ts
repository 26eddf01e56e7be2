import type { Channel } from '../../../functions/core/channel.ts';
import type { Notification } from '../../../functions/core/notification.ts';
import type { PodFact, RemovalAnswer } from '../../../functions/core/pod.ts';
import type { ComponentName, Target } from '../../../functions/core/target.ts';
import type { DurationMs, EpochMs } from '../../../functions/core/time.ts';
import type { TargetList } from '../../../functions/ports.ts';
import type { Loop } from '../loop.ts';
import type { Random } from '../random.ts';
import type { Beater } from './beater.ts';
import type { Program } from './program.ts';

/** What keeps a process from beating; several at once add up. */
export const HINDRANCES = { wedge: 1, database: 2, locks: 4, apiServer: 8, node: 16, ending: 32 } as const;
export type Hindrance = keyof typeof HINDRANCES;

/**
 * `quiet`: the heart stops, the health server lives. `frozen`: nothing of the pod answers. `stalled`: beats, decides nothing.
 * `no-queue`: beats and decides, queues no task. `starts-nothing`: queues, and its executor starts none. `holding`: quiet, and its
 * locks keep its peers waiting. `not-taking`: a triggerer of before 3.2.2 that beats and takes up no triggers; a later one is `quiet`
 * then. `not-parsing`: a dag-processor that beats and parses nothing.
 */
export type WedgeKind =
  | 'quiet'
  | 'frozen'
  | 'stalled'
  | 'no-queue'
  | 'starts-nothing'
  | 'holding'
  | 'not-taking'
  | 'not-parsing';

export interface Wedge {
  readonly kind: WedgeKind;
  readonly at: EpochMs;
  /** Since when nothing honest has stood in the way of its removal; null while something does. */
  clearSince: EpochMs | null;
  /** A whole detection time passed with nothing in the way. */
  wasDue: boolean;
}

export interface SimNode {
  readonly name: string;
  /** Its clock, before (+) the true one. */
  skewMs: DurationMs;
  /** Its kubelet is gone since then; Kubernetes calls it not ready a while later. */
  lostAt?: EpochMs | null;
}

export interface SimPod {
  readonly uid: string;
  readonly name: string;
  readonly component: ComponentName;
  readonly createdAt: EpochMs;
  readonly node: SimNode;
  readonly ip: string;
  owner: PodFact['owner'];
  labelled: boolean;
  phase: 'Pending' | 'Running' | 'Failed' | 'Succeeded' | 'Unknown';
  container: 'waiting' | 'running' | 'terminated';
  reason: string | null;
  startedAt: EpochMs | null;
  /** How wrong its node's clock was when its container started, and when it beat last. */
  startSkewMs: DurationMs;
  stopSkewMs: DurationMs;
  restarts: number;
  lastTermination: { readonly reason: string; readonly exitCode: number; readonly at: EpochMs } | null;
  ready: boolean;
  terminatingAt: EpochMs | null;
  gone: boolean;
  /** Each start of the container is another life with a row of its own. */
  life: number;
  jobId: number;
  rowState: string;
  beat: Beater;
  hindered: number;
  wedge: Wedge | null;
  /** When it came back by itself from what only a removal would have cured. */
  backAt: EpochMs;
  /** Its health server does not answer, though the pod may work. */
  deaf: boolean;
  /** Kubelet's probe errors began. */
  probesErrAt: EpochMs | null;
  memoryShare: number;
  fact: PodFact | null;
}

export interface OldRow {
  readonly id: number;
  readonly component: ComponentName;
  readonly hostname: string;
  readonly beatAt: EpochMs;
  readonly startAt: EpochMs;
  readonly endedAt: EpochMs;
  state: string;
}

export interface Workload {
  readonly component: ComponentName;
  readonly kind: 'ReplicaSet' | 'StatefulSet' | 'none';
  readonly usual: number;
  wanted: number;
  /** Pods on their way. */
  coming: number;
  /** How long until a lost pod is replaced; null never. */
  replaceMs: () => DurationMs | null;
  rollingOut: string | null;
  paused: string | null;
}

export type DatabaseMode = 'up' | 'down' | 'frozen' | 'locked' | 'read-only' | 'slow';

export interface SimDatabase {
  mode: DatabaseMode;
  startedAt: EpochMs;
  skewMs: DurationMs;
  lagMs: DurationMs;
  /** Since when it takes writes again after it took none. */
  writableSince: EpochMs;
  denied: 'none' | 'progress' | 'all';
  locksReadable: boolean;
  /** Other sessions' addresses are not shown to us. */
  hidesAddresses: boolean;
  /** A stranger's session in whose way others wait. */
  stranger: { readonly since: EpochMs } | null;
}

export type ApiMode =
  | 'ok'
  | 'throttled'
  | 'hanging'
  | 'erring'
  | 'forbidden'
  | 'empty'
  | 'stale'
  | 'no-session';
export type RemovalMode = 'ok' | 'lost' | 'failed' | 'forbidden';

export interface SimApi {
  mode: ApiMode;
  removals: RemovalMode;
  proxyCut: boolean;
  skewMs: DurationMs;
  stale: readonly PodFact[];
  pods: readonly PodFact[] | null;
}

export interface Traffic {
  readonly kind: 'busy' | 'bursts' | 'idle';
  readonly liveDags: number;
  /** One DAG run that is never decided. */
  brokenAt: EpochMs | null;
  overdueAt: EpochMs | null;
  poolFullAt: EpochMs | null;
  /** Tasks of several DAGs wait behind others, by priority or at limits of their own, in a pool that has room. */
  starvedAt: EpochMs | null;
  /** No worker takes up what is queued. */
  workersGoneAt: EpochMs | null;
  /** One scheduler takes next to no work: its loops are slower. */
  unevenAt: EpochMs | null;
}

export interface Told {
  readonly at: EpochMs;
  readonly channel: string;
  readonly notification: Notification;
}

export interface SimTarget {
  readonly index: number;
  readonly name: string;
  readonly random: Random;
  document: Target;
  listed: 'yes' | 'no' | 'broken';
  readonly airflow: '2' | '3' | '3.4';
  readonly workloads: Workload[];
  readonly nodes: SimNode[];
  pods: SimPod[];
  oldRows: OldRow[];
  madePods: number;
  madeJobs: number;
  readonly database: SimDatabase;
  readonly api: SimApi;
  web: 'ok' | 'down' | 'login-page';
  /** The schedulers' loops take long; `silent` when no decision is seen before a loop ends. */
  slow: { readonly periodMs: DurationMs; readonly silent: boolean } | null;
  readonly decisions: Beater;
  readonly queueing: Beater;
  /** Triggers are taken up, and files parsed, as long as anybody does it. */
  readonly taking: Beater;
  readonly parsing: Beater;
  readonly traffic: Traffic;
  /** The episodes under way. */
  readonly active: Set<Episode>;
  /** Something moved since all was last found well. */
  unsettled: boolean;
  troubleEndedAt: EpochMs;
  /** When one of its components was last found unwell. */
  unwellAt: EpochMs;
  readonly removals: { readonly uid: string; readonly at: EpochMs }[];
  /** Deletes that were asked for, whatever came of them; one and the same counts once. */
  readonly intents: { readonly uid: string; readonly at: EpochMs }[];
  readonly unwell: Map<string, Unwell>;
  /** When a working channel last took something about this target. */
  toldAt: EpochMs;
  readonly story: string[];
  decided: string;
}

export interface Unwell {
  readonly since: EpochMs;
  /** How much of it counts: ticks ran, the store worked, a channel took alerts. */
  countedMs: DurationMs;
  /** When it was last the case; shortly over is not over. */
  seenAt: EpochMs;
  broken: boolean;
  readonly what: string;
}

export interface Episode {
  readonly number: number;
  readonly kind: string;
  readonly scope: 'target' | 'fleet' | 'watchdog';
  readonly target: number;
  readonly at: EpochMs;
  readonly seed: number;
  /** Does not stand in the way of a removal, and is no trouble of its own. */
  readonly isHarmless: boolean;
  readonly isWedge: boolean;
}

export type Mood = 'ok' | 'later' | 'refusing' | 'throwing' | 'hanging' | 'losing-answers';

export interface SimChannel {
  readonly channel: Channel;
  mood: Mood;
  lastBadAt: EpochMs;
  readonly accepted: Map<string, EpochMs>;
}

/** One life of the program: from here on its calls come, or it is dead and never goes on. */
export interface Process {
  readonly number: number;
  readonly startedAt: EpochMs;
  readonly scheduledAt: EpochMs;
  dead: boolean;
  /** Calls it may still make; dies at the next. */
  callsLeft: number;
  /** Dies after the last call's effect and not before it. */
  readonly diesAfter: boolean;
  calls: number;
  /** By target: number of its last look at the pods, and of its last save. */
  readonly lookedAt: Map<string, number>;
  readonly saved: Map<string, { readonly call: number; readonly body: unknown }>;
  onDeath: () => void;
}

export interface Watchdog {
  /** Its clock, before (+) the true one. */
  skewMs: DurationMs;
  largestJumpMs: DurationMs;
  /** Everything of its own takes so many times as long. */
  starved: number;
  storeMood: 'ok' | 'refusing' | 'throttling' | 'conflicting';
  list: 'ok' | 'unreadable' | 'stale' | 'empty';
  loseTicks: number;
  lateMs: DurationMs;
  doubleTicks: number;
  killAfter: number | null;
  lastBadAt: EpochMs;
}

export interface Plan {
  readonly targets: number;
  readonly ticks: number;
  readonly everyMs: DurationMs;
  readonly lambda: boolean;
  readonly secondMs: DurationMs;
  readonly epilogueTicks: number;
  /** Mean time between two episodes of one target. */
  readonly episodeGapMs: DurationMs;
}

/** What the laws hear of. */
export interface Hearing {
  readonly removing: (target: SimTarget, pod: SimPod, process: Process) => void;
  readonly removed: (target: SimTarget, pod: SimPod, answer: RemovalAnswer['kind']) => void;
  readonly sending: (channel: SimChannel, notification: Notification) => void;
  readonly accepted: (channel: SimChannel, notification: Notification) => void;
  readonly saved: (key: string, bytes: number) => void;
  readonly tickBegan: () => void;
  readonly tickEnded: (process: Process, failure: string | null) => void;
  readonly overran: (process: Process) => void;
  /** All has been well for long. */
  readonly ended: () => void;
}

export interface World {
  readonly seed: number;
  readonly number: number;
  readonly plan: Plan;
  readonly program: Program;
  readonly loop: Loop;
  readonly random: Random;
  readonly targets: SimTarget[];
  readonly byId: Map<string, SimTarget>;
  readonly channels: SimChannel[];
  readonly documents: Map<string, { readonly version: number; readonly body: unknown }>;
  readonly watchdog: Watchdog;
  readonly active: Set<Episode>;
  list: TargetList | null;
  /** The stories also hold what each tick decided. */
  readonly verbose: boolean;
  saves: number;
  runs: number;
  /** When a channel last took something about the fleet as a whole. */
  fleetToldAt: EpochMs;
  /** When the laws last looked at everybody. */
  examinedAt: EpochMs;
  hearing: Hearing;
  running: number;
}
