import { isWell } from './cause.ts';
import { isLiving } from './patient.ts';
import { LIMITS } from './policy.ts';
import { type Replayable, replay } from './replay.ts';
import type { Target } from './target.ts';
import { type DurationMs, type EpochMs, formatDuration } from './time.ts';

/** A removal that mode `remediate` would have made, and what later looks show of its pod. */
export interface WouldBe {
  readonly tick: string;
  readonly pod: string;
  readonly proof: 'right' | 'wrong' | 'unknown';
  readonly says: string;
}

/** A pod that is still sick after so long would not have come back by itself. */
const STILL_SICK_MS: DurationMs = LIMITS.provedMostMs;

/** @param kept oldest first */
export function wouldBeRemovals(target: Target, kept: readonly (Replayable | null)[]): readonly WouldBe[] {
  const known = kept.flatMap((one) => one ?? []);
  const found: WouldBe[] = [];
  /** Pods whose removal goes on being wanted: that is one removal, however many ticks it takes. */
  let wanted: ReadonlySet<string> = new Set();
  for (const [at, one] of known.entries()) {
    const subject = subjectOf(target, one);
    if (subject !== null && !wanted.has(subject.uid)) found.push(proofOf(subject, known.slice(at)));
    const sick = one.looks.pods.filter(({ uid }) => wanted.has(uid) && !isSeenWell(one, uid));
    wanted = new Set([...sick.map(({ uid }) => uid), ...(subject === null ? [] : [subject.uid])]);
  }
  return found;
}

interface Wanted {
  readonly pod: string;
  readonly uid: string;
}

/** Whom the tick would have removed, had nothing but the mode held it. */
function subjectOf(target: Target, kept: Replayable): Wanted | null {
  const { policy, decided } = kept.recording;
  if (!decided.startsWith('hold watch-mode ')) return null;
  const { decision } = replay(target, kept, { ...policy, mode: 'remediate' }).concluded;
  return decision.kind === 'remove' ? { pod: decision.pod, uid: decision.uid } : null;
}

function proofOf({ pod, uid }: Wanted, [then, ...after]: readonly Replayable[]): WouldBe {
  const at = then?.at ?? 0;
  const life = lifeOf(then, uid);
  const told = { tick: then?.tick ?? '', pod };
  let lastSickAt = at;
  for (const later of after) {
    const present = later.looks.pods.find((one) => one.uid === uid);
    const agoMs = later.at - at;
    if (present === undefined || !isLiving({ ...present, namespace: '', labels: {} }))
      return {
        ...told,
        proof: 'right',
        says: `it was gone ${formatDuration(agoMs)} later, and had not got well`,
      };
    if (lifeOf(later, uid) !== life)
      return {
        ...told,
        proof: 'right',
        says: `its container was started anew within ${formatDuration(agoMs)}`,
      };
    if (isSeenWell(later, uid)) return { ...told, ...recovered(lastSickAt - at, agoMs) };
    lastSickAt = later.at;
  }
  const sickMs = lastSickAt - at;
  return sickMs >= STILL_SICK_MS
    ? { ...told, proof: 'right', says: `it was still sick ${formatDuration(sickMs)} later` }
    : { ...told, proof: 'unknown', says: 'no later look shows what became of it' };
}

/** Who comes back after longer than any loop takes was wedged, and not slow. */
function recovered(sickForMs: DurationMs, wellAfterMs: DurationMs): Pick<WouldBe, 'proof' | 'says'> {
  return sickForMs >= LIMITS.provedMostMs
    ? { proof: 'right', says: `it got well by itself, but only after ${formatDuration(sickForMs)}` }
    : { proof: 'wrong', says: `it was well again by itself within ${formatDuration(wellAfterMs)}` };
}

function isSeenWell({ trail = [] }: Replayable, uid: string): boolean {
  const brief = trail.at(-1)?.pods.find((one) => one.uid === uid);
  return brief !== undefined && isWell(brief.cause);
}

function lifeOf(kept: Replayable | undefined, uid: string): EpochMs | null {
  return kept?.looks.pods.find((one) => one.uid === uid)?.container?.runningSince ?? null;
}
