import { LIMITS } from './policy.ts';
import { type DurationMs, formatDuration } from './time.ts';

/** What a tick notices about itself while it runs. */
export interface SelfFacts {
  /** How long after the moment the schedule meant it began. */
  readonly lateMs: DurationMs;
  /** The most that a sleep or a look with a deadline took too long: the event loop stood still, or we get no CPU. */
  readonly stalledMs: DurationMs;
  /** Looks at API servers and databases so far, and how many were throttled (429). */
  readonly looks: number;
  readonly throttled: number;
  /** Clusters asked, and those of which no target answered. */
  readonly clusters: number;
  readonly silentClusters: number;
}

export const SELF_AT_START: SelfFacts = {
  lateMs: 0,
  stalledMs: 0,
  looks: 0,
  throttled: 0,
  clusters: 0,
  silentClusters: 0,
};

/** Why this tick may be the sick one, one sentence each. A tick that doubts itself needs more looks over more time to convict. */
export function doubtsOf(facts: SelfFacts): readonly string[] {
  const doubts: string[] = [];
  if (facts.lateMs > LIMITS.selfLateMs) doubts.push(`it began ${formatDuration(facts.lateMs)} late`);
  if (facts.stalledMs > LIMITS.selfStallMs)
    doubts.push(`it stood still for ${formatDuration(facts.stalledMs)} longer than it meant to`);
  if (facts.throttled > 0 && facts.throttled >= facts.looks * LIMITS.selfThrottledShare)
    doubts.push(`${facts.throttled} of its ${facts.looks} looks were throttled`);
  if (
    facts.silentClusters >= LIMITS.selfSilentClustersLeast &&
    facts.silentClusters >= facts.clusters * LIMITS.selfSilentClustersShare
  )
    doubts.push(`${facts.silentClusters} of ${facts.clusters} clusters are silent at once`);
  return doubts;
}
