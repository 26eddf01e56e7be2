import { type HeartbeatFacts, type HeartbeatLimit, heartbeatLimit, heartbeatOf } from './heartbeat.ts';
import type { HttpFacts, JobsFacts, KubeletFacts, Look, ProgressFacts } from './observation.ts';
import type { PodFact, WorkloadFact } from './pod.ts';
import { LIMITS, type Policy } from './policy.ts';
import { type Motion, motionOf } from './progress.ts';
import type { TargetState } from './state.ts';
import type { Target } from './target.ts';
import { type EpochMs, formatDuration, SECOND_MS } from './time.ts';

/** Everything one round of probes learned about one target. */
export interface TargetLooks {
  readonly at: EpochMs;
  readonly pods: readonly PodFact[];
  /** null: the target has no database. */
  readonly jobs: Look<JobsFacts> | null;
  readonly progress: Look<ProgressFacts> | null;
  /** By pod uid: the pod's own health server. */
  readonly own: Readonly<Record<string, Look<HttpFacts>>>;
  readonly urls: readonly { readonly url: string; readonly look: Look<HttpFacts> }[];
  readonly kubelet: Look<{ readonly byUid: Readonly<Record<string, KubeletFacts>> }> | null;
  /** By pod uid; only fetched for pods that look sick. */
  readonly workloads: Readonly<Record<string, Look<WorkloadFact>>>;
}

/** What is the matter with the database, as far as the schedulers depend on it. */
export type DatabaseState =
  | { readonly kind: 'up' }
  | { readonly kind: 'none' }
  | { readonly kind: 'down' | 'locked' | 'shared-stop' | 'recovering' | 'unreadable'; readonly why: string };

/** One pod with the facts that concern it, and the shared ones. The decision table reads nothing else. */
export interface Patient {
  readonly now: EpochMs;
  readonly pod: PodFact;
  readonly policy: Policy;
  readonly limit: HeartbeatLimit;
  readonly heartbeat: Look<HeartbeatFacts> | null;
  /** Its own health server, through the pod proxy or (for an only pod) a URL. */
  readonly own: Look<HttpFacts> | null;
  readonly web: readonly Look<HttpFacts>[];
  readonly workload: Look<WorkloadFact> | null;
  readonly kubelet: KubeletFacts | null;
  readonly motion: Motion | null;
  readonly database: DatabaseState;
  /** Another scheduler's row is fresh: it may be the one whose decisions we see. */
  readonly freshPeer: boolean;
  /** A peer is stale: it may hold the locks that keep this one from working. */
  readonly stalePeer: boolean;
  /** Some other witness shows that Airflow itself reaches its database. */
  readonly databaseProvedUp: boolean;
  /** The health endpoint has answered well before, and who it was. */
  readonly provenHttp: 'scheduler' | 'web' | null;
  /** This very pod was seen beating before. */
  readonly seenBeating: boolean;
  /** Age of the running container (or of the pod) in ms. */
  readonly ageMs: number;
}

/** Turns one round of looks into one patient per pod. Pure. */
export function patientsOf(
  target: Target,
  looks: TargetLooks,
  state: TargetState,
  now: EpochMs,
): readonly Patient[] {
  const web = looks.urls.map((entry) => entry.look);
  const living = looks.pods.filter((pod) => pod.terminatingSince === null);
  const withBeat = looks.pods.map((pod) => {
    const alone = living.filter((other) => other.component === pod.component).length <= 1;
    const limit = heartbeatLimit(target.policy, state.healthyAges[pod.component] ?? []);
    return { pod, alone, limit, heartbeat: heartbeatOf(pod, looks.jobs, web, alone) };
  });
  const isFresh = (entry: (typeof withBeat)[number]) =>
    ageMsOf(entry.heartbeat) !== null && Math.abs(ageMsOf(entry.heartbeat) ?? 0) <= entry.limit.limitMs;
  const database = databaseState(target, looks, state, now, withBeat);
  const motion = looks.progress?.kind === 'answered' ? motionOf(looks.progress, target.policy) : null;

  return withBeat.map((entry) => {
    const { pod, alone, limit, heartbeat } = entry;
    const peers = withBeat.filter(
      (peer) =>
        peer.pod.uid !== pod.uid &&
        peer.pod.component === pod.component &&
        peer.pod.terminatingSince === null,
    );
    const began = pod.container?.runningSince ?? pod.createdAt;
    return {
      now,
      pod,
      policy: target.policy,
      limit,
      heartbeat,
      own: pod.component === 'scheduler' ? ownHealth(looks, pod, alone, state) : null,
      web: web.filter((look) => look.kind !== 'answered' || look.from === 'web'),
      workload: looks.workloads[pod.uid] ?? null,
      kubelet: looks.kubelet?.kind === 'answered' ? (looks.kubelet.byUid[pod.uid] ?? null) : null,
      motion,
      database,
      freshPeer: peers.some(isFresh) || freshRowElsewhere(looks, pod, limit.limitMs),
      stalePeer: peers.some((peer) => ageMsOf(peer.heartbeat) !== null && !isFresh(peer)),
      databaseProvedUp:
        peers.some((peer) => saysHealthy(looks.own[peer.pod.uid])) || web.some(saysDatabaseHealthy),
      provenHttp: state.proven.http?.from ?? null,
      seenBeating: state.pods[pod.uid]?.seenBeating ?? false,
      ageMs: Math.max(0, now - began),
    };
  });
}

export function ageMsOf(heartbeat: Look<HeartbeatFacts> | null): number | null {
  if (heartbeat?.kind !== 'answered' || heartbeat.ageSeconds === null) return null;
  return heartbeat.ageSeconds * SECOND_MS;
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
  const wasOwn = state.proven.http?.from === 'scheduler';
  const byUrl = looks.urls.find(({ look }) =>
    look.kind === 'answered' ? look.from === 'scheduler' : wasOwn,
  );
  return alone ? (byUrl?.look ?? null) : null;
}

function saysHealthy(look: Look<HttpFacts> | undefined): boolean {
  return look?.kind === 'answered' && look.says === 'healthy';
}

function saysDatabaseHealthy(look: Look<HttpFacts>): boolean {
  return look.kind === 'answered' && look.database === 'healthy';
}

function freshRowElsewhere(looks: TargetLooks, pod: PodFact, limitMs: number): boolean {
  if (looks.jobs?.kind !== 'answered') return false;
  return looks.jobs.rows.some(
    (row) =>
      row.component === pod.component &&
      Math.abs(row.heartbeatAgeSeconds) * SECOND_MS <= limitMs &&
      !row.hostname.startsWith(pod.name),
  );
}

interface WithBeat {
  readonly pod: PodFact;
  readonly limit: HeartbeatLimit;
  readonly heartbeat: Look<HeartbeatFacts> | null;
}

function databaseState(
  target: Target,
  looks: TargetLooks,
  state: TargetState,
  now: EpochMs,
  beats: readonly WithBeat[],
): DatabaseState {
  const { jobs, progress } = looks;
  if (jobs === null) {
    const sick = looks.urls.some(({ look }) => look.kind === 'answered' && look.database === 'unhealthy');
    return sick ? { kind: 'down', why: 'the web health says metadatabase unhealthy' } : { kind: 'none' };
  }
  if (jobs.kind === 'unreachable') return { kind: 'down', why: jobs.detail };
  if (jobs.kind === 'unreadable')
    return { kind: jobs.cause === 'locked' ? 'locked' : 'unreadable', why: jobs.detail };
  if (progress?.kind === 'unreadable' && progress.cause === 'locked')
    return { kind: 'locked', why: progress.detail };
  const stopped = stoppedTogether(jobs, beats);
  if (stopped !== null) return { kind: 'shared-stop', why: stopped };
  const grace = target.policy.databaseGraceMs;
  const up = jobs.databaseUptimeSeconds;
  if (up !== null && up * SECOND_MS < grace) {
    return { kind: 'recovering', why: `the database server started ${Math.round(up)} s ago` };
  }
  const back = state.database.backAt;
  if (state.database.downSince !== null)
    return { kind: 'recovering', why: 'the database has only just come back' };
  if (back !== null && now - back < grace) {
    return { kind: 'recovering', why: `the database came back ${formatDuration(now - back)} ago` };
  }
  return { kind: 'up' };
}

/**
 * All schedulers, or everything that beats, fell silent at the same moment: that is what a database that takes no writes,
 * a lock on `job`, or a lost node looks like. Deleting pods would cure none of them.
 */
function stoppedTogether(
  jobs: Look<JobsFacts> & { readonly kind: 'answered' },
  beats: readonly WithBeat[],
): string | null {
  const living = beats.filter(
    (beat) => beat.pod.terminatingSince === null && ageMsOf(beat.heartbeat) !== null,
  );
  const stale = living.filter((beat) => (ageMsOf(beat.heartbeat) ?? 0) > beat.limit.limitMs);
  const schedulers = stale.filter((beat) => beat.pod.component === 'scheduler');
  const all = living.filter((beat) => beat.pod.component === 'scheduler').length;
  const ages = schedulers.map((beat) => ageMsOf(beat.heartbeat) ?? 0);
  const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  if (schedulers.length >= 2 && schedulers.length === all && spread(ages) <= LIMITS.togetherMs) {
    return `all ${all} schedulers stopped beating within ${formatDuration(LIMITS.togetherMs)} of each other`;
  }
  const limitMs = stale[0]?.limit.limitMs;
  if (limitMs === undefined || stale.length !== living.length) return null;
  const rows = jobs.rows.map((row) => ({ ...row, ageMs: row.heartbeatAgeSeconds * SECOND_MS }));
  if (rows.some((row) => row.ageMs <= limitMs)) return null;
  const oldest = Math.max(...stale.map((beat) => ageMsOf(beat.heartbeat) ?? 0));
  const near = rows.filter((row) => Math.abs(row.ageMs - oldest) <= LIMITS.togetherMs);
  if (new Set(near.map((row) => row.component)).size < 2) return null;
  return `every component stopped beating within ${formatDuration(LIMITS.togetherMs)} of the others`;
}
