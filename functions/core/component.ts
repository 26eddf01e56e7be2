import type { Cause } from './cause.ts';
import type { Companions, WorkMemory } from './companions.ts';
import type { JobsFacts, Look, ProgressFacts } from './observation.ts';
import { parsedAgoSeconds, parsingMotion, rememberPace } from './parsing.ts';
import { LIMITS, type Policy } from './policy.ts';
import { type Motion, motionOf } from './progress.ts';
import { COMPONENTS, type ComponentName } from './target.ts';
import type { DurationMs, EpochMs } from './time.ts';
import { heldBy, triggersMotion } from './triggers.ts';

/** What there is to be known of the work of one pod. */
export interface WorkAsk {
  readonly policy: Policy;
  readonly jobs: Look<JobsFacts> | null;
  readonly progress: Look<ProgressFacts> | null;
  /** null: nobody was asked. */
  readonly companions: Companions | null;
  /** Its own row; null: not known. */
  readonly jobId: number | null;
  /** What was remembered of this life. */
  readonly before: WorkMemory | null;
  readonly now: EpochMs;
}

/** Whether it moves, and what is to be remembered of it; null: nobody tells. */
export interface Work {
  readonly motion: Motion | null;
  readonly memory: WorkMemory | null;
}

/** All that differs between components stands in a row of theirs: nothing else asks for one by name. */
interface ComponentRow {
  /** `job.job_type`; never the class names ("SchedulerJobRunner"). */
  readonly jobType: string;
  /** An Airflow without it is none. */
  readonly isEssential: boolean;
  /** It has a health server of its own, on 8974 by default. */
  readonly hasOwnHealth: boolean;
  /** It works under locks that all of its kind take, so that one lock may stop every one of them. */
  readonly locksOutPeers: boolean;
  /** The database tells which tasks each of its kind has queued. */
  readonly queuesTasks: boolean;
  /** What it is when it beats and does nothing about its work. */
  readonly idleCause: Cause;
  /** How long its work may stand still at least before it is that. */
  readonly workLimitMs: (policy: Policy) => DurationMs;
  /** How long looks must go on saying so. */
  readonly workLastsMs: DurationMs;
  readonly work: (ask: WorkAsk) => Work;
}

const triggersLimitMs = ({ stallLimitMs }: Policy): DurationMs =>
  Math.max(stallLimitMs, LIMITS.triggersLeastMs);

export const COMPONENT_TABLE: Readonly<Record<ComponentName, ComponentRow>> = {
  scheduler: {
    jobType: 'SchedulerJob',
    isEssential: true,
    hasOwnHealth: true,
    locksOutPeers: true,
    queuesTasks: true,
    idleCause: 'stalled',
    workLimitMs: ({ stallLimitMs }) => stallLimitMs,
    workLastsMs: 0,
    work: ({ progress, policy, before }) => ({
      motion: progress?.kind === 'answered' ? motionOf(progress, policy) : null,
      memory: before,
    }),
  },
  triggerer: {
    jobType: 'TriggererJob',
    isEssential: false,
    hasOwnHealth: false,
    locksOutPeers: false,
    queuesTasks: false,
    idleCause: 'not-triggering',
    workLimitMs: triggersLimitMs,
    workLastsMs: LIMITS.companionLastsMs,
    work: ({ companions, jobs, jobId, before, policy }) => {
      const facts = companions?.triggers;
      if (facts?.kind !== 'answered' || jobs?.kind !== 'answered' || jobId === null)
        return { motion: null, memory: before };
      const most = Math.max(before?.kind === 'held' ? before.most : 0, heldBy(facts, jobId));
      return {
        motion: triggersMotion(facts, jobs.rows, { jobId, most }, triggersLimitMs(policy)),
        memory: { kind: 'held', most },
      };
    },
  },
  'dag-processor': {
    jobType: 'DagProcessorJob',
    isEssential: false,
    hasOwnHealth: false,
    locksOutPeers: false,
    queuesTasks: false,
    idleCause: 'not-parsing',
    workLimitMs: () => LIMITS.parsingLeastMs,
    workLastsMs: LIMITS.companionLastsMs,
    work: ({ companions, before, now }) => {
      const facts = companions?.parsing;
      const ago = facts?.kind === 'answered' ? parsedAgoSeconds(facts) : null;
      if (facts?.kind !== 'answered') return { motion: null, memory: before };
      const known = before?.kind === 'pace' ? before : null;
      const pace = ago === null ? known : rememberPace(known, ago, now);
      return { motion: parsingMotion(facts, pace), memory: pace };
    },
  },
};

const IDLE_CAUSES: ReadonlySet<Cause> = new Set(COMPONENTS.map((name) => COMPONENT_TABLE[name].idleCause));

/** It is said of who beats and does nothing about its work. */
export function isIdleCause(cause: Cause): boolean {
  return IDLE_CAUSES.has(cause);
}
