import { COMPONENT_TABLE } from './component.ts';
import { CONDITIONS, type Finding, keyOfCondition, lasting } from './condition.ts';
import type { Judged } from './decision.ts';
import { jobIdOf } from './heartbeat.ts';
import { isFresh, isLiving, type TargetLooks } from './patient.ts';
import { LIMITS } from './policy.ts';
import type { TargetState } from './state.ts';
import type { Target } from './target.ts';
import { type EpochMs, formatDuration, MINUTE_MS, SECOND_MS } from './time.ts';
import { inHand, type WorkGroup } from './work.ts';

interface Seen {
  readonly target: Target;
  readonly state: TargetState;
  readonly looks: TargetLooks;
  readonly judged: readonly Judged[];
  readonly now: EpochMs;
}

/**
 * Tasks that living schedulers have handed over, and nobody takes up: the workers of that queue are gone, or the executor is stuck.
 * Where a task runs its workers are there, busy or not, and waiting is honest. Never a reason to remove a scheduler.
 */
export function workFindings(seen: Seen): readonly Finding[] {
  const { looks, judged } = seen;
  const { work } = looks;
  // Tasks of a scheduler that is gone, or of a database that comes back, are another story.
  if (work?.kind !== 'answered' || judged.some(({ patient }) => patient.database.kind !== 'up')) return [];
  const living = new Set(
    judged
      .filter(({ patient }) => isLiving(patient.pod) && isFresh(patient))
      .map(({ patient }) =>
        COMPONENT_TABLE[patient.pod.component].queuesTasks ? jobIdOf(patient.heartbeat) : null,
      ),
  );
  const isLivings = ({ jobId }: WorkGroup) => jobId !== null && living.has(jobId);
  const runsAnywhere = work.groups.some(({ state }) => state === 'running');
  return [...Map.groupBy(work.groups, ({ queue }) => queue)].flatMap(([queue, groups]) => {
    // Whoever was wedged may have died in between: what runs counts whosever it is.
    if (groups.some(({ state }) => state === 'running')) return [];
    return notTaken(seen, queue, groups.filter(isLivings), runsAnywhere);
  });
}

function notTaken(
  { target, state, looks, judged, now }: Seen,
  queue: string | null,
  groups: readonly WorkGroup[],
  runsAnywhere: boolean,
): readonly Finding[] {
  const subject = queue === null ? 'queues' : `queue ${queue}`;
  const before = state.conditions.find(
    (one) => keyOfCondition(one) === keyOfCondition({ subject, kind: 'workers' }),
  );
  const { agedTasks, agedDags, oldestAgedSeconds } = inHand(groups);
  const progress = looks.progress?.kind === 'answered' ? looks.progress : null;
  const isMany = agedTasks >= 2 && (agedDags >= 2 || progress?.liveDags === 1);
  const waitsMs = (oldestOf(groups) ?? 0) * SECOND_MS;
  // Airflow takes back what was not taken up, and queues it anew: the same story, though the wait looks new.
  const goesOn = before?.told != null && waitsMs >= MINUTE_MS;
  if (!isMany && !goesOn) return [];
  const since = Math.min(before?.since ?? now, now - (oldestAgedSeconds ?? 0) * SECOND_MS);
  const tasks = groups.reduce((sum, one) => sum + one.tasks, 0);
  const place = queue === null ? '' : ` in queue "${queue}"`;
  const one = lasting(
    'workers',
    subject,
    since,
    `${target.id}: ${CONDITIONS.workers.title}`,
    `${tasks} task(s) are queued${place}, and for ${formatDuration(now - since)} none was taken up; none runs there. ${whereToLook(judged)} Nothing is removed for this.`,
  );
  const isGrave = !runsAnywhere && now - since >= LIMITS.nothingRunsCriticalMs;
  return [isGrave ? { ...one, severity: 'critical' } : one];
}

const oldestOf = (groups: readonly WorkGroup[]): number | null => {
  const ages = groups.flatMap(({ oldestQueuedSeconds }) => oldestQueuedSeconds ?? []);
  return ages.length === 0 ? null : Math.max(...ages);
};

/** With LocalExecutor the workers are children of the scheduler; with the others the scheduler is the last to blame. */
function whereToLook(judged: readonly Judged[]): string {
  const isLocal = judged.some(({ patient }) => patient.pod.container?.executor?.includes('LocalExecutor'));
  return isLocal
    ? 'With LocalExecutor the workers are processes of the scheduler itself: read its log, and delete that pod by hand if they hang.'
    : 'The schedulers beat and have handed them over: look at the workers of that queue, or with KubernetesExecutor at pods that stay Pending.';
}
