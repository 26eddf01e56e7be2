import { learnAge, NO_AGES } from './ages.ts';
import { type Cause, isWell } from './cause.ts';
import { COMPONENT_TABLE } from './component.ts';
import { rememberComponents } from './component-health.ts';
import { isDatabaseSick } from './database-state.ts';
import { isAnySick, type Judged } from './decision.ts';
import { rememberHeld } from './locks.ts';
import { keptMemory, samplesPerPod } from './memory-samples.ts';
import { parsedAgoSeconds } from './parsing.ts';
import { isFresh, isLiving, type Patient, type TargetLooks } from './patient.ts';
import { LIMITS } from './policy.ts';
import type { PodMemory, Proven, TargetState } from './state.ts';
import { extendStreak } from './streak.ts';
import type { ComponentName, Target } from './target.ts';
import { type DurationMs, type EpochMs, SECOND_MS } from './time.ts';

/** When a round of looks was made, and by what kind of a tick. */
export interface LookedAt {
  readonly now: EpochMs;
  /** Time between the starts of two ticks. */
  readonly slotMs: DurationMs;
  /** The tick doubts itself. */
  readonly inDoubt: boolean;
}

/** Remembers one round of looks: streaks, beats, what was seen well, the database's troubles, what is learned. Pure. */
export function rememberLooks(
  state: TargetState,
  target: Target,
  looks: TargetLooks,
  judged: readonly Judged[],
  at: LookedAt,
): TargetState {
  const { now } = at;
  const pods: Record<string, PodMemory> = {};
  const samples = samplesPerPod(judged.length);
  for (const entry of judged) {
    const { uid } = entry.patient.pod;
    pods[uid] = rememberPod(state.pods[uid] ?? null, entry, at, samples);
  }
  return {
    ...state,
    pods,
    components: rememberComponents(state, target, looks, judged, now),
    proven: rememberProven(state.proven, looks, judged, now),
    database: rememberDatabase(state, judged, now),
    heldSince: rememberHeld(state.heldSince, looks.locks, now),
    ages: rememberAges(state, judged, now),
    sickSince: isAnySick(judged) ? (state.sickSince ?? now) : null,
  };
}

/** Nothing of the target could be seen: everything stays as it was, but it is not well. */
export function rememberBlindness(state: TargetState, now: EpochMs): TargetState {
  return { ...state, sickSince: state.sickSince ?? now };
}

function rememberPod(
  before: PodMemory | null,
  { patient, verdict }: Judged,
  { now, slotMs, inDoubt }: LookedAt,
  samples: number,
): PodMemory {
  const { pod, policy, beat, work, hand } = patient;
  const runningSince = pod.container?.runningSince ?? null;
  const same = before !== null && before.runningSince === runningSince ? before : null;
  const isSameCause = before?.cause === verdict.cause;
  return {
    name: pod.name,
    component: pod.component,
    runningSince,
    seenBeating: (same?.seenBeating ?? false) || isFresh(patient),
    restarts: pod.container?.restarts ?? 0,
    restartedAt: restartsOf(before, patient, now),
    ...keptMemory(same, patient, now, samples),
    beat,
    ...(work === null ? {} : { work }),
    ...(hand === null ? {} : { hand }),
    streak: extendStreak(same?.streak ?? null, verdict, now, policy, slotMs, inDoubt),
    cause: verdict.cause,
    since: isSameCause ? before.since : now,
    why: verdict.why,
  };
}

/** Whoever is started anew while the database is sick is so for its sake: that is the database's story, and no crash loop. */
function restartsOf(
  before: PodMemory | null,
  { pod, database }: Pick<Patient, 'pod' | 'database'>,
  now: EpochMs,
): PodMemory['restartedAt'] {
  if (before === null) return [];
  const isExplained = isDatabaseSick(database) || database.kind === 'recovering';
  const isAnew = (pod.container?.restarts ?? 0) > before.restarts && !isExplained;
  if (!isAnew && before.restartedAt.length === 0) return before.restartedAt;
  const recent = before.restartedAt.filter((at) => Math.abs(now - at) < LIMITS.crashLoopMs);
  return isAnew ? [...recent, now].slice(-LIMITS.crashLoopRestarts) : recent;
}

function rememberProven(proven: Proven, looks: TargetLooks, judged: readonly Judged[], now: EpochMs): Proven {
  const heartbeat: Partial<Record<ComponentName, EpochMs>> = { ...proven.heartbeat };
  for (const { patient, verdict } of judged)
    if (isFresh(patient) && isWell(verdict.cause)) heartbeat[patient.pod.component] = now;
  const answers = [...Object.values(looks.own), ...looks.urls.map(({ look }) => look)];
  const isWellOwn = answers.some(
    (look) => look.kind === 'answered' && look.from !== 'web' && look.says === 'healthy',
  );
  const works = (cause: Cause) =>
    judged.some(
      ({ patient: { pod, motion } }) =>
        COMPONENT_TABLE[pod.component].idleCause === cause && motion !== null && motion.kind !== 'waiting',
    );
  return {
    heartbeat,
    own: isWellOwn ? now : proven.own,
    web: answers.some((look) => look.kind === 'answered' && look.from === 'web') ? now : proven.web,
    health: answers.some((look) => look.kind === 'answered' && look.says === 'healthy') ? now : proven.health,
    progress: works('stalled') ? now : proven.progress,
    kubelet: looks.kubelet?.kind === 'answered' ? now : proven.kubelet,
    locks: looks.locks?.kind === 'answered' ? now : proven.locks,
    ...(looks.work?.kind === 'answered' ? { work: now } : { work: proven.work ?? null }),
    ...provenCompanions(proven, looks.companions, now),
  };
}

/** That a question was answered proves nothing of the work: somebody had taken triggers, and some file was parsed of late. */
function provenCompanions(
  { triggers, parsing }: Proven,
  companions: TargetLooks['companions'],
  now: EpochMs,
): Pick<Proven, 'triggers' | 'parsing'> {
  const isTaken =
    companions?.triggers.kind === 'answered' &&
    companions.triggers.groups.some(({ jobId, waited }) => jobId !== null && waited > 0);
  const ago = companions?.parsing.kind === 'answered' ? parsedAgoSeconds(companions.parsing) : null;
  const isParsed = ago !== null && ago * SECOND_MS <= LIMITS.parsingLeastMs;
  return {
    ...(isTaken ? { triggers: now } : triggers === undefined ? {} : { triggers }),
    ...(isParsed ? { parsing: now } : parsing === undefined ? {} : { parsing }),
  };
}

/** Locks that are no pod's of ours, as far as can be seen: whoever was kept by them needs a moment to go on, too. */
const OTHERS_LOCKS: ReadonlySet<string> = new Set(['lock-of-stranger', 'lock-of-somebody']);

/** Whoever tells of trouble with the database, a lock of somebody else included, begins the same grace once it is over. */
function rememberDatabase(
  state: TargetState,
  judged: readonly Judged[],
  now: EpochMs,
): TargetState['database'] {
  const [first] = judged;
  if (first === undefined) return state.database;
  const { database } = first.patient;
  const isDown = isDatabaseSick(database) || judged.some(({ verdict }) => OTHERS_LOCKS.has(verdict.rule));
  if (isDown) {
    return state.database.downSince === null ? { downSince: now, backAt: null } : state.database;
  }
  if (state.database.downSince !== null && database.kind !== 'unreadable')
    return { downSince: null, backAt: now };
  return state.database;
}

/**
 * A silence was healthy if a beat came after it, and only then: the silence of a pod that is just dying must not raise its own
 * limit. Who comes back after longer than any loop was wedged, not slow. Not while the database has trouble: those silences are its own.
 */
function rememberAges(state: TargetState, judged: readonly Judged[], now: EpochMs): TargetState['ages'] {
  const worst = new Map<ComponentName, number>();
  for (const { patient } of judged) {
    const { pod, beat, database } = patient;
    const before = state.pods[pod.uid]?.beat ?? null;
    if (beat === null || before === null || beat.movedAt !== now || !isLiving(pod)) continue;
    if (database.kind !== 'up' && database.kind !== 'none') continue;
    if (before.silentMs <= LIMITS.provedMostMs)
      worst.set(pod.component, Math.max(worst.get(pod.component) ?? 0, before.silentMs));
  }
  if (worst.size === 0) return state.ages;
  const ages = { ...state.ages };
  for (const [component, silentMs] of worst)
    ages[component] = learnAge(ages[component] ?? NO_AGES, silentMs / SECOND_MS, now);
  return ages;
}
