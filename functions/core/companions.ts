import type { Look } from './observation.ts';
import type { EpochMs } from './time.ts';

/** What the database tells of the work of those who run beside the schedulers. */
export interface Companions {
  readonly triggers: Look<TriggersFacts>;
  readonly parsing: Look<ParsingFacts>;
}

/** Triggers by who has taken them; none where no task is deferred. */
export interface TriggersFacts {
  /** Most first, at most fifty. */
  readonly groups: readonly TriggerGroup[];
  /** There are more than are counted here, so that nobody's share is known. */
  readonly isCut: boolean;
}

export interface TriggerGroup {
  /** Row of the triggerer that has taken them; null: nobody has. */
  readonly jobId: number | null;
  readonly triggers: number;
  /** Those among them that a deferred task waits for and any triggerer may take: of no queue and no team. */
  readonly waited: number;
  /** Since the oldest of these was made. */
  readonly waitedForSeconds: number | null;
  /** Deferred tasks whose own time has run out, and for how long. */
  readonly overdue: number;
  readonly overdueForSeconds: number | null;
}

/** When DAG files were last parsed. */
export interface ParsingFacts {
  /** By bundle; before Airflow 3 all files are one, called `files`. At most fifty, the newest parse first. */
  readonly bundles: readonly {
    readonly bundle: string;
    readonly dags: number;
    readonly parsedAgoSeconds: number | null;
  }[];
  /** Since a file last failed to be imported, which is parsing, too. */
  readonly failedAgoSeconds: number | null;
}

/** What is remembered of the work of one pod's present life. */
export type WorkMemory =
  | {
      readonly kind: 'held';
      /** The most triggers that it had at once: so much room it has. */
      readonly most: number;
    }
  | {
      readonly kind: 'pace';
      /** The last look at it. */
      readonly at: EpochMs;
      readonly agoSeconds: number;
      /** How often it was seen to go on, and the longest pause before that. */
      readonly moves: number;
      readonly worstSeconds: number;
    };
