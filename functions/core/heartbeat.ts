import { type LearnedAges, worstAge } from './ages.ts';
import type { HttpFacts, JobRow, JobsFacts, Look } from './observation.ts';
import type { PodFact } from './pod.ts';
import { LIMITS, type Policy } from './policy.ts';
import { type DurationMs, type EpochMs, formatDuration, SECOND_MS } from './time.ts';

/** The heartbeat of one pod's present incarnation. */
export interface HeartbeatFacts {
  readonly source: 'database' | 'web';
  /** The clock by which the age was measured; null when it is not known. */
  readonly sourceNow: EpochMs | null;
  /** null: the source answers, but has no heartbeat of this incarnation. */
  readonly ageSeconds: number | null;
  /** How long this incarnation has been beating, as its own row proves; null when unknown. */
  readonly beatingForSeconds: number | null;
  readonly jobId: number | null;
  readonly state: string | null;
}

/** Its row in the database; null where no database told of it. */
export function jobIdOf(heartbeat: Look<HeartbeatFacts> | null): number | null {
  return heartbeat?.kind === 'answered' ? heartbeat.jobId : null;
}

/** Names under which Airflow may have written this pod into `job.hostname`. */
export function isHostOf(pod: PodFact, hostname: string): boolean {
  // kubelet cuts the hostname at 63 characters and strips what may not stand at the end.
  const cut = pod.name.slice(0, 63).replace(/[-.]+$/, '');
  if (hostname === pod.name || hostname === cut || hostname.startsWith(`${pod.name}.`)) return true;
  if (pod.hostname !== null && (hostname === pod.hostname || hostname.startsWith(`${pod.hostname}.`))) {
    // `spec.hostname` alone is not unique; with a subdomain it must match that, too.
    return (
      pod.subdomain === null ||
      hostname === pod.hostname ||
      hostname.startsWith(`${pod.hostname}.${pod.subdomain}`)
    );
  }
  return pod.ips.includes(hostname);
}

/**
 * A row counts for this container only if it began with it: StatefulSets reuse names, restarts reuse pods. Ages are compared, each by
 * the clock of whoever told it, so that ours is not asked.
 */
function isThisIncarnation(row: JobRow, containerAgeMs: DurationMs): boolean {
  const secondsAgo = row.startedSecondsAgo ?? row.heartbeatAgeSeconds;
  return secondsAgo * SECOND_MS <= containerAgeMs + LIMITS.incarnationSlackMs;
}

/** The newest row of this very incarnation, or null. */
export function rowOf(pod: PodFact, rows: readonly JobRow[], containerAgeMs: DurationMs): JobRow | null {
  let newest: JobRow | null = null;
  for (const row of rows) {
    if (row.component !== pod.component || !isHostOf(pod, row.hostname)) continue;
    if (!isThisIncarnation(row, containerAgeMs)) continue;
    if (newest === null || row.heartbeatAgeSeconds < newest.heartbeatAgeSeconds) newest = row;
  }
  return newest;
}

/** What the web health says about this pod; it can speak of one pod only when it lists instances or the pod is alone. */
function webHeartbeat(pod: PodFact, web: HttpFacts, alone: boolean): HeartbeatFacts | null {
  const component = web.components[pod.component];
  if (component === undefined || component.says === null || web.database !== 'healthy') return null;
  const none = {
    source: 'web',
    sourceNow: null,
    beatingForSeconds: null,
    jobId: null,
    state: null,
  } as const;
  if (component.instances !== null) {
    const own = component.instances.find((instance) => isHostOf(pod, instance.hostname));
    return { ...none, ageSeconds: own?.heartbeatAgeSeconds ?? null };
  }
  return alone ? { ...none, ageSeconds: component.heartbeatAgeSeconds } : null;
}

/**
 * The best heartbeat there is for a pod: the database, else a web health that can speak of it, else null (no source).
 * @param alone no other pod of this component is there
 * @param containerAgeMs since its container runs, by the API server's clock
 */
export function heartbeatOf(
  pod: PodFact,
  jobs: Look<JobsFacts> | null,
  web: readonly Look<HttpFacts>[],
  alone: boolean,
  containerAgeMs: DurationMs,
): Look<HeartbeatFacts> | null {
  if (jobs?.kind === 'answered') {
    const row = rowOf(pod, jobs.rows, containerAgeMs);
    return {
      kind: 'answered',
      at: jobs.at,
      tookMs: jobs.tookMs,
      source: 'database',
      sourceNow: jobs.databaseNow,
      ageSeconds: row?.heartbeatAgeSeconds ?? null,
      beatingForSeconds:
        row?.startedSecondsAgo == null ? null : Math.max(0, row.startedSecondsAgo - row.heartbeatAgeSeconds),
      jobId: row?.id ?? null,
      state: row?.state ?? null,
    };
  }
  if (jobs !== null) return jobs;
  for (const look of web) {
    if (look.kind !== 'answered' || look.from !== 'web') continue;
    const facts = webHeartbeat(pod, look, alone);
    if (facts !== null) return { kind: 'answered', at: look.at, tookMs: look.tookMs, ...facts };
  }
  return null;
}

export interface HeartbeatLimit {
  readonly limitMs: DurationMs;
  /** From here on an age is looked at again at once. */
  readonly suspectMs: DurationMs;
  /** Where the number came from, for `explain`. */
  readonly from: string;
}

/** The limit for one component of a target: configured, or learned from its own healthy ages. */
export function heartbeatLimit(policy: Policy, ages: LearnedAges): HeartbeatLimit {
  const worst = worstAge(ages);
  const found =
    policy.heartbeatLimitMs === 'auto' ? learned(ages, worst) : configured(policy.heartbeatLimitMs);
  const calm = Math.max(LIMITS.suspectAgeMs, worst * 1.1 * SECOND_MS);
  return { ...found, suspectMs: Math.min(calm, found.limitMs / 2) };
}

function configured(limitMs: DurationMs) {
  return { limitMs, from: 'policy.heartbeatLimit' };
}

function learned(ages: LearnedAges, worstSeconds: number) {
  const { samples, days } = ages;
  if (samples < LIMITS.autoHeartbeatSamples) {
    const limitMs = LIMITS.autoHeartbeatStartMs;
    return {
      limitMs,
      from: `auto: ${samples} of ${LIMITS.autoHeartbeatSamples} healthy ages known, so the safe start`,
    };
  }
  // Slow spells come by the night and by the week: before a week is known the safe start is the least.
  const isWeek = days.length >= LIMITS.ageDaysKept;
  const leastMs = isWeek ? LIMITS.autoHeartbeatLeastMs : LIMITS.autoHeartbeatStartMs;
  const wantedMs = worstSeconds * LIMITS.autoHeartbeatFactor * SECOND_MS;
  // A silence that has proved healthy is never held against anybody again, however long it was.
  const provedMs = worstSeconds * LIMITS.autoHeartbeatProvedFactor * SECOND_MS;
  const limitMs = Math.round(
    Math.max(Math.min(LIMITS.autoHeartbeatMostMs, Math.max(leastMs, wantedMs)), provedMs),
  );
  const known = isWeek ? 'a week' : `${days.length} day(s)`;
  return {
    limitMs,
    from: `auto: ${LIMITS.autoHeartbeatFactor} × the worst healthy age of ${known} (${worstSeconds.toFixed(1)} s), at least ${formatDuration(leastMs)}, at most ${formatDuration(LIMITS.autoHeartbeatMostMs)} or ${LIMITS.autoHeartbeatProvedFactor} × what has proved healthy`,
  };
}
