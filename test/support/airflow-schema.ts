import {
  type AirflowVersion,
  ALEMBIC_HEADS,
  airflowLikeSchema,
  type ColumnType,
  createTables,
} from '../../functions/demo/airflow-like-schema.ts';

export type { AirflowVersion };
export type Engine = 'postgres' | 'mysql';

/** As SQLAlchemy writes them for MySQL; moments are naive UTC, written over sessions in UTC. */
const MYSQL_TYPES: Readonly<Record<ColumnType, string>> = {
  serial: 'integer NOT NULL AUTO_INCREMENT PRIMARY KEY',
  int: 'integer',
  bool: 'bool',
  text: 'varchar(250)',
  moment: 'timestamp(6) NULL',
  naive: 'datetime(6) NULL',
  uuid: 'char(36) DEFAULT (uuid()) PRIMARY KEY',
  blob: 'blob',
};

export function airflowSchema(engine: Engine, version: AirflowVersion): readonly string[] {
  if (engine === 'postgres') return [airflowLikeSchema(version)];
  return [
    ...createTables(version, MYSQL_TYPES),
    'CREATE INDEX job_type_heart ON job (job_type, latest_heartbeat)',
    'CREATE INDEX ti_state ON task_instance (state)',
    'CREATE INDEX ti_dag_state ON task_instance (dag_id, state)',
    `INSERT INTO alembic_version VALUES ('${ALEMBIC_HEADS[version]}')`,
    "INSERT INTO slot_pool (pool, slots, include_deferred) VALUES ('default_pool', 128, false)",
  ];
}

/** `ago(engine, 5)`: the moment five seconds ago, by the database's clock. */
export const ago = (engine: Engine, seconds: number): string =>
  engine === 'postgres'
    ? `CURRENT_TIMESTAMP(6) - ${seconds} * INTERVAL '1 second'`
    : `TIMESTAMPADD(MICROSECOND, ${Math.round(-seconds * 1e6)}, CURRENT_TIMESTAMP(6))`;

export interface JobValues {
  readonly id: number;
  readonly type?: string;
  readonly hostname?: string;
  readonly state?: string;
  readonly heartbeatAgo: number;
  readonly startedAgo?: number;
}

export function insertJob(engine: Engine, job: JobValues): string {
  const { id, type = 'SchedulerJob', hostname = 'airflow-scheduler-0', state = 'running' } = job;
  return `INSERT INTO job (id, job_type, hostname, state, start_date, latest_heartbeat) VALUES
    (${id}, '${type}', '${hostname}', '${state}', ${ago(engine, job.startedAgo ?? 3600)}, ${ago(engine, job.heartbeatAgo)})`;
}

export interface DagValues {
  readonly id: string;
  readonly paused?: boolean;
  readonly dueAgo?: number;
  readonly full?: boolean;
}

/** A live DAG, or a paused one; `dueAgo` makes its next run overdue by so many seconds. */
export function insertDag(engine: Engine, version: AirflowVersion, dag: DagValues): readonly string[] {
  const flags = version === 2 ? 'is_active' : 'is_stale, exceeds_max_non_backfill';
  const values = version === 2 ? 'true' : `false, ${dag.full ?? false}`;
  const due = dag.dueAgo === undefined ? ago(engine, -600) : ago(engine, dag.dueAgo);
  return [
    `INSERT INTO dag (dag_id, is_paused, ${flags}, has_import_errors, max_active_runs, next_dagrun_create_after)
      VALUES ('${dag.id}', ${dag.paused ?? false}, ${values}, false, 16, ${due})`,
    version === 2
      ? `INSERT INTO serialized_dag (dag_id) VALUES ('${dag.id}')`
      : `INSERT INTO dag_version (dag_id, version_number) VALUES ('${dag.id}', 1), ('${dag.id}', 2)`,
  ];
}

export interface RunValues {
  readonly dag: string;
  readonly run: string;
  readonly state: 'queued' | 'running' | 'success';
  readonly decidedAgo?: number;
  readonly queuedAgo?: number;
}

export function insertRun(engine: Engine, version: AirflowVersion, run: RunValues): string {
  const due = version === 2 ? 'execution_date' : 'run_after';
  const moment = (seconds: number | undefined) => (seconds === undefined ? 'NULL' : ago(engine, seconds));
  return `INSERT INTO dag_run (dag_id, run_id, state, run_type, ${due}, queued_at, last_scheduling_decision)
    VALUES ('${run.dag}', '${run.run}', '${run.state}', 'scheduled', ${ago(engine, 900)}, ${moment(run.queuedAgo)}, ${moment(run.decidedAgo)})`;
}

export interface TaskValues {
  readonly dag: string;
  readonly run: string;
  readonly task: string;
  readonly state: 'queued' | 'running' | 'scheduled';
  readonly since: number;
  readonly pool?: string;
  readonly job?: number;
}

export function insertTask(engine: Engine, version: AirflowVersion, task: TaskValues): string {
  const scheduled = version === 2 ? 'updated_at' : 'scheduled_dttm';
  const column = { queued: 'queued_dttm', running: 'start_date', scheduled }[task.state];
  return `INSERT INTO task_instance (dag_id, run_id, task_id, map_index, state, pool, pool_slots, queued_by_job_id, ${column})
    VALUES ('${task.dag}', '${task.run}', '${task.task}', -1, '${task.state}', '${task.pool ?? 'default_pool'}', 1, ${task.job ?? 'NULL'}, ${ago(engine, task.since)})`;
}

/** The optional right of docs/database.md, which shows more of other sessions. */
export const statsGrant = (engine: Engine, role: string): string =>
  engine === 'postgres' ? `GRANT pg_read_all_stats TO ${role}` : `GRANT PROCESS ON *.* TO '${role}'@'%'`;

/** The watchdog's role with exactly the rights of docs/database.md; `without` leaves one table out. */
export function grants(
  engine: Engine,
  version: AirflowVersion,
  role: string,
  without = '',
): readonly string[] {
  const [active, due, scheduled, serialized] =
    version === 2
      ? ['is_active', 'execution_date', 'updated_at', 'serialized_dag']
      : ['is_stale, exceeds_max_non_backfill', 'run_after', 'scheduled_dttm', 'dag_version'];
  const rights: Readonly<Record<string, string>> = {
    job: 'id, job_type, hostname, state, start_date, latest_heartbeat, end_date',
    dag: `dag_id, is_paused, ${active}, has_import_errors, max_active_runs, next_dagrun_create_after`,
    dag_run: `dag_id, run_id, state, run_type, ${due}, queued_at, last_scheduling_decision`,
    task_instance: `dag_id, run_id, state, pool, pool_slots, queued_dttm, ${scheduled}, start_date, queued_by_job_id, task_id, queue`,
    trigger: `id, triggerer_id, created_date${version === 3 ? ', queue, team_name' : ''}`,
    import_error: 'id, timestamp',
    slot_pool: 'pool, slots',
    [serialized ?? '']: 'dag_id',
    alembic_version: 'version_num',
  };
  const to = engine === 'postgres' ? role : `'${role}'@'%'`;
  const more = [
    ['task_instance', 'trigger_id, trigger_timeout'],
    ['dag', version === 3 ? 'last_parsed_time, bundle_name' : 'last_parsed_time'],
  ] as const;
  return [...Object.entries(rights), ...more]
    .filter(([table]) => table !== without)
    .map(
      ([table, columns]) =>
        `GRANT SELECT (${columns}) ON ${engine === 'mysql' && table === 'trigger' ? '`trigger`' : table} TO ${to}`,
    );
}
