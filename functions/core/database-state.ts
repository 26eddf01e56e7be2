import { AHEAD_MS } from './beat.ts';
import { COMPONENT_TABLE } from './component.ts';
import type { HeartbeatLimit } from './heartbeat.ts';
import { isAmongThemselves } from './lock-circle.ts';
import { isOf } from './locks.ts';
import type { JobsFacts, LocksFacts, Look } from './observation.ts';
import type { TargetLooks } from './patient.ts';
import type { PodFact } from './pod.ts';
import { LIMITS } from './policy.ts';
import type { TargetState } from './state.ts';
import type { ComponentName, Target } from './target.ts';
import { type DurationMs, type EpochMs, formatDuration, SECOND_MS } from './time.ts';

/** What is the matter with the database, as far as the schedulers depend on it. */
export type DatabaseState =
  | { readonly kind: 'up' }
  | { readonly kind: 'none' }
  | { readonly kind: 'down' | 'locked' | 'shared-stop' | 'recovering' | 'unreadable'; readonly why: string };

/** It takes no writes, or nobody can say that it does. */
export function isDatabaseSick({ kind }: DatabaseState): boolean {
  return kind === 'down' || kind === 'locked' || kind === 'shared-stop';
}

/** One pod's silence, as far as the database's own state is read from it. */
export interface PodSilence {
  readonly pod: PodFact;
  /** null: no heartbeat of it is known. */
  readonly silentMs: DurationMs | null;
  readonly limit: Pick<HeartbeatLimit, 'limitMs'>;
}

/** A fault of the database that a witness speaks of now, whoever it is; every one of them begins the same grace. */
export function databaseState(
  target: Target,
  looks: TargetLooks,
  state: TargetState,
  now: EpochMs,
  living: readonly PodSilence[],
): DatabaseState {
  return faultOf(looks, living) ?? recovering(target, looks, state, now) ?? settledState(looks);
}

function faultOf(looks: TargetLooks, living: readonly PodSilence[]): DatabaseState | null {
  const { jobs, progress, locks } = looks;
  if (jobs?.kind === 'unreachable') return { kind: 'down', why: jobs.detail };
  if (jobs?.kind === 'unreadable' && jobs.cause === 'locked') return { kind: 'locked', why: jobs.detail };
  const pods = living.map(({ pod }) => pod);
  if (progress?.kind === 'unreadable' && progress.cause === 'locked' && !isAmongThemselves(pods, locks))
    return { kind: 'locked', why: progress.detail };
  if (jobs?.kind === 'answered') {
    const stopped = stoppedTogether(jobs, locks, living);
    return stopped === null ? null : { kind: 'shared-stop', why: stopped };
  }
  // Without the database itself, or while we cannot read it, others speak for it.
  const sick = looks.urls.find(({ look }) => look.kind === 'answered' && look.database === 'unhealthy');
  if (sick !== undefined) return { kind: 'down', why: 'the web health says metadatabase unhealthy' };
  return jobs === null && allSayUnhealthy(looks, living)
    ? { kind: 'down', why: 'every scheduler says unhealthy at once, as in a database outage' }
    : null;
}

/** One 503 may be a wedge; all of several at once are what they share. */
function allSayUnhealthy(looks: TargetLooks, living: readonly PodSilence[]): boolean {
  const asked = living.flatMap(({ pod }) => looks.own[pod.uid] ?? []);
  return asked.length >= 2 && asked.every((look) => look.kind === 'answered' && look.says === 'unhealthy');
}

function recovering(
  target: Target,
  { jobs }: TargetLooks,
  state: TargetState,
  now: EpochMs,
): DatabaseState | null {
  const graceMs = target.policy.databaseGraceMs;
  const uptime = jobs?.kind === 'answered' ? jobs.databaseUptimeSeconds : null;
  if (uptime !== null && uptime * SECOND_MS < graceMs)
    return { kind: 'recovering', why: `the database server started ${Math.round(uptime)} s ago` };
  const { downSince, backAt } = state.database;
  if (downSince !== null) return { kind: 'recovering', why: 'the database has only just come back' };
  // A clock that jumped back must not lengthen the grace for ever.
  if (backAt !== null && Math.abs(now - backAt) < graceMs)
    return { kind: 'recovering', why: `the database came back ${formatDuration(now - backAt)} ago` };
  return null;
}

function settledState({ jobs }: TargetLooks): DatabaseState {
  if (jobs === null) return { kind: 'none' };
  return jobs.kind === 'unreadable' ? { kind: 'unreadable', why: jobs.detail } : { kind: 'up' };
}

/** Who writes heartbeats, and how long ago the last one was. */
interface Writer {
  readonly component: ComponentName;
  readonly silentMs: DurationMs;
}

/**
 * Everything that beats fell silent at the same moment: that is what a database that takes no writes, a lock on `job`, or a lost node
 * looks like. Deleting pods would cure none of them. The limits are not asked, each component may have learned another one, unless all
 * that we watch had stopped long before: two that beat seldom are always found silent, and would hide a wedge for ever.
 */
function stoppedTogether(
  jobs: JobsFacts,
  locks: Look<LocksFacts> | null,
  living: readonly PodSilence[],
): string | null {
  const writers = writersOf(
    jobs,
    living.filter(({ pod }) => !waitsForPeer(pod, locks, living)),
  );
  const newest = writers.reduce((least, { silentMs }) => Math.min(least, silentMs), Number.POSITIVE_INFINITY);
  const within = (apartMs: DurationMs) => writers.filter(({ silentMs }) => silentMs - newest <= apartMs);
  const isMixed = new Set(within(LIMITS.togetherMixedMs).map(({ component }) => component)).size > 1;
  const apartMs = isMixed ? LIMITS.togetherMixedMs : LIMITS.togetherMs;
  const together = within(apartMs);
  const isOlder = living.length > 0 && living.every((one) => isSilentBefore(one, newest));
  if (newest > LIMITS.togetherMs && together.length >= 2 && !isOlder)
    return `all ${together.length} that beat stopped within ${formatDuration(apartMs)} of each other, as when the database takes no writes or a node is lost`;
  // Another component that beats proves the table writable; then only a lock of theirs could stop all schedulers at once.
  const schedulers = writers.filter(({ component }) => COMPONENT_TABLE[component].locksOutPeers);
  const silent = schedulers.map(({ silentMs }) => silentMs);
  const stopped =
    schedulers.length >= 2 &&
    Math.min(...silent) > LIMITS.togetherMs &&
    Math.max(...silent) - Math.min(...silent) <= LIMITS.togetherMs;
  return stopped && locks?.kind !== 'answered'
    ? `all ${schedulers.length} schedulers stopped beating within ${formatDuration(LIMITS.togetherMs)} of each other, and who waits for whose lock cannot be seen`
    : null;
}

/**
 * Others still wrote when it had long been over its own limit, so what stops them now is not what stopped it. Clocks and paces of
 * components differ by less than the slack.
 */
function isSilentBefore({ silentMs, limit }: PodSilence, newestMs: DurationMs): boolean {
  return silentMs !== null && silentMs - newestMs > limit.limitMs + LIMITS.togetherMixedMs;
}

/** Its stop is explained by the lock of another one: that one has stopped, this one only waits. */
function waitsForPeer(pod: PodFact, locks: Look<LocksFacts> | null, living: readonly PodSilence[]): boolean {
  if (locks?.kind !== 'answered') return false;
  return locks.waits.some(
    ({ waiting, holders }) =>
      isOf(pod, waiting) &&
      holders.some((holder) => living.some((peer) => peer.pod !== pod && isOf(peer.pod, holder))),
  );
}

/**
 * The living pods that we watch, and rows of components that we do not; what has ended, or died with its pod, does not count. Neither
 * does a row of the future: by a clock that is ahead nobody can tell when it stopped.
 */
function writersOf(jobs: JobsFacts, living: readonly PodSilence[]): readonly Writer[] {
  const watched = new Set(living.map(({ pod }) => pod.component));
  const pods = living.flatMap(({ pod, silentMs }) =>
    silentMs === null ? [] : [{ component: pod.component, silentMs }],
  );
  const others = jobs.rows
    .filter(({ component, state }) => state === 'running' && !watched.has(component))
    .filter(({ heartbeatAgeSeconds }) => heartbeatAgeSeconds * SECOND_MS >= -AHEAD_MS)
    .map((row) => ({ component: row.component, silentMs: row.heartbeatAgeSeconds * SECOND_MS }));
  return [...pods, ...others];
}
