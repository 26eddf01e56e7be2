import type { Cause } from '../../functions/core/cause.ts';
import type { ErrorCode } from '../../functions/core/errors.ts';
import type { HoldCode } from '../../functions/core/guards.ts';
import type { LIMITS } from '../../functions/core/policy.ts';

// The words for people around what the code knows. The types make every cause, code and limit have its words.

export const CAUSE_MEANINGS: Readonly<Record<Cause, string>> = {
  healthy: 'it beats, and work moves as far as that is watched',
  idle: 'it beats, and there is no work',
  starting: 'its container does not run yet, or is younger than the start-up grace',
  'rolling-out': 'it is being terminated, or its workload is mid-rollout',
  dead: 'it has stopped beating, and nothing else explains that',
  stalled: 'it beats, but nothing has moved for the stall limit',
  unreachable: 'there is no heartbeat to read, and its health endpoint has gone silent',
  starving:
    'it works, but its exec probe cannot be started and memory is short: nothing in the cluster would restart it',
  'database-down': 'the metadata database is the one that is sick',
  blind: 'we cannot see: Kubernetes API, network, credentials, or no witness at all',
  contradictory: 'the witnesses disagree',
};

export const HOLD_CURES: Readonly<Record<HoldCode, string>> = {
  'watch-mode': 'set `policy.mode: remediate` once you trust it',
  'not-acting': 'run `check --act`, or `watch`',
  paused: '`scheduler-watchdog resume TARGET`, or take the annotation off the workload',
  blind: 'mend what the sentence names: access, network, credentials',
  'database-down': 'mend the database; removing pods would not',
  'database-recovering': 'wait: it ends by itself after `databaseGrace`',
  storm: 'look for what the targets share; removals go on 10 minutes after it ends',
  'rolling-out': 'let the rollout end, or roll it back',
  starting: 'wait for `startupGrace`',
  'not-owned': 'a bare pod would not come back: run it under a Deployment or StatefulSet',
  'label-mismatch': 'somebody took the pod out of its workload on purpose; remove it by hand',
  terminating: 'wait; if it does not end, look at its node',
  'peer-recovering': 'one at a time: wait for the proof of the last removal, or look at why it does not come',
  'cool-down': 'wait; if it dies again at once, a removal is not the cure',
  'budget-spent': 'find the cause; raise `policy.budget` only if you know why',
  'tasks-running': 'wait for the tasks, or set `policy.tasksRunning: ignore`',
  'late-tick': 'nothing; the next tick acts. If it lasts, the schedule is behind',
  'lost-race': 'nothing; if it lasts, two watchdogs share one state',
  unproven: 'check port, path and database of the target: the signal has never been good',
};

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
  WD_SECRET:
    'The sentence names the reference, never the value. Set the variable or write the file it names.',
  WD_KUBECONFIG: 'Try the same file and context with `kubectl`.',
  WD_EKS:
    'The sentence says what AWS answered and what to look at: name, region, role, access entry, network.',
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
    '`pause`, `resume`, `history` and `status` speak of the state of a watchdog that runs, and never make one. Name it as that watchdog does: by the same `--targets`, by `--state` or by WATCHDOG_STATE.',
  WD_PAUSED:
    'A pause in force is not shortened by a second one without a word: the sentence says whose it is and until when. `pause … --replace` puts the new one in its place, `resume` ends it.',
  WD_STATE_CONFLICT: 'Look for a second watchdog on the same state.',
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
  autoHeartbeatSamples: 'healthy ages needed before it learns',
  healthyAgesKept: 'healthy ages remembered: four hours of ticks',
  suspectAgeMs: 'a heartbeat older than this is looked at again at once',
  incarnationSlackMs: 'a job row may have begun this long before its container and still be its own',
  togetherMs: 'heartbeats that stop this close together point at what their pods share',
  airflowHealthMs: "a row fresher than this, with a 503 of the scheduler's own server, is a contradiction",
  waitingTasksLeastMs: 'waiting tasks alone are never believed sooner',
  memoryNearShare: 'working set above this share of the limit is near it',
  probeEventFreshMs: 'older probe events say nothing about now',
  stormShare: 'more than this share of the targets sick at once is a storm',
  stormAtLeast: 'and at least so many',
  stormCooldownMs: 'removals stay held for this long after a storm',
  stuckTerminatingMs: 'a pod still terminating this long after its grace period is stuck',
  intentResumeMs: 'an intent whose run died is taken up again for this long',
  removalAttempts: 'how often one removal is tried when the API server does not answer',
  outboxKept: 'alerts that may wait per target',
};
