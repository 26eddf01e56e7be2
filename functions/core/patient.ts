import { NO_AGES } from './ages.ts';
import { type BeatMemory, rememberBeat } from './beat.ts';
import { type Hand, type Handiwork, handiworkOf } from './beside.ts';
import type { Companions, WorkMemory } from './companions.ts';
import { COMPONENT_TABLE } from './component.ts';
import { type DatabaseState, databaseState } from './database-state.ts';
import type { HandMemory } from './hand-memory.ts';
import {
  type HeartbeatFacts,
  type HeartbeatLimit,
  heartbeatLimit,
  heartbeatOf,
  isHostOf,
  jobIdOf,
} from './heartbeat.ts';
import { heldForMs, type Skipping, skippingOf, type Waiting, waitingOf } from './locks.ts';
import type { NodeFact, NodesFacts } from './node.ts';
import type {
  HttpFacts,
  JobRow,
  JobsFacts,
  KubeletFacts,
  LastLine,
  LocksFacts,
  Look,
  ProgressFacts,
} from './observation.ts';
import type { PodFact, WantedReplicas, WorkloadFact } from './pod.ts';
import { LIMITS, type Policy } from './policy.ts';
import type { Motion } from './progress.ts';
import type { TargetState } from './state.ts';
import type { ComponentName, Target } from './target.ts';
import { type DurationMs, type EpochMs, SECOND_MS } from './time.ts';
import type { WorkFacts } from './work.ts';

/** Everything one round of probes learned about one target. */
export interface TargetLooks {
  readonly at: EpochMs;
  /** The API server's clock at that time, by which pods and events are aged; null when it did not say. */
  readonly serverNow: EpochMs | null;
  /** All of them, failed and completed ones included. */
  readonly pods: readonly PodFact[];
  /** null: the target has no database. */
  readonly jobs: Look<JobsFacts> | null;
  readonly progress: Look<ProgressFacts> | null;
  readonly locks: Look<LocksFacts> | null;
  /** Left out where nobody was asked, like the two below. */
  readonly companions?: Companions;
  /** By pod uid, of those that look sick: when its main container wrote its last log line. */
  readonly lastLines?: Readonly<Record<string, Look<LastLine>>>;
  /** The nodes that its pods are on. */
  readonly nodes?: Look<NodesFacts>;
  /** Which scheduler has which tasks in hand; looks of earlier versions have none. */
  readonly work?: Look<WorkFacts> | null;
  /** By pod uid: the pod's own health server. */
  readonly own: Readonly<Record<string, Look<HttpFacts>>>;
  readonly urls: readonly { readonly url: string; readonly look: Look<HttpFacts> }[];
  readonly kubelet: Look<{ readonly byUid: Readonly<Record<string, KubeletFacts>> }> | null;
  /** By pod uid; only fetched for pods that look sick. */
  readonly workloads: Readonly<Record<string, Look<WorkloadFact>>>;
  /** null: not asked this time. */
  readonly replicas: Look<{
    readonly byComponent: Readonly<Partial<Record<ComponentName, WantedReplicas>>>;
  }> | null;
}

/** One pod with the facts that concern it, and the shared ones. The decision table reads nothing else. */
export interface Patient extends Handiwork {
  /** By the API server's clock: ages of pods and events. */
  readonly serverNow: EpochMs;
  readonly pod: PodFact;
  readonly policy: Policy;
  readonly limit: HeartbeatLimit;
  /** What the source said. */
  readonly heartbeat: Look<HeartbeatFacts> | null;
  /** What is known by now, this look included; null while no beat of this incarnation is known. */
  readonly beat: BeatMemory | null;
  /** How long it has not beaten; null when no source speaks of it now. */
  readonly silentMs: DurationMs | null;
  /** Its own health server, through the pod proxy or (for an only pod) a URL. */
  readonly own: Look<HttpFacts> | null;
  readonly web: readonly Look<HttpFacts>[];
  readonly workload: Look<WorkloadFact> | null;
  readonly kubelet: KubeletFacts | null;
  /** When it wrote its last log line; null: not asked. It supports, and decides nothing. */
  readonly lastLine: Look<LastLine> | null;
  /** Its node; null where that is not told. */
  readonly node: NodeFact | null;
  /** Of its component's own work; null where nobody tells of it. */
  readonly motion: Motion | null;
  /** What is known by now of how it works. */
  readonly work: WorkMemory | null;
  readonly database: DatabaseState;
  /** Set when the rows come from a replica: how long ago the newest change it knows was made. */
  readonly replayedMsAgo: DurationMs | null;
  /** What its sessions wait for, where that excuses it. */
  readonly waiting: Waiting | null;
  /** How long ago any pod of its component beat last, those included that the selector misses. */
  readonly newestBeatMs: DurationMs | null;
  /** Whose transaction holds what it would work on, so that it skips that without waiting. */
  readonly skipping: Skipping | null;
  /** Who fell silent together with it and has beaten again since a moment: what held the one may still hold the other. */
  readonly companionBack: { readonly pod: string; readonly agoMs: DurationMs } | null;
  /** A peer is stale: it may hold the locks that keep this one from working. */
  readonly stalePeer: boolean;
  /** Some other witness shows that Airflow itself reaches its database. */
  readonly databaseProvedUp: boolean;
  /** A scheduler's own health server has said healthy before. */
  readonly provenOwn: boolean;
  /** Peers are there, and all of their own health servers are silent, too. */
  readonly allSilent: boolean;
  /** Age of the running container (or of the pod) in ms, by the API server's clock. */
  readonly ageMs: DurationMs;
}

/** Failed and completed pods are history: they are neither judged nor counted. */
function isLeftover(pod: PodFact): boolean {
  return pod.phase === 'Failed' || pod.phase === 'Succeeded';
}

export function isLiving(pod: PodFact): boolean {
  return pod.terminatingSince === null && !isLeftover(pod);
}

/** Turns one round of looks into one patient per pod that is not history. Pure. */
export function patientsOf(
  target: Target,
  looks: TargetLooks,
  state: TargetState,
  now: EpochMs,
): readonly Patient[] {
  const serverNow = looks.serverNow === null ? now : looks.serverNow + (now - looks.at);
  const web = looks.urls.map((entry) => entry.look);
  const living = looks.pods.filter(isLiving);
  const entries = looks.pods
    .filter((pod) => !isLeftover(pod))
    .map((pod) => entryOf(pod, { target, looks, state, now, serverNow, web, living }));
  const livingEntries = entries.filter(({ pod }) => isLiving(pod));
  const database = databaseState(target, looks, state, now, livingEntries);
  const elsewhere = rowsElsewhere(looks, living);
  const hands = livingEntries
    .filter(({ pod }) => COMPONENT_TABLE[pod.component].queuesTasks)
    .map((entry) => handOf(entry, database));
  const replica = looks.jobs?.kind === 'answered' ? looks.jobs.replica : null;
  return entries.map((entry) => {
    const { pod, alone } = entry;
    const peers = livingEntries.filter(
      (peer) => peer.pod.uid !== pod.uid && peer.pod.component === pod.component,
    );
    const peerPods = peers.map((peer) => peer.pod);
    return {
      ...entry,
      ...handiworkOf(
        handOf(entry, database),
        hands,
        { work: looks.work ?? null, progress: looks.progress },
        target.policy,
      ),
      serverNow,
      policy: target.policy,
      own: COMPONENT_TABLE[pod.component].hasOwnHealth ? ownHealth(looks, pod, alone, state) : null,
      web: web.filter((look) => look.kind !== 'answered' || look.from === 'web'),
      workload: looks.workloads[pod.uid] ?? null,
      lastLine: looks.lastLines?.[pod.uid] ?? null,
      node: nodeOf(looks, pod),
      kubelet: looks.kubelet?.kind === 'answered' ? (looks.kubelet.byUid[pod.uid] ?? null) : null,
      database,
      replayedMsAgo: replica?.replayedSecondsAgo == null ? null : replica.replayedSecondsAgo * SECOND_MS,
      waiting: waitingOf(
        pod,
        looks.locks,
        peerPods,
        (peer) => peers.some((one) => one.pod.uid === peer.uid && isStale(one)),
        living,
      ),
      newestBeatMs: newestBeatOf([entry, ...peers], elsewhere, pod),
      skipping: skippingOf(pod, looks.locks, peerPods, heldForMs(state.heldSince, now)),
      companionBack: companionBackOf(entry, livingEntries, target.policy.databaseGraceMs, now),
      stalePeer: peers.some(isStale),
      databaseProvedUp:
        peers.some((peer) => saysHealthy(looks.own[peer.pod.uid])) || web.some(saysDatabaseHealthy),
      provenOwn: state.proven.own !== null,
      allSilent: peers.length > 0 && peers.every((peer) => isSilent(looks.own[peer.pod.uid])),
    };
  });
}

type Entry = Pick<
  Patient,
  'pod' | 'limit' | 'heartbeat' | 'beat' | 'silentMs' | 'ageMs' | 'motion' | 'work'
> & {
  readonly alone: boolean;
  /** As the look before left it. */
  readonly handBefore: HandMemory | null;
};

function entryOf(
  pod: PodFact,
  ask: {
    readonly target: Target;
    readonly looks: TargetLooks;
    readonly state: TargetState;
    readonly now: EpochMs;
    readonly serverNow: EpochMs;
    readonly web: readonly Look<HttpFacts>[];
    readonly living: readonly PodFact[];
  },
): Entry {
  const { target, looks, state, now, serverNow, web, living } = ask;
  const ageMs = Math.max(0, serverNow - (pod.container?.runningSince ?? pod.createdAt));
  const alone = living.filter((other) => other.component === pod.component).length <= 1;
  const limit = heartbeatLimit(target.policy, state.ages[pod.component] ?? NO_AGES);
  const heartbeat = heartbeatOf(pod, looks.jobs, web, alone, ageMs);
  const memory = state.pods[pod.uid];
  const isSameLife = memory?.runningSince === (pod.container?.runningSince ?? null);
  const beat = rememberBeat(isSameLife ? (memory?.beat ?? null) : null, heartbeat, now);
  const silentMs = heartbeat?.kind === 'answered' ? (beat?.silentMs ?? null) : null;
  const { motion, memory: work } = COMPONENT_TABLE[pod.component].work({
    policy: target.policy,
    jobs: looks.jobs,
    progress: looks.progress,
    companions: looks.companions ?? null,
    jobId: jobIdOf(heartbeat),
    before: isSameLife ? (memory?.work ?? null) : null,
    now,
  });
  const handBefore = (isSameLife ? memory?.hand : null) ?? null;
  return { pod, ageMs, alone, limit, heartbeat, beat, silentMs, motion, work, handBefore };
}

function handOf(entry: Entry, database: DatabaseState): Hand {
  const { pod, heartbeat, silentMs, limit, handBefore } = entry;
  return {
    uid: pod.uid,
    jobId: COMPONENT_TABLE[pod.component].queuesTasks ? jobIdOf(heartbeat) : null,
    isFresh: isFresh(entry),
    isCalm: silentMs !== null && silentMs <= limit.suspectMs && database.kind === 'up',
    memory: handBefore,
  };
}

export function isFresh({ silentMs, limit }: Pick<Patient, 'silentMs' | 'limit'>): boolean {
  return silentMs !== null && silentMs <= limit.limitMs;
}

export function isStale({ silentMs, limit }: Pick<Patient, 'silentMs' | 'limit'>): boolean {
  return silentMs !== null && silentMs > limit.limitMs;
}

function companionBackOf(
  { pod, beat }: Entry,
  entries: readonly Entry[],
  graceMs: DurationMs,
  now: EpochMs,
): Patient['companionBack'] {
  if (beat === null) return null;
  const stoppedAt = beat.at + beat.offsetMs;
  for (const other of entries) {
    const silence = other.beat?.silence ?? null;
    if (silence === null || other.pod.uid === pod.uid) continue;
    const agoMs = now - silence.endedAt;
    if (Math.abs(silence.from - stoppedAt) <= LIMITS.togetherMs && agoMs >= 0 && agoMs < graceMs)
      return { pod: other.pod.name, agoMs };
  }
  return null;
}

function ownHealth(
  looks: TargetLooks,
  pod: PodFact,
  alone: boolean,
  state: TargetState,
): Look<HttpFacts> | null {
  const own = looks.own[pod.uid];
  if (own !== undefined) return own;
  // A URL that leads to a scheduler's own server can only speak of the pod when there is just one; silence
  // counts only where it is known that the scheduler, and no web server, used to answer there.
  const wasOwn = state.proven.own !== null && state.proven.web === null;
  const byUrl = looks.urls.find(({ look }) => (look.kind === 'answered' ? look.from !== 'web' : wasOwn));
  return alone ? (byUrl?.look ?? null) : null;
}

function nodeOf({ nodes }: TargetLooks, { node }: PodFact): NodeFact | null {
  return nodes?.kind === 'answered' && node !== null ? (nodes.byName[node] ?? null) : null;
}

function saysHealthy(look: Look<HttpFacts> | undefined): boolean {
  return look?.kind === 'answered' && look.says === 'healthy';
}

function isSilent(look: Look<HttpFacts> | undefined): boolean {
  return look !== undefined && look.kind !== 'answered';
}

function saysDatabaseHealthy(look: Look<HttpFacts>): boolean {
  return look.kind === 'answered' && look.database === 'healthy';
}

/** Rows that go on and belong to none of the pods we see: the selector misses their pods. */
function rowsElsewhere({ jobs }: TargetLooks, living: readonly PodFact[]): readonly JobRow[] {
  if (jobs?.kind !== 'answered') return [];
  return jobs.rows.filter(
    ({ state, hostname }) => state === 'running' && !living.some((pod) => isHostOf(pod, hostname)),
  );
}

/** The newest beat of a component: of the pods we see, and of rows that belong to none of them. */
function newestBeatOf(
  seen: readonly Pick<Patient, 'silentMs'>[],
  elsewhere: readonly JobRow[],
  { component }: PodFact,
): DurationMs | null {
  const others = elsewhere
    .filter((row) => row.component === component)
    .map((row) => Math.abs(row.heartbeatAgeSeconds) * SECOND_MS);
  const all = [...seen.flatMap(({ silentMs }) => silentMs ?? []), ...others];
  return all.length === 0 ? null : Math.min(...all);
}
