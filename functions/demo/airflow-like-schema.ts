/** Airflow's major versions whose schemas differ: 2.11 and 3.3 as migrated by `airflow db migrate` (November 2026). */
export type AirflowVersion = 2 | 3;

/** Column types by meaning, so that each engine can spell them. */
export type ColumnType = 'serial' | 'int' | 'bool' | 'text' | 'moment' | 'naive' | 'uuid' | 'blob';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly only?: AirflowVersion;
}

const column = (name: string, type: ColumnType, only?: AirflowVersion): Column =>
  only === undefined ? { name, type } : { name, type, only };

/** The tables that the watchdog reads, with the columns it reads and those that its role must not read. */
const AIRFLOW_TABLES: Readonly<Record<string, readonly Column[]>> = {
  alembic_version: [column('version_num', 'text')],
  job: [
    column('id', 'serial'),
    column('dag_id', 'text'),
    column('state', 'text'),
    column('job_type', 'text'),
    column('start_date', 'moment'),
    column('end_date', 'moment'),
    column('latest_heartbeat', 'moment'),
    column('executor_class', 'text'),
    column('hostname', 'text'),
    column('unixname', 'text'),
  ],
  dag: [
    column('dag_id', 'text'),
    column('is_paused', 'bool'),
    column('is_active', 'bool', 2),
    column('is_stale', 'bool', 3),
    column('exceeds_max_non_backfill', 'bool', 3),
    column('has_import_errors', 'bool'),
    column('max_active_runs', 'int'),
    column('max_active_tasks', 'int'),
    column('last_parsed_time', 'moment'),
    column('bundle_name', 'text', 3),
    column('next_dagrun', 'moment'),
    column('next_dagrun_create_after', 'moment'),
  ],
  dag_run: [
    column('id', 'serial'),
    column('dag_id', 'text'),
    column('run_id', 'text'),
    column('state', 'text'),
    column('run_type', 'text'),
    column('execution_date', 'moment', 2),
    column('logical_date', 'moment', 3),
    column('run_after', 'moment', 3),
    column('backfill_id', 'int', 3),
    column('scheduled_by_job_id', 'int', 3),
    column('queued_at', 'moment'),
    column('start_date', 'moment'),
    column('end_date', 'moment'),
    column('last_scheduling_decision', 'moment'),
    column('updated_at', 'moment'),
    column('conf', 'blob'),
  ],
  task_instance: [
    column('id', 'uuid', 3),
    column('dag_id', 'text'),
    column('task_id', 'text'),
    column('run_id', 'text'),
    column('map_index', 'int'),
    column('state', 'text'),
    column('pool', 'text'),
    column('pool_slots', 'int'),
    column('queued_dttm', 'moment'),
    column('scheduled_dttm', 'moment', 3),
    column('last_heartbeat_at', 'moment', 3),
    column('updated_at', 'moment'),
    column('start_date', 'moment'),
    column('end_date', 'moment'),
    column('queued_by_job_id', 'int'),
    column('trigger_id', 'int'),
    column('trigger_timeout', 'naive', 2),
    column('trigger_timeout', 'moment', 3),
    column('queue', 'text'),
    column('job_id', 'int', 2),
    column('hostname', 'text'),
    column('executor_config', 'blob'),
  ],
  trigger: [
    column('id', 'serial'),
    column('classpath', 'text'),
    column('kwargs', 'text'),
    column('created_date', 'moment'),
    column('triggerer_id', 'int'),
    column('queue', 'text', 3),
    column('team_name', 'text', 3),
  ],
  import_error: [
    column('id', 'serial'),
    column('timestamp', 'moment'),
    column('filename', 'text'),
    column('stacktrace', 'text'),
    column('bundle_name', 'text', 3),
  ],
  slot_pool: [
    column('id', 'serial'),
    column('pool', 'text'),
    column('slots', 'int'),
    column('include_deferred', 'bool'),
    column('team_name', 'text', 3),
  ],
  serialized_dag: [column('dag_id', 'text'), column('data', 'blob')],
  dag_version: [column('id', 'uuid', 3), column('dag_id', 'text', 3), column('version_number', 'int', 3)],
};

const POSTGRES_TYPES: Readonly<Record<ColumnType, string>> = {
  serial: 'serial PRIMARY KEY',
  int: 'integer',
  bool: 'boolean',
  text: 'varchar(500)',
  moment: 'timestamptz(6)',
  naive: 'timestamp(6)',
  uuid: 'uuid DEFAULT gen_random_uuid() PRIMARY KEY',
  blob: 'bytea',
};

/** `airflow db migrate` leaves these. */
export const ALEMBIC_HEADS: Readonly<Record<AirflowVersion, string>> = {
  2: '5f2621c13b39',
  3: 'd2f4e1b3c5a7',
};

/** One CREATE TABLE per table that the version has. */
export function createTables(
  version: AirflowVersion,
  types: Readonly<Record<ColumnType, string>> = POSTGRES_TYPES,
): readonly string[] {
  // `trigger` is a reserved word on MySQL.
  const quoted = (table: string) => (types === POSTGRES_TYPES ? table : `\`${table}\``);
  return Object.entries(AIRFLOW_TABLES).flatMap(([table, columns]) => {
    const own = columns.filter(({ only }) => only === undefined || only === version);
    const lines = own.map(({ name, type }) => `${name} ${types[type]}`);
    return lines.length === 0 ? [] : [`CREATE TABLE ${quoted(table)} (${lines.join(', ')})`];
  });
}

/** An Airflow-like metadata database for PostgreSQL: enough for the watchdog, far from enough for Airflow. */
export function airflowLikeSchema(version: AirflowVersion): string {
  return [
    ...createTables(version),
    'CREATE INDEX job_type_heart ON job (job_type, latest_heartbeat)',
    'CREATE INDEX dag_id_state ON dag_run (dag_id, state)',
    'CREATE INDEX ti_state ON task_instance (state)',
    `INSERT INTO alembic_version VALUES ('${ALEMBIC_HEADS[version]}')`,
    "INSERT INTO slot_pool (pool, slots, include_deferred) VALUES ('default_pool', 128, false)",
  ].join(';\n');
}
