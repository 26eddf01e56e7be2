import { type Silence, thrown, unreadable } from '../http/network-error.ts';
import type { Engine } from '../sql/connection.ts';
import type { Query } from '../sql/session.ts';

/** What differs between Airflow's schemas, as far as the texts care. */
export interface Schema {
  readonly version: 2 | 3;
  /** `dag.exceeds_max_non_backfill`, from 3.2. */
  readonly hasExceedsMax: boolean;
  /** `task_instance.updated_at`, from 2.5. */
  readonly hasUpdatedAt: boolean;
}

const TABLES = ['dag', 'dag_run', 'task_instance', 'slot_pool', 'serialized_dag', 'dag_version'];
const TABLE_LIST = TABLES.map((name) => `'${name}'`).join(', ');

/** On Postgres the catalogue, which shows columns without a grant too, and follows the search path as the queries do. */
const COLUMNS: Readonly<Record<Engine, string>> = {
  postgres: `SELECT c.relname AS table_name, a.attname AS column_name
FROM unnest(ARRAY[${TABLE_LIST}]) AS wanted JOIN pg_class c ON c.oid = to_regclass(wanted)
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`,
  mysql: `SELECT table_name AS table_name, column_name AS column_name FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name IN (${TABLE_LIST})`,
};

const COMMON = [
  'dag.dag_id',
  'dag.is_paused',
  'dag.has_import_errors',
  'dag.max_active_runs',
  'dag.next_dagrun_create_after',
  'dag_run.dag_id',
  'dag_run.run_id',
  'dag_run.state',
  'dag_run.run_type',
  'dag_run.queued_at',
  'dag_run.last_scheduling_decision',
  'task_instance.state',
  'task_instance.pool',
  'task_instance.pool_slots',
  'task_instance.queued_dttm',
  'slot_pool.pool',
  'slot_pool.slots',
];
const OF_VERSION: Readonly<Record<2 | 3, readonly string[]>> = {
  2: ['dag.is_active', 'dag_run.execution_date', 'serialized_dag.dag_id'],
  3: ['dag.is_stale', 'dag_run.run_after', 'dag_version.dag_id', 'task_instance.scheduled_dttm'],
};

/** Tells 2.x from 3.x by the columns, not by `alembic_version`: a list of versions would end with today. */
export async function detectSchema(query: Query, engine: Engine): Promise<Schema | Silence> {
  const rows = await query(COLUMNS[engine]);
  const columns = new Set(rows.map((row) => `${row.table_name}.${row.column_name}`));
  const version = versionOf(columns);
  const wanted = [...COMMON, ...OF_VERSION[version ?? 2]];
  const absent: string[] = [];
  for (const column of wanted.filter((name) => !columns.has(name))) {
    const table = column.slice(0, column.indexOf('.'));
    if (engine === 'postgres' && !rows.some((row) => row.table_name === table)) {
      return unreadable(
        'missing-table',
        `there is no table ${table}; is this Airflow's metadata database and schema?`,
      );
    }
    if (!(await isThere(query, engine, column))) absent.push(column);
  }
  if (version === null || absent.length > 0) {
    const shown = absent.slice(0, 4).join(', ');
    return unreadable(
      'unknown-schema',
      `the schema is neither Airflow 2's nor Airflow 3's: there is no ${shown}`,
    );
  }
  const optional = async (column: string) => columns.has(column) || (await isThere(query, engine, column));
  return {
    version,
    hasExceedsMax: version === 3 && (await optional('dag.exceeds_max_non_backfill')),
    hasUpdatedAt: version === 2 && (await optional('task_instance.updated_at')),
  };
}

function versionOf(columns: ReadonlySet<string>): 2 | 3 | null {
  if (columns.has('dag.is_stale') || columns.has('dag_run.run_after')) return 3;
  return columns.has('dag.is_active') || columns.has('dag_run.execution_date') ? 2 : null;
}

/**
 * MySQL's information_schema hides a column without a grant, so an unseen one is asked for: an unknown column is absent, while a
 * refusal is thrown. Leaving a column out that is only not granted would change what the answer means.
 */
async function isThere(query: Query, engine: Engine, column: string): Promise<boolean> {
  if (engine === 'postgres') return false;
  const [table, name] = column.split('.');
  try {
    await query(`SELECT ${name} FROM ${table} LIMIT 0`);
    return true;
  } catch (error) {
    if (thrown(error).code === 'ER_BAD_FIELD_ERROR') return false;
    throw error;
  }
}
