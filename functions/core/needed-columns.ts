/** One table of Airflow's database, what is read of it, and what is lost without. */
export interface NeededTable {
  readonly table: string;
  /** What of the table is meant, where it is read for several things. */
  readonly part?: string;
  readonly columns: readonly string[];
  /** Those among them that a later version of Airflow has and an earlier one may do without. */
  readonly whereThere?: readonly string[];
  readonly costs: string;
  /** `need`: without it there is no heartbeat. */
  readonly weight: 'need' | 'want';
}

const NO_PROGRESS = 'whether work moves is not seen: `stalled` is never found';

const NO_TRIGGERS = 'triggers that nobody takes up are not seen: `not-triggering` is never found';
const NO_PARSING = 'whether files are parsed is not seen: `not-parsing` is never found';

/** What a line of doctor calls it. */
export const nameOfNeeded = ({ table, part }: NeededTable): string =>
  part === undefined ? table : `${table} (${part})`;

const OF_VERSION = {
  2: { active: ['is_active'], due: 'execution_date', scheduled: 'updated_at', serialized: 'serialized_dag' },
  3: {
    active: ['is_stale', 'exceeds_max_non_backfill'],
    due: 'run_after',
    scheduled: 'scheduled_dttm',
    serialized: 'dag_version',
  },
} as const;

/** Exactly the columns of docs/database.md; a test compares the two. */
export function neededTables(version: 2 | 3): readonly NeededTable[] {
  const { active, due, scheduled, serialized } = OF_VERSION[version];
  const want = (table: string, columns: readonly string[], costs = NO_PROGRESS): NeededTable => ({
    table,
    columns,
    costs,
    weight: 'want',
  });
  return [
    {
      table: 'job',
      columns: ['id', 'job_type', 'hostname', 'state', 'start_date', 'latest_heartbeat', 'end_date'],
      costs: 'there are no heartbeats: nobody can be found dead by them',
      weight: 'need',
    },
    want('dag', [
      'dag_id',
      'is_paused',
      ...active,
      'has_import_errors',
      'max_active_runs',
      'next_dagrun_create_after',
    ]),
    want('dag_run', ['dag_id', 'run_id', 'state', 'run_type', due, 'queued_at', 'last_scheduling_decision']),
    want(
      'task_instance',
      [
        'dag_id',
        'run_id',
        'state',
        'pool',
        'pool_slots',
        'queued_dttm',
        scheduled,
        'start_date',
        'queued_by_job_id',
        'task_id',
        'queue',
      ],
      `${NO_PROGRESS}, and running tasks cannot be protected`,
    ),
    want('slot_pool', ['pool', 'slots']),
    want(serialized, ['dag_id']),
    ...companionTables(version),
    want('alembic_version', ['version_num'], 'which migration the schema has is not shown; nothing else'),
  ];
}

/** What is read of the work beside the schedulers. */
function companionTables(version: 2 | 3): readonly NeededTable[] {
  const newer = version === 3 ? ['queue', 'team_name'] : [];
  const bundle = version === 3 ? ['bundle_name'] : [];
  return [
    {
      table: 'trigger',
      columns: ['id', 'triggerer_id', 'created_date', ...newer],
      whereThere: newer,
      costs: NO_TRIGGERS,
      weight: 'want',
    },
    {
      table: 'task_instance',
      part: 'deferred',
      columns: ['trigger_id', 'trigger_timeout'],
      costs: NO_TRIGGERS,
      weight: 'want',
    },
    {
      table: 'dag',
      part: 'parsing',
      columns: ['last_parsed_time', ...bundle],
      costs: NO_PARSING,
      weight: 'want',
    },
    { table: 'import_error', columns: ['id', 'timestamp'], costs: NO_PARSING, weight: 'want' },
  ];
}

/** The role as its engine writes it in a GRANT. */
export function granteeOf(engine: 'postgres' | 'mysql', user: string): string {
  if (engine === 'mysql') return `'${user.replaceAll("'", "''")}'@'%'`;
  return /^[a-z_][a-z0-9_]*$/.test(user) ? user : `"${user.replaceAll('"', '""')}"`;
}

/** A reserved word, of all tables that are read. */
const quoted = (table: string): string => (table === 'trigger' ? '`trigger`' : table);

/** The statement that lets the watchdog's account read one table. */
export function grantOf(
  engine: 'postgres' | 'mysql',
  { table, columns }: NeededTable,
  to: { readonly user: string; readonly database: string },
): string {
  const place = engine === 'mysql' ? `\`${to.database.replaceAll('`', '``')}\`.${quoted(table)}` : table;
  return `GRANT SELECT (${columns.join(', ')}) ON ${place} TO ${granteeOf(engine, to.user)};`;
}
