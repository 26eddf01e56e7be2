import type { HeartbeatFacts } from './heartbeat.ts';
import type { Look } from './observation.ts';
import { LIMITS } from './policy.ts';
import { type DurationMs, type EpochMs, SECOND_MS } from './time.ts';

/** What is remembered of one pod's heartbeat between looks. */
export interface BeatMemory {
  readonly source: HeartbeatFacts['source'];
  /** The newest beat, on the clock of whoever told of it. */
  readonly at: EpochMs;
  /** That clock when we last looked, and ours. */
  readonly sourceNow: EpochMs;
  readonly lookedAt: EpochMs;
  /** Ours when the beat was last seen to have moved on; null until then. */
  readonly movedAt: EpochMs | null;
  /** How much older its beats look than they are: another clock on its node, or a lagging copy. Negative: a clock ahead. */
  readonly offsetMs: DurationMs;
  /**
   * Its clock has been told: a beat was seen young, or seen to move within a tick. Until then an old beat that moves once a minute
   * may be a living one of a clock that is behind.
   */
  readonly clockKnown: boolean;
  /** The teller's clock when it first no longer listed this pod; null while it does. */
  readonly unlistedAt: EpochMs | null;
  /** For how long it had been silent at the last look. */
  readonly silentMs: DurationMs;
  /** The first of the looks without a gap at which this was the newest beat, by our clock: whatever ended before it let the pod beat again. */
  readonly watchedSince: EpochMs;
  /** The last silence, longer than any instance is listed for, that a beat ended: its first moment on the teller's clock, its end on ours. */
  readonly silence: { readonly from: EpochMs; readonly endedAt: EpochMs } | null;
}

/** Two beats are at least 5 s apart; web answers round to whole seconds. */
const MOVED_LEAST_MS = 2 * SECOND_MS;
/** Looks this close together belong to one tick; who beats between two of them is alive now. */
const SAME_TICK_MS = 20 * SECOND_MS;
/** An outage that fits between two looks this close together, and the reconnect after it, are shorter than any learned limit. */
const WITHOUT_GAP_MS = 10 * SECOND_MS;
/** A row may be written this much ahead by rounding and by the write's own duration. */
export const AHEAD_MS = 5 * SECOND_MS;

/**
 * Brings the memory up to date with a look; null while no beat of this incarnation is known. A heartbeat that moves between
 * looks is life whatever its age: its age then only tells how far its clock is from the database's.
 */
export function rememberBeat(
  before: BeatMemory | null,
  look: Look<HeartbeatFacts> | null,
  now: EpochMs,
): BeatMemory | null {
  if (look?.kind !== 'answered') return before;
  const sourceNow = look.sourceNow ?? look.at;
  if (look.ageSeconds === null) return before === null ? null : unlisted(before, sourceNow, now);
  const at = sourceNow - look.ageSeconds * SECOND_MS;
  const { source } = look;
  if (before === null || before.source !== source) {
    const ageMs = sourceNow - at;
    const offsetMs = ageMs < -AHEAD_MS ? ageMs : 0;
    return {
      source,
      at,
      sourceNow,
      lookedAt: now,
      movedAt: null,
      offsetMs,
      clockKnown: isYoung(ageMs),
      unlistedAt: null,
      silentMs: ageMs - offsetMs,
      watchedSince: now,
      silence: null,
    };
  }
  const movedMs = at - before.at;
  // Also backwards, where the teller has a clock of its own or the pod's was ahead: that clock was set back, and somebody writes by it.
  const mayGoBack = look.sourceNow !== null || before.offsetMs < 0;
  const hasMoved = movedMs >= MOVED_LEAST_MS || (movedMs <= -MOVED_LEAST_MS && mayGoBack);
  if (!hasMoved) return ageing({ ...before, at: Math.max(at, before.at), unlistedAt: null }, sourceNow, now);
  const ageMs = sourceNow - at;
  const inOneTick = now - before.lookedAt <= SAME_TICK_MS;
  const offsetMs = offsetOf(before, at, ageMs, inOneTick);
  return {
    source,
    at,
    sourceNow,
    lookedAt: now,
    movedAt: now,
    offsetMs,
    // A clock that has just been found to be further off may be off by more than that.
    clockKnown: inOneTick || isYoung(ageMs) || (before.clockKnown && offsetMs <= before.offsetMs),
    unlistedAt: null,
    silentMs: Math.max(0, ageMs - offsetMs),
    watchedSince: now,
    silence:
      before.silentMs > LIMITS.listedMs
        ? { from: before.at + before.offsetMs, endedAt: now }
        : before.silence,
  };
}

/** An outage that no look met may have ended just before the first look; who was watched for longer than a reconnect takes has none to come. */
export function mayReconnectForMs(beat: BeatMemory | null): DurationMs {
  return beat !== null && beat.lookedAt - beat.watchedSince >= LIMITS.reconnectMs ? 0 : LIMITS.reconnectMs;
}

const isYoung = (ageMs: DurationMs) => ageMs >= -AHEAD_MS && ageMs <= LIMITS.clockOffsetMs;

/**
 * The teller answers, and has no beat of it. A web server lists whoever beat within 30 s, so one that has left its list may have
 * beaten until 30 s before we first missed it, whatever we had seen of it until then.
 */
function unlisted(before: BeatMemory, sourceNow: EpochMs, now: EpochMs): BeatMemory {
  const aged = ageing(before, sourceNow, now);
  const unlistedAt = before.unlistedAt ?? sourceNow;
  if (before.source !== 'web') return { ...aged, unlistedAt };
  return { ...aged, unlistedAt, silentMs: Math.min(aged.silentMs, LIMITS.listedMs + sourceNow - unlistedAt) };
}

/** Nothing new came: the silence grows by the teller's clock, so that a jump of ours neither ages nor revives a pod. */
function ageing(before: BeatMemory, sourceNow: EpochMs, now: EpochMs): BeatMemory {
  const silentMs = Math.max(0, sourceNow - before.at - before.offsetMs);
  const sinceMs = now - before.lookedAt;
  const watchedSince = sinceMs >= 0 && sinceMs <= WITHOUT_GAP_MS ? before.watchedSince : now;
  return { ...before, sourceNow, lookedAt: now, silentMs, watchedSince };
}

/**
 * A beat from before our last look that was not there then was written by another clock, or read from a copy that lags. Within one
 * tick the age of a moving row is that difference itself. Between two ticks the difference is that age at most: whoever has moved since
 * the last look may have beaten just now. The least age of all such looks comes nearest to it.
 */
function offsetOf(before: BeatMemory, at: EpochMs, ageMs: DurationMs, inOneTick: boolean): DurationMs {
  if (inOneTick) return ageMs < -AHEAD_MS || ageMs > LIMITS.clockOffsetMs ? ageMs : 0;
  if (ageMs < -AHEAD_MS) return Math.min(before.offsetMs, ageMs);
  // A clock ahead makes silence look short: that it no longer is ahead takes two beats in a row that say so.
  const wasAhead = before.sourceNow - before.at < -AHEAD_MS || before.movedAt !== before.lookedAt;
  if (before.offsetMs < 0 && wasAhead) return before.offsetMs;
  const leastMs = before.sourceNow - at;
  const known = Math.max(0, Math.min(before.offsetMs, ageMs));
  const stands = leastMs <= known || (before.clockKnown && leastMs <= LIMITS.clockOffsetMs);
  const isMeasured = before.clockKnown || before.offsetMs > 0;
  const offsetMs = stands && isMeasured ? known : ageMs;
  return offsetMs > LIMITS.clockOffsetMs ? offsetMs : 0;
}
