import { type DurationMs, HOUR_MS, MINUTE_MS, SECOND_MS } from './time.ts';

/** `watch` never acts; `remediate` removes a sick pod once every guard agrees. */
export type Mode = 'watch' | 'remediate';

/** Every threshold that a target may set. Units are in the names; defaults and their sources are in `POLICY_DOCS`. */
export interface Policy {
  readonly mode: Mode;
  readonly failures: number;
  readonly heartbeatLimitMs: DurationMs | 'auto';
  readonly stallLimitMs: DurationMs;
  readonly unreachableLimitMs: DurationMs;
  readonly startupGraceMs: DurationMs;
  readonly databaseGraceMs: DurationMs;
  readonly recoveryLimitMs: DurationMs;
  readonly cooldownMs: DurationMs;
  readonly budget: { readonly removals: number; readonly perMs: DurationMs };
  readonly tasksRunning: 'ignore' | 'hold';
  readonly starving: 'alert' | 'remove';
}

export const DEFAULT_POLICY: Policy = {
  mode: 'watch',
  failures: 3,
  heartbeatLimitMs: 'auto',
  stallLimitMs: 5 * MINUTE_MS,
  unreachableLimitMs: 5 * MINUTE_MS,
  startupGraceMs: 5 * MINUTE_MS,
  databaseGraceMs: MINUTE_MS,
  recoveryLimitMs: 10 * MINUTE_MS,
  cooldownMs: 15 * MINUTE_MS,
  budget: { removals: 2, perMs: 6 * HOUR_MS },
  tasksRunning: 'ignore',
  starving: 'alert',
};

/** Numbers no target may change, each with its reason. */
export const LIMITS = {
  /** A first bad look is repeated this soon. Three looks then span 6 s: more than one of Airflow's 5 s heartbeats. */
  relookEveryMs: 3 * SECOND_MS,
  /** The whole tick must end before the next one is due, with room to save and to alert. */
  tickBudgetMs: 50 * SECOND_MS,
  /** One probe may take this long. The chart's own probe gets 20 s, but ours starts no process. */
  probeDeadlineMs: 5 * SECOND_MS,
  /** A longer silence between two ticks breaks a streak: two and a half one-minute ticks. */
  streakGapMs: 150 * SECOND_MS,
  /** A tick that starts later than one slot after its minute may look but not act. */
  lateTickMs: MINUTE_MS,
  /** `auto` starts here until enough healthy ages are known; Airflow itself calls 30 s dead. */
  autoHeartbeatStartMs: 90 * SECOND_MS,
  autoHeartbeatLeastMs: 45 * SECOND_MS,
  autoHeartbeatMostMs: 180 * SECOND_MS,
  /** Healthy ages reach 5 s on 2.11 and 12 s on 3.3 (measured): four times the worst seen is far from calm. */
  autoHeartbeatFactor: 4,
  autoHeartbeatSamples: 20,
  /** Ages kept for learning: four hours of one-minute ticks. */
  healthyAgesKept: 240,
  /** An age above this is looked at again at once: Airflow beats every 5 s. */
  suspectAgeMs: 10 * SECOND_MS,
  /** A row may be older than its container by the time the process took to start. */
  incarnationSlackMs: MINUTE_MS,
  /** Heartbeats of several pods that stop this close together point at what they share. */
  togetherMs: 20 * SECOND_MS,
  /** Airflow's own health server calls a row dead after 30 s; with 10 s of slack a 503 on a fresher row is a contradiction. */
  airflowHealthMs: 20 * SECOND_MS,
  /** Waiting tasks have honest reasons (priorities, concurrency limits), so that witness is never believed sooner. */
  waitingTasksLeastMs: 5 * MINUTE_MS,
  /** Working set above this share of the limit is "near the limit" (the reports speak of 85 to 95 %). */
  memoryNearShare: 0.85,
  /** Probe events older than this say nothing about now; kubelet goes quiet after 25 and then repeats every 5 minutes. */
  probeEventFreshMs: 10 * MINUTE_MS,
  /** More than this share of targets sick at once, and at least this many, is a storm: suspect what they share, or us. */
  stormShare: 0.3,
  stormAtLeast: 3,
  stormCooldownMs: 10 * MINUTE_MS,
  /** A pod still terminating this long after its grace period is stuck. */
  stuckTerminatingMs: 3 * MINUTE_MS,
  /** An intent whose run died is taken up again for this long, then given up. */
  intentResumeMs: 10 * MINUTE_MS,
  /** How often the same removal is tried again when the API server did not answer. */
  removalAttempts: 3,
  outboxKept: 100,
} as const;

/** How long a state that never removes a pod may last before it is an alert of its own. */
export const ALERT_AFTER_MS = {
  'database-down': MINUTE_MS,
  blind: 2 * MINUTE_MS,
  contradictory: 5 * MINUTE_MS,
  starving: 2 * MINUTE_MS,
  starting: 15 * MINUTE_MS,
  'rolling-out': 30 * MINUTE_MS,
} as const;

/** A pod that is never seen well for this long is an alert, whatever the causes that took turns: as long as `starting` may last. */
export const UNWELL_ALERT_AFTER_MS: DurationMs = ALERT_AFTER_MS.starting;

/** One row per key a user may write under `policy:`; `docs/configuration.md` is generated from it. */
export const POLICY_DOCS: readonly {
  readonly key: string;
  readonly unit: string;
  readonly byDefault: string;
  readonly meaning: string;
  readonly source: string;
}[] = [
  {
    key: 'mode',
    unit: 'watch | remediate',
    byDefault: 'watch',
    meaning: 'whether a sick pod is removed or only reported',
    source: 'a tool that deletes pods starts by watching',
  },
  {
    key: 'failures',
    unit: 'looks',
    byDefault: '3',
    meaning: 'bad looks in a row before anything is done; they are made within one tick, 3 s apart',
    source: 'three looks span more than one 5 s heartbeat of Airflow',
  },
  {
    key: 'heartbeatLimit',
    unit: 'auto | duration',
    byDefault: 'auto',
    meaning:
      'a heartbeat older than this is dead; auto starts at 90s and learns 4 × the worst healthy age, within 45s and 3m',
    source: 'healthy ages measured: up to 5.1 s on Airflow 2.11, 11.8 s on 3.3',
  },
  {
    key: 'stallLimit',
    unit: 'duration',
    byDefault: '5m',
    meaning: 'fresh heartbeat, work waiting and no trace of progress for this long is stalled',
    source: 'a healthy scheduler decides every 1.2 s (measured, two lines of Airflow)',
  },
  {
    key: 'unreachableLimit',
    unit: 'duration',
    byDefault: '5m',
    meaning: 'without a heartbeat source, a silent health endpoint for this long is unreachable',
    source: "the official chart's own probe waits 5 × 60 s",
  },
  {
    key: 'startupGrace',
    unit: 'duration',
    byDefault: '5m',
    meaning: 'a younger container is starting and is not judged',
    source: 'first heartbeat after 5 to 15 s (measured); migrations and image pulls take longer',
  },
  {
    key: 'databaseGrace',
    unit: 'duration',
    byDefault: '1m',
    meaning: 'how long heartbeats may stay stale after the database came back',
    source: 'healthy schedulers looked dead for up to 7 s after an outage (measured)',
  },
  {
    key: 'recoveryLimit',
    unit: 'duration',
    byDefault: '10m',
    meaning: 'a replacement that has not proved itself by then is not-recovered',
    source: 'a replacement proved itself within 20 s (measured); node scale-up takes minutes',
  },
  {
    key: 'cooldown',
    unit: 'duration',
    byDefault: '15m',
    meaning: 'no second removal for this target, counted from the last intent',
    source: 'three times the start-up grace',
  },
  {
    key: 'budget',
    unit: '{ removals, per }',
    byDefault: '{ removals: 2, per: 6h }',
    meaning: 'more removals than this in the window need a person',
    source: 'a pod that dies a third time has a cause a removal does not cure',
  },
  {
    key: 'tasksRunning',
    unit: 'ignore | hold',
    byDefault: 'ignore',
    meaning: 'hold keeps a pod whose running LocalExecutor tasks would die with it',
    source: 'a peer resets the tasks of a dead scheduler in any case',
  },
  {
    key: 'starving',
    unit: 'alert | remove',
    byDefault: 'alert',
    meaning: 'whether a pod that cannot start its exec probe, but still schedules, may be removed',
    source: 'it still works; a planned restart is a choice',
  },
];
