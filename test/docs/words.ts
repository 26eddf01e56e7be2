import type { ErrorCode } from '../../functions/core/errors.ts';
import type { LIMITS } from '../../functions/core/policy.ts';

// The words for people around what the code knows. The types make every cause, code and limit have its words.

export const ERROR_CURES: Readonly<Record<ErrorCode, string>> = {
  WD_USAGE: 'Run `scheduler-watchdog --help`.',
  WD_TARGETS_CHANGED:
    'Between the difference that `targets push` or `pull` showed and your yes, somebody changed the place. Nothing was written; run it again and look again.',
  WD_TARGETS_EMPTY:
    'An empty list means "do nothing", never "all is well", so it is an alert. `docs/examples` has documents.',
  WD_TARGETS_UNREADABLE: 'Check the path of `--targets` and who may read it. Nothing was looked at.',
  WD_TARGET_INVALID:
    '`scheduler-watchdog targets validate` lists all its problems; the other targets are watched meanwhile.',
  WD_CHANNEL_INVALID:
    '`scheduler-watchdog targets validate` lists all its problems; the other channels work meanwhile.',
  WD_TARGET_UNKNOWN: '`scheduler-watchdog targets validate` lists the ids there are.',
  WD_INCIDENT_UNKNOWN:
    'The sentence says what an id looks like. Alerts, `history` and `status` name them; the ledger forgets after 30 days.',
  WD_SECRET:
    'The sentence names the reference, never the value. Set the variable or write the file it names.',
  WD_KUBECONFIG: 'Try the same file and context with `kubectl`.',
  WD_EKS:
    'The sentence says what AWS answered and what to look at: name, region, role, access entry, network.',
  WD_FUNCTION:
    '`doctor --function NAME` asks the function itself. The sentence says what AWS or the function answered.',
  WD_UNSUPPORTED: 'The sentence names what is missing and what to use instead.',
  WD_STATE_READ_ONLY:
    'Name a file this user may write with `--state sqlite:FILE`. Without a saved intent nothing is removed.',
  WD_STATE_CORRUPT:
    'The file is left as it is. Move it away to begin anew; streaks, pauses and the cool-down are lost with it.',
  WD_STATE_NEWER: 'Run the version that wrote it, or name another file.',
  WD_STATE_BUSY: 'Another process has the file open; two watchdogs on one laptop need a file each.',
  WD_STATE_UNAVAILABLE:
    'Nothing was removed: every removal needs its intent saved first. Look at the name, the role and the health of DynamoDB.',
  WD_STATE_ABSENT:
    '`pause`, `resume`, `history`, `explain`, `simulate`, `graduate` and `status` speak of the state of a watchdog that runs, and never make one. Name it as that watchdog does: by the same `--targets`, by `--state` or by WATCHDOG_STATE.',
  WD_NOT_WAITING:
    'Only a pod that waits can be approved, and only while it does: under `mode: ask`, when nothing but a person’s word holds its removal. The sentence names what waits, if anything does; `status` and `history` say what else holds.',
  WD_NOT_OPEN:
    'There is no such open incident: the one that was meant is over, or has grown graver and asks a person anew. `status` says what is open.',
  WD_PAUSED:
    'A pause in force is not shortened by a second one without a word: the sentence says whose it is and until when. `pause … --replace` puts the new one in its place, `resume` ends it.',
  WD_STATE_CONFLICT: 'Look for a second watchdog on the same state.',
  WD_DISCOVER:
    'Searching all namespaces needs the right to list Deployments and StatefulSets in all of them; `--namespace` searches one.',
  WD_DEMO: 'The sentence names the part of the small world that did not start.',
  WD_INTERNAL:
    'Please report it with the text and the output of `--version`. The other targets were looked at all the same.',
};

export const LIMIT_MEANINGS: Readonly<Record<keyof typeof LIMITS, string>> = {
  relookEveryMs:
    'a first bad look is repeated this soon; three looks span more than one 5 s heartbeat of Airflow',
  tickBudgetMs: 'the whole tick ends within this, before the next one is due',
  probeDeadlineMs: 'one probe may take this long',
  streakGapMs: 'a longer silence between two counted looks breaks a streak',
  lateTickMs: 'a tick that begins later than this after its minute may look but not act',
  autoHeartbeatStartMs: '`heartbeatLimit: auto` begins here',
  autoHeartbeatLeastMs: 'and never learns less than this',
  autoHeartbeatMostMs: 'nor more than this',
  autoHeartbeatFactor: 'times the worst healthy age',
  provedMostMs: 'longer silences teach nothing, even when a beat ends them',
  autoHeartbeatProvedFactor: 'and never less than this times the longest silence that ended in a beat',
  autoHeartbeatSamples: 'healthy ages needed before it learns',
  ageHoursKept: 'hours of which the worst healthy age is remembered',
  ageDaysKept: 'days of which the worst healthy age is remembered',
  suspectAgeMs: 'a heartbeat older than this is looked at again at once',
  incarnationSlackMs: 'a job row may have begun this long before its container and still be its own',
  togetherMs: 'heartbeats that stop this close together point at what their pods share',
  togetherMixedMs: 'so do those of different components that stop this close together',
  airflowHealthMs: "a row fresher than this, with a 503 of the scheduler's own server, is a contradiction",
  waitingTasksLeastMs: 'waiting tasks alone are never believed sooner',
  agedTasksLeast:
    'so many tasks of one scheduler must be queued for five minutes before it is judged by them',
  agedSpreadMs: 'and they must have been queued over so long a time',
  overtakenLeast: 'and so many of them be overtaken: the same task, queued later by a peer, runs',
  nothingRunsCriticalMs:
    'queued tasks that no worker takes up are critical once nothing at all has run for so long',
  openWorkLeastMs: 'work that waits for so long was there for every scheduler to take',
  queueingsSeenLeast: 'looks in which a scheduler must have been seen to take work before it can be missed',
  workCountedEveryMs: 'looks at tasks closer together count once',
  passedOverLooks:
    'looks, times the number of schedulers, in which one must have been passed over by its peers',
  passedOverFactor: 'and so many times more than it ever was before in its life',
  memoryNearShare: 'working set above this share of the limit is near it',
  memoryTrendEveryMs: 'looks at memory this far apart draw its trend',
  memoryTrendLeastMs: 'over at least this time',
  memoryTrendLooks: 'with at least so many of them, the older ones counting less',
  memoryTrendFit: 'and a line has to explain this share of what is seen (R²)',
  memoryTrendHalfLifeMs: 'after this time a look counts half as much',
  memoryEveryMs: 'memory of pods that are well is asked for this often',
  memoryFullSoonMs: 'memory that will be full within this time is told',
  probeEventFreshMs: 'older probe events say nothing about now',
  stormShare: 'more than this share of the targets newly sick at once is a storm',
  stormAtLeast: 'and at least so many',
  newlySickMs: 'who is sick for longer is chronic and no part of a storm',
  stormCooldownMs: 'removals stay held for this long after a storm',
  stormMuteMs: 'for so long one alert about a storm stands for its members',
  fleetBudgetShare:
    'at most this share of the targets is removed from within one slot, less the more are sick, always one',
  fleetBudgetWindowMs: 'that slot',
  repairsLookedAt: 'so many last repairs are looked at, one per target',
  repairsFailedLeast: 'if at least so many of them failed',
  repairsFailedShare: 'and this share, all removals are held',
  repairsRememberedMs: 'older repairs are history',
  stuckTerminatingMs: 'a pod still terminating this long after its grace period is stuck',
  intentResumeMs: 'an intent whose run died is taken up again for this long',
  removalAttempts: 'how often one removal is tried when the API server does not answer',
  approvalMs: 'an approval of a removal under `mode: ask` is good for this long, and for one removal',
  outboxKept: 'alerts that may wait per target',
  undeliveredToldMs: 'an alert that a channel did not take for so long is told to the others',
  flappingTimes: 'incidents that ended within the window, after which the next one is called flapping',
  flappingWindowMs: 'that window',
  flappingCalmMs: 'flapping is over when nothing came back for this long',
  clockOffsetMs: 'a moving heartbeat older than this comes from another clock or a lagging copy',
  listedMs: 'a web server lists an instance until its heartbeat is this old',
  clockSkewMs: 'clocks that differ by more are told',
  decidedAfterBeatMs: 'a decision this much younger than the last heartbeat is a sign of life',
  reconnectMs:
    'nobody is convicted of silence who was not watched without a gap for so long: outages fit between ticks',
  lockWaitLeastMs: 'a shorter wait for a lock excuses nothing',
  sampledWatchMs: 'before a cause that ticks only sample convicts, one tick watches it for so long',
  heldLeastMs:
    'nor does a transaction that holds locks and is younger; where its age is hidden, a stall must last as long',
  heldKept: 'transactions of hidden age whose first look is remembered per target',
  ownUnhealthyMs: "a 503 of the scheduler's own server alone must last this long",
  conditionsKept: 'conditions remembered per target',
  firstLooksShare: 'first looks begin within this share of the tick; the rest is blind',
  crashLoopRestarts: 'a container started anew so often',
  crashLoopMs: 'within this time crash-loops',
  replicasEveryMs: 'how many pods there should be is asked this often, and at once when some are missing',
  clearAfterMs: 'a told condition ends after it was not seen for this long',
  holdRetoldMs: 'that another guard now holds the same removal is told no more often',
  pendingGapMs: 'a condition not yet told is forgotten after this gap',
  selfLateMs: 'a tick that begins this late doubts itself',
  selfStallMs: 'or stands still for so much longer than it meant to',
  selfThrottledShare: 'or has this share of its looks throttled',
  selfSilentClustersShare: 'or finds this share of the clusters silent at once',
  selfSilentClustersLeast: 'and at least so many',
  selfLooksFactor: 'it then needs so many times the looks',
  selfLastsMs: 'over at least this time',
  triggererGoneMs: 'a triggerer that was silent for so long is gone, and its triggers are taken up by others',
  triggersLeastMs: 'triggers that are taken up by nobody for less than this convict no triggerer',
  parsingLeastMs: 'the least time without any parsing that convicts a dag-processor',
  parsingMostMs: 'the longest time, and the one that holds while its pace is not known',
  parsingSamples: 'so many pauses of one life must have been seen before its pace is known',
  parsingFactor: 'without parsing for so many times the longest pause of its life it stands still',
  companionLastsMs:
    'looks must go on for so long before they convict a triggerer or a dag-processor of doing nothing',
  calmLooksEveryMs: 'looks are kept for replay this often when nothing is amiss',
};
