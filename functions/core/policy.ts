import { type DurationMs, HOUR_MS, MINUTE_MS, SECOND_MS } from './time.ts';

/** `watch` never acts; `remediate` removes a sick pod once every guard agrees; `ask` does so once a person agrees as well. */
export type Mode = 'watch' | 'ask' | 'remediate';

/** Every threshold that a target may set. Units are in the names; defaults and their sources are in `POLICY_DOCS`. */
export interface Policy {
  readonly mode: Mode;
  /** The loudest that a finding may be while the target only watches. */
  readonly watchSeverity: 'warning' | 'critical';
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
  /** A planned removal, in a quiet minute, of a pod that works but holds more than this share of its memory limit; null: never. */
  readonly memory: { readonly restartAbove: number; readonly when: 'quiet' } | null;
  readonly starving: 'alert' | 'remove';
  readonly nodeSick: 'alert' | 'remove';
  /** Lets the values stand that POLICY_FLOORS refuses. */
  readonly allowUnsafe: boolean;
}

export const DEFAULT_POLICY: Policy = {
  mode: 'watch',
  watchSeverity: 'warning',
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
  memory: null,
  starving: 'alert',
  nodeSick: 'alert',
  allowUnsafe: false,
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
  /** A later tick may look but not act: one slot, and the 60 s by which EventBridge Scheduler may be late (its "Precision"). */
  lateTickMs: 2 * MINUTE_MS,
  /** `auto` starts here until enough healthy ages are known; Airflow itself calls 30 s dead. */
  autoHeartbeatStartMs: 90 * SECOND_MS,
  autoHeartbeatLeastMs: 45 * SECOND_MS,
  autoHeartbeatMostMs: 180 * SECOND_MS,
  /** Healthy ages reach 5 s on 2.11 and 12 s on 3.3 (measured): four times the worst seen is far from calm. */
  autoHeartbeatFactor: 4,
  /** A silence that ended in a beat was healthy: the limit stays this far above the longest one of the week. */
  autoHeartbeatProvedFactor: 1.2,
  /** Longer silences teach nothing: users report loops of 300 s that went on, and wedges that somebody let go hours later. */
  provedMostMs: 6 * MINUTE_MS,
  autoHeartbeatSamples: 20,
  /** The worst healthy age of each hour of a day and of each day of a week is remembered: nightly and weekly slow spells return. */
  ageHoursKept: 24,
  ageDaysKept: 7,
  /** An age above this is looked at again at once: Airflow beats every 5 s. */
  suspectAgeMs: 10 * SECOND_MS,
  /** A living row whose age is never below this comes from another clock or a lagging replica: no healthy beat takes so long. */
  clockOffsetMs: 15 * SECOND_MS,
  /** Airflow lists an instance until its heartbeat is this old (`scheduler_health_check_threshold`); a larger setting only helps. */
  listedMs: 30 * SECOND_MS,
  /** Clocks that differ by more than this are told; a `Date` header has whole seconds and a look may take five. */
  clockSkewMs: 30 * SECOND_MS,
  /** A decision on a DAG run this much younger than the last heartbeat is a sign of life: beats come every 5 s, and 3.x writes them one late. */
  decidedAfterBeatMs: 20 * SECOND_MS,
  /** A healthy scheduler beats again within 15 s after an outage of its database (measured), which may fit between two ticks. */
  reconnectMs: 15 * SECOND_MS,
  /** A shorter wait for a lock is everyday life and excuses nothing. */
  lockWaitLeastMs: 10 * SECOND_MS,
  /** Before a cause that ticks only sample convicts, one tick watches it for so long: a slow loop answers well in between. */
  sampledWatchMs: 33 * SECOND_MS,
  /** Airflow commits after every step of its loop, in seconds; and a minute is a tick, after which a second look can tell what hides its age. */
  heldLeastMs: MINUTE_MS,
  /** Transactions of unknown age whose first look is remembered: as many as one look may tell. */
  heldKept: 20,
  /** A 503 says only "older than 30 s", so alone it is believed as late as the largest age that `auto` may learn. */
  ownUnhealthyMs: 150 * SECOND_MS,
  /** A row may be older than its container by the time the process took to start. */
  incarnationSlackMs: MINUTE_MS,
  /** Heartbeats of several pods that stop this close together point at what they share. */
  togetherMs: 20 * SECOND_MS,
  /** Of different components: each has its own pace, Airflow 3 writes a beat one late, and clocks may differ by 30 s untold. */
  togetherMixedMs: MINUTE_MS,
  /** Airflow's own health server calls a row dead after 30 s; with 10 s of slack a 503 on a fresher row is a contradiction. */
  airflowHealthMs: 20 * SECOND_MS,
  /** Waiting tasks have honest reasons (priorities, concurrency limits), so that witness is never believed sooner. */
  waitingTasksLeastMs: 5 * MINUTE_MS,
  /** Airflow gives a triggerer's work to others once it was silent for 30 s; three times that leaves no doubt. */
  triggererGoneMs: 90 * SECOND_MS,
  /** A trigger is taken up within a second or two; a triggerer that starts, and a long burst, take minutes at most. */
  triggersLeastMs: 10 * MINUTE_MS,
  /** Parsing is never called stopped sooner, nor later where nothing is known of its pace: some parse every few hours. */
  parsingLeastMs: 30 * MINUTE_MS,
  parsingMostMs: 6 * HOUR_MS,
  /** So many pauses of a life must be known; it stands still after so many times the longest of them. */
  parsingSamples: 20,
  parsingFactor: 4,
  /** What stands beside the schedulers is convicted by looks over several ticks: nobody waits for it by the second. */
  companionLastsMs: 3 * MINUTE_MS,
  /** One of several schedulers is judged by its own tasks from so many on that age, queued over so long: fewer may have been lost together. */
  agedTasksLeast: 3,
  agedSpreadMs: MINUTE_MS,
  /** So many of them must have been overtaken by the very same task of a peer. */
  overtakenLeast: 2,
  /** Queued tasks that nobody takes up are critical once nothing at all has run for so long. */
  nothingRunsCriticalMs: 20 * MINUTE_MS,
  /** Work that waits for so long was passed by every loop of a scheduler several times. */
  openWorkLeastMs: MINUTE_MS,
  /** Whoever was never seen to take work in so many looks may have none to take. */
  queueingsSeenLeast: 10,
  /** Looks count once in this time: those of one tick see the same tasks. */
  workCountedEveryMs: 30 * SECOND_MS,
  /**
   * Passed over in so many looks for each scheduler there is: by chance alone that happens to a working one less than once in 10¹²
   * times, and to one that takes a third of its share less than once in 10⁴. And so many times more than ever before in its life.
   */
  passedOverLooks: 30,
  passedOverFactor: 3,
  /** Working set above this share of the limit is "near the limit" (the reports speak of 85 to 95 %). */
  memoryNearShare: 0.85,
  /** A line through the working set needs looks that far apart, over so long, so many of them, and this share of it explained (R²). */
  memoryTrendEveryMs: MINUTE_MS,
  memoryTrendLeastMs: 3 * HOUR_MS,
  memoryTrendLooks: 12,
  memoryTrendFit: 0.9,
  /** Older looks weigh half as much after so long: the reports speak of climbs over days, and of nights that are other than days. */
  memoryTrendHalfLifeMs: 6 * HOUR_MS,
  /** Memory of well pods is asked for this often, spread over the targets. */
  memoryEveryMs: 5 * MINUTE_MS,
  /** Memory that will be full within a working day and a half is told: time enough to do something by day. */
  memoryFullSoonMs: 12 * HOUR_MS,
  /** Probe events older than this say nothing about now; kubelet goes quiet after 25 and then repeats every 5 minutes. */
  probeEventFreshMs: 10 * MINUTE_MS,
  /** More than this share of targets newly sick at once, and at least this many, is a storm: suspect what they share, or us. */
  stormShare: 0.3,
  stormAtLeast: 3,
  /** Who is sick for longer is chronic: it did not fall sick together with anybody. */
  newlySickMs: 10 * MINUTE_MS,
  stormCooldownMs: 10 * MINUTE_MS,
  /** For so long one alert about the storm stands for all its members; then each speaks for itself. */
  stormMuteMs: 10 * MINUTE_MS,
  /** At most this share of the fleet is removed within one tick; fewer the more are sick (GKE repairs fewer in parallel the more are sick). */
  fleetBudgetShare: 0.1,
  fleetBudgetWindowMs: 45 * SECOND_MS,
  /** Half of this many last repairs failed: a removal is not the cure (AWS Config stops at 50 % failed repairs). */
  repairsLookedAt: 6,
  repairsFailedLeast: 3,
  repairsFailedShare: 0.5,
  repairsRememberedMs: 6 * HOUR_MS,
  /** A pod still terminating this long after its grace period is stuck. */
  stuckTerminatingMs: 3 * MINUTE_MS,
  /** An intent whose run died is taken up again for this long, then given up. */
  intentResumeMs: 10 * MINUTE_MS,
  /** How often the same removal is tried again when the API server did not answer. */
  removalAttempts: 3,
  /** A person who says yes means what is there now. As long as the default cool-down: two ticks of doubt do not outlast it. */
  approvalMs: 15 * MINUTE_MS,
  outboxKept: 100,
  /** An alert that a channel did not take for so long is told to the others. */
  undeliveredToldMs: HOUR_MS,
  /** After so many ends within the window the next beginning is called flapping; a calm this long ends it. */
  flappingTimes: 3,
  flappingWindowMs: HOUR_MS,
  flappingCalmMs: 30 * MINUTE_MS,
  /** Conditions remembered per target: every pod and cause of the largest deployment, and a bound. */
  conditionsKept: 60,
  /** First looks begin within this share of the tick; who was not looked at by then is blind, saved and told. */
  firstLooksShare: 0.5,
  /** A container that was started anew so often within this time crash-loops: kubelet's back-off is five minutes at most. */
  crashLoopRestarts: 3,
  crashLoopMs: 18 * MINUTE_MS,
  /** How many pods a component should have is asked anew this often, and at once when some are missing. */
  replicasEveryMs: 10 * MINUTE_MS,
  /** A told condition ends after it was not seen for this long: what comes and goes is one story. */
  clearAfterMs: 3 * MINUTE_MS,
  /** That another guard now holds the same removal is told no more often than this. */
  holdRetoldMs: 10 * MINUTE_MS,
  /** A condition not yet told is forgotten after this gap: two and a half one-minute ticks, like a streak. */
  pendingGapMs: 150 * SECOND_MS,
  /**
   * A tick that starts this late (a minute is EventBridge's own precision), sleeps this much too long, or whose looks overrun their
   * deadline by this much doubts itself.
   */
  selfLateMs: 75 * SECOND_MS,
  selfStallMs: 2 * SECOND_MS,
  /** Share of looks throttled (429), and of clusters silent at once, from which a tick doubts itself. */
  selfThrottledShare: 0.2,
  selfSilentClustersShare: 0.5,
  selfSilentClustersLeast: 3,
  /** Who doubts itself needs so many times the looks, over this time at least. */
  selfLooksFactor: 2,
  selfLastsMs: 90 * SECOND_MS,
  /** Looks are kept for replay whenever something is amiss, and this often when nothing is. */
  calmLooksEveryMs: 10 * MINUTE_MS,
} as const;

/**
 * The least a policy may ask for. Below it one hiccup removes a pod; `policy.allowUnsafe: true` says that this is wanted.
 */
export const POLICY_FLOORS = {
  failures: { least: 2, reason: 'one bad look is a hiccup' },
  heartbeatLimitMs: {
    least: 15 * SECOND_MS,
    reason: 'healthy rows of Airflow 3 are up to 12 s old (measured)',
  },
  stallLimitMs: { least: MINUTE_MS, reason: 'a long critical section is no stall' },
  unreachableLimitMs: { least: MINUTE_MS, reason: 'a node that restarts its network is silent for seconds' },
  startupGraceMs: { least: 30 * SECOND_MS, reason: 'the first heartbeat comes after 5 to 25 s (measured)' },
  databaseGraceMs: {
    least: 15 * SECOND_MS,
    reason: 'healthy schedulers look dead for up to 15 s after an outage',
  },
  recoveryLimitMs: { least: MINUTE_MS, reason: 'a replacement needs 20 s at best (measured)' },
  cooldownMs: { least: 5 * MINUTE_MS, reason: 'the replacement must have had the time to prove itself' },
} as const;

/** No more removals of one target than this within a day, whatever the budget's window. */
export const BUDGET_CEILING = {
  removalsPerDay: 24,
  reason: 'a pod that dies hourly has a cause a removal does not cure',
} as const;

/** How long a state that never removes a pod may last before it is an alert of its own. */
export const ALERT_AFTER_MS = {
  'database-down': MINUTE_MS,
  blind: 2 * MINUTE_MS,
  contradictory: 5 * MINUTE_MS,
  starving: 2 * MINUTE_MS,
  /** A node that restarts its kubelet is not ready for a moment. */
  'node-sick': 2 * MINUTE_MS,
  starting: 15 * MINUTE_MS,
  'rolling-out': 30 * MINUTE_MS,
  /** No pod of a component is there: longer than a Recreate rollout needs between the old pod and the new. */
  'none-left': 3 * MINUTE_MS,
  /** No pod of a component is seen well, whatever the causes and the pods that took turns. */
  'none-well': 15 * MINUTE_MS,
  'too-few': 15 * MINUTE_MS,
  'witness-lost': 10 * MINUTE_MS,
  /** Of the oldest task that waits for a worker. By default Airflow takes it back after ten minutes, and the wait looks new. */
  workers: 8 * MINUTE_MS,
  'clocks-differ': 5 * MINUTE_MS,
  'memory-filling': 30 * MINUTE_MS,
  'self-degraded': 5 * MINUTE_MS,
} as const;
