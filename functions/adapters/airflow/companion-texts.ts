import type { Engine } from '../sql/connection.ts';
import { AGE } from './sql.ts';

/** More triggers than the default capacity of two triggerers; beyond that nobody's share is known. */
export const MOST_TRIGGERS = 2_000;
const MOST_DEFERRED = 5_000;
const MOST_DAGS = 10_000;
const MOST_FAILURES = 1_000;
const MOST_GROUPS = 50;

/** A reserved word on MySQL; quoted it means the same on Postgres. */
const TRIGGER: Readonly<Record<Engine, string>> = { postgres: '"trigger"', mysql: '`trigger`' };
/** The column has no zone before Airflow 3 and holds UTC; this reads it so whatever the zone of the session. */
const LATE: Readonly<Record<Engine, string>> = {
  postgres:
    'CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP(6)) - EXTRACT(EPOCH FROM trigger_timeout) AS double precision)',
  mysql: AGE.mysql('trigger_timeout'),
};

/**
 * The newest triggers by their key, and the deferred tasks by the index on states; both bounded before they meet. With a queue or a
 * team of its own (from 3.2) a trigger is for some triggerers only.
 */
const triggersOf = (engine: Engine, isForAll: string): string => {
  const age = AGE[engine];
  const isWaited = 't.for_all = 1 AND i.trigger_id IS NOT NULL';
  return `
SELECT t.triggerer_id AS job_id, COUNT(DISTINCT t.id) AS triggers,
       COUNT(DISTINCT CASE WHEN ${isWaited} THEN t.id END) AS waited,
       ${age(`MIN(CASE WHEN ${isWaited} THEN t.created_date END)`)} AS waited_s,
       COUNT(CASE WHEN i.late_s > 0 THEN 1 END) AS overdue, MAX(CASE WHEN i.late_s > 0 THEN i.late_s END) AS overdue_s
FROM (
  SELECT id, triggerer_id, created_date, CASE WHEN ${isForAll} THEN 1 ELSE 0 END AS for_all
  FROM ${TRIGGER[engine]} ORDER BY id DESC LIMIT ${MOST_TRIGGERS + 1}
) t
LEFT JOIN (
  SELECT trigger_id, ${LATE[engine]} AS late_s FROM task_instance WHERE state = 'deferred' LIMIT ${MOST_DEFERRED}
) i ON i.trigger_id = t.id
GROUP BY t.triggerer_id
ORDER BY triggers DESC
LIMIT ${MOST_GROUPS}`;
};

/** Each asks for what a later version of Airflow has; the next one is for where that column is not there. */
export const TRIGGERS = (engine: Engine): readonly string[] => [
  triggersOf(engine, 'queue IS NULL AND team_name IS NULL'),
  triggersOf(engine, 'queue IS NULL'),
  triggersOf(engine, 'true'),
];

const parsingOf = (engine: Engine, bundle: string, seen: string): string => {
  const age = AGE[engine];
  return `
SELECT d.bundle, COUNT(*) AS dags, ${age('MAX(d.last_parsed_time)')} AS parsed_s
FROM (
  SELECT ${bundle} AS bundle, last_parsed_time FROM dag WHERE ${seen} ORDER BY dag_id LIMIT ${MOST_DAGS}
) d
GROUP BY d.bundle
ORDER BY MAX(d.last_parsed_time) DESC
LIMIT ${MOST_GROUPS}`;
};

/** From Airflow 3 on files come in bundles. */
export const PARSING = (engine: Engine): readonly string[] => [
  parsingOf(engine, 'bundle_name', 'is_stale = false'),
  parsingOf(engine, "'files'", 'is_active = true'),
];

/** Only Airflow 2 has this column. */
export const IS_AIRFLOW_2 = 'SELECT is_active FROM dag LIMIT 0';

/** A file that cannot be imported is parsed all the same, and only this shows it. */
export const FAILURES = (engine: Engine): string => `
SELECT ${AGE[engine]('MAX(e.failed)')} AS failed_s
FROM (SELECT f.timestamp AS failed FROM import_error f ORDER BY f.id DESC LIMIT ${MOST_FAILURES}) e`;
