import type { ParsingFacts, WorkMemory } from './companions.ts';
import { LIMITS } from './policy.ts';
import type { Motion } from './progress.ts';
import { type DurationMs, type EpochMs, formatDuration, SECOND_MS } from './time.ts';

type Pace = Extract<WorkMemory, { readonly kind: 'pace' }>;

/** Since the newest sign of parsing: a file that was taken in, or one that failed to be. null: there is no DAG and no failure. */
export function parsedAgoSeconds({ bundles, failedAgoSeconds }: ParsingFacts): number | null {
  const signs = [...bundles.map((bundle) => bundle.parsedAgoSeconds), failedAgoSeconds];
  const known = signs.filter((ago) => ago !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Two signs that differ by less are one and the same. */
const SAME_SECONDS = 2;

/** What a look adds to what is known of the pace of one life: its setting changes with a restart only. */
export function rememberPace(before: Pace | null, agoSeconds: number, now: EpochMs): Pace {
  if (before === null) return { kind: 'pace', at: now, agoSeconds, moves: 0, worstSeconds: 0 };
  const pauseSeconds = before.agoSeconds + (now - before.at) / SECOND_MS - agoSeconds;
  const { moves, worstSeconds } = before;
  if (pauseSeconds < SAME_SECONDS) return { kind: 'pace', at: now, agoSeconds, moves, worstSeconds };
  return {
    kind: 'pace',
    at: now,
    agoSeconds,
    moves: moves + 1,
    worstSeconds: Math.max(worstSeconds, Math.round(pauseSeconds)),
  };
}

/**
 * Files are parsed anew every 30 s by default, and every few hours where somebody wants that: only the pace of this very life tells
 * what is long. Before it is known, the longest limit holds.
 */
export function parsingLimit(pace: Pace | null): { readonly limitMs: DurationMs; readonly from: string } {
  const most = LIMITS.parsingMostMs;
  if (pace === null || pace.moves < LIMITS.parsingSamples)
    return {
      limitMs: most,
      from: `${pace?.moves ?? 0} of ${LIMITS.parsingSamples} pauses of this life known, so the safe start`,
    };
  const limitMs = Math.min(
    most,
    Math.max(LIMITS.parsingLeastMs, pace.worstSeconds * LIMITS.parsingFactor * SECOND_MS),
  );
  return {
    limitMs,
    from: `${LIMITS.parsingFactor} × the longest pause of this life (${pace.worstSeconds} s), at least ${formatDuration(LIMITS.parsingLeastMs)}, at most ${formatDuration(most)}`,
  };
}

/** Whether any file is parsed at all: one bundle that is left out is told, and convicts nobody. */
export function parsingMotion(facts: ParsingFacts, pace: Pace | null): Motion {
  const ago = parsedAgoSeconds(facts);
  if (ago === null) return { kind: 'idle', why: 'there is no DAG to parse' };
  const { limitMs } = parsingLimit(pace);
  const text = formatDuration(Math.max(0, ago) * SECOND_MS);
  if (ago * SECOND_MS <= limitMs)
    return { kind: 'moving', decidedAgoSeconds: ago, why: `a file was parsed ${text} ago` };
  const dags = facts.bundles.reduce((sum, bundle) => sum + bundle.dags, 0);
  return {
    kind: 'waiting',
    forSeconds: ago,
    why: `no file of ${dags} DAG(s) was parsed for ${text}, limit ${formatDuration(limitMs)}`,
  };
}
