/** Unfinished tasks that one scheduler put into one queue of its executor. Ages in seconds, by the database. */
export interface WorkGroup {
  /** `job.id` of the scheduler that queued them. */
  readonly jobId: number | null;
  readonly state: 'queued' | 'running';
  /** The executor's queue, as Celery has several; null where it is not granted, or the executor has none. */
  readonly queue: string | null;
  readonly tasks: number;
  readonly oldestQueuedSeconds: number | null;
  readonly newestQueuedSeconds: number | null;
  /** Of those that run. */
  readonly newestStartSeconds: number | null;
  /** Queued for `LIMITS.waitingTasksLeastMs` and longer: how many, of how many DAGs (2: several), and the age of the youngest of them. */
  readonly agedTasks: number;
  readonly agedDags: number;
  readonly youngestAgedSeconds: number | null;
}

/** Aged tasks of one scheduler whose very task, queued later by another scheduler, runs: a worker for it is there. */
export interface Overtaken {
  readonly jobId: number;
  readonly tasks: number;
  /** 2: several. */
  readonly dags: number;
}

/** What each scheduler has in hand, told apart by `task_instance.queued_by_job_id`. */
export interface WorkFacts {
  readonly groups: readonly WorkGroup[];
  /** null: not read, for the reason in `unread`. */
  readonly overtaken: readonly Overtaken[] | null;
  readonly unread: string | null;
}

/** What the groups of one scheduler come to. */
export interface InHand {
  readonly tasks: number;
  readonly agedTasks: number;
  readonly agedDags: number;
  readonly oldestAgedSeconds: number | null;
  readonly youngestAgedSeconds: number | null;
  readonly newestQueuedSeconds: number | null;
  readonly newestStartSeconds: number | null;
}

export function inHand(groups: readonly WorkGroup[]): InHand {
  const sum = (of: (group: WorkGroup) => number) => groups.reduce((all, group) => all + of(group), 0);
  const aged = groups.filter(({ agedTasks }) => agedTasks > 0);
  return {
    tasks: sum(({ tasks }) => tasks),
    agedTasks: sum(({ agedTasks }) => agedTasks),
    // One DAG may have tasks in several queues: the most of one queue is the least that it can be.
    agedDags: Math.max(0, ...aged.map(({ agedDags }) => agedDags)),
    oldestAgedSeconds: most(aged.map(({ oldestQueuedSeconds }) => oldestQueuedSeconds)),
    youngestAgedSeconds: least(aged.map(({ youngestAgedSeconds }) => youngestAgedSeconds)),
    newestQueuedSeconds: least(groups.map(({ newestQueuedSeconds }) => newestQueuedSeconds)),
    newestStartSeconds: least(groups.map(({ newestStartSeconds }) => newestStartSeconds)),
  };
}

function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function most(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
