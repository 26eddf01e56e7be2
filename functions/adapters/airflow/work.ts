import { LIMITS } from '../../core/policy.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Overtaken, WorkFacts, WorkGroup } from '../../core/work.ts';
import type { Engine } from '../sql/connection.ts';
import type { Row } from '../sql/session.ts';
import type { Visit } from '../sql/visit.ts';
import { type Reading, read, slowed } from './reading.ts';
import { number, numberOrNull, textOrNull } from './row.ts';
import { AGE } from './sql.ts';

/** Who has what in hand. Asks for more than older grants allow, and says what it could not read. */
export async function readWork(open: Visit): Promise<Reading<WorkFacts>> {
  let groups = await read(open, async () => ({ list: await askGroups(open, 't.queue') }));
  // Accounts made for an earlier version may not read the queue; the rest is worth having without it.
  if (isRefused(groups)) groups = await read(open, async () => ({ list: await askGroups(open, 'NULL') }));
  if (groups.kind !== 'answered') return slowed(groups);
  const { list } = groups;
  if (!list.some(({ agedTasks }) => agedTasks > 0))
    return { kind: 'answered', groups: list, overtaken: [], unread: null };
  const overtaken = slowed(await read(open, async () => ({ list: await askOvertaken(open) })));
  return overtaken.kind === 'answered'
    ? { kind: 'answered', groups: list, overtaken: overtaken.list, unread: null }
    : { kind: 'answered', groups: list, overtaken: null, unread: overtaken.detail };
}

const isRefused = (reading: Reading<object>): boolean =>
  reading.kind === 'unreadable' && reading.cause === 'forbidden';

async function askGroups({ engine, query }: Visit, queue: 't.queue' | 'NULL'): Promise<readonly WorkGroup[]> {
  return (await query(groupsText(engine, queue))).map(groupOf);
}

async function askOvertaken({ engine, query }: Visit): Promise<readonly Overtaken[]> {
  const rows = await query(overtakenText(engine));
  return rows.map((row) => ({
    jobId: number(row, 'job_id'),
    tasks: number(row, 'tasks'),
    dags: number(row, 'dags'),
  }));
}

function groupOf(row: Row): WorkGroup {
  return {
    jobId: numberOrNull(row, 'job_id'),
    state: row.state === 'running' ? 'running' : 'queued',
    queue: textOrNull(row.queue),
    tasks: number(row, 'tasks'),
    oldestQueuedSeconds: numberOrNull(row, 'oldest_queued_s'),
    newestQueuedSeconds: numberOrNull(row, 'newest_queued_s'),
    newestStartSeconds: numberOrNull(row, 'newest_start_s'),
    agedTasks: number(row, 'aged'),
    agedDags: number(row, 'aged_dags'),
    youngestAgedSeconds: numberOrNull(row, 'youngest_aged_s'),
  };
}

const CUTOFF = `CURRENT_TIMESTAMP(6) - INTERVAL '${LIMITS.waitingTasksLeastMs / SECOND_MS}' SECOND`;

/**
 * Only tasks that are queued or running, which `ti_state` finds: as many as there are slots, however long the table is. No index
 * leads from a scheduler to its finished tasks, so when it queued last is remembered from look to look.
 */
function groupsText(engine: Engine, queue: string): string {
  const age = AGE[engine];
  const aged = `t.state = 'queued' AND t.queued_dttm < ${CUTOFF}`;
  const place = queue === 'NULL' ? '' : `, ${queue}`;
  return `
SELECT t.queued_by_job_id AS job_id, t.state, ${queue} AS queue, COUNT(*) AS tasks,
       ${age('MIN(t.queued_dttm)')} AS oldest_queued_s, ${age('MAX(t.queued_dttm)')} AS newest_queued_s,
       ${age("MAX(CASE WHEN t.state = 'running' THEN t.start_date END)")} AS newest_start_s,
       COUNT(CASE WHEN ${aged} THEN 1 END) AS aged,
       ${severalOf(`CASE WHEN ${aged} THEN t.dag_id END`)} AS aged_dags,
       ${age(`MAX(CASE WHEN ${aged} THEN t.queued_dttm END)`)} AS youngest_aged_s
FROM task_instance t
WHERE t.state IN ('queued', 'running')
GROUP BY t.queued_by_job_id, t.state${place}
ORDER BY aged DESC, t.queued_by_job_id, t.state
LIMIT 200`;
}

/** None, one, or several: counting them would make MariaDB sort. */
const severalOf = (dag: string): string =>
  `CASE WHEN MIN(${dag}) IS NULL THEN 0 WHEN MIN(${dag}) = MAX(${dag}) THEN 1 ELSE 2 END`;

/** Without it MariaDB looks each task up among all that it ever did: its primary key begins with DAG and task on Airflow 2. */
const AMONG_UNFINISHED: Readonly<Record<Engine, string>> = {
  postgres: '',
  mysql: 'FORCE INDEX (ti_dag_state)',
};

/** The very same task, queued later by another scheduler: the same pool, queue, image and size, so a worker for it is there. */
const overtakenText = (engine: Engine): string => `
SELECT q.queued_by_job_id AS job_id, COUNT(*) AS tasks, ${severalOf('q.dag_id')} AS dags
FROM task_instance q
WHERE q.state = 'queued' AND q.queued_by_job_id IS NOT NULL AND q.queued_dttm < ${CUTOFF}
  AND EXISTS (
    SELECT 1 FROM task_instance r ${AMONG_UNFINISHED[engine]}
    WHERE r.dag_id = q.dag_id AND r.state = 'running' AND r.task_id = q.task_id
      AND r.queued_by_job_id <> q.queued_by_job_id AND r.queued_dttm > q.queued_dttm)
GROUP BY q.queued_by_job_id
ORDER BY q.queued_by_job_id
LIMIT 50`;
