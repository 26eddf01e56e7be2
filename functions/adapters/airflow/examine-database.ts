import { inOneLine, WatchdogError } from '../../core/errors.ts';
import { type DatabaseExam, NOTHING_OF_DATABASE, type TableAnswer } from '../../core/examination.ts';
import { type NeededTable, nameOfNeeded, neededTables } from '../../core/needed-columns.ts';
import type { Look } from '../../core/observation.ts';
import { quote } from '../../core/redact.ts';
import type { DatabaseRef, Target } from '../../core/target.ts';
import type { Clock, LookOptions } from '../../ports.ts';
import { type Silence, thrown } from '../http/network-error.ts';
import { reach } from '../http/reach.ts';
import { type Connection, readConnection } from '../sql/connection.ts';
import { type Login, type Visit, visit } from '../sql/visit.ts';
import { readJobs } from './jobs.ts';
import { readLocks } from './locks.ts';
import { type Reading, read } from './reading.ts';
import { textOrNull } from './row.ts';
import { detectSchema } from './schema.ts';

export interface DatabaseExaminerParts extends Login {
  readonly clock: Clock;
}

/** Airflow's metadata database of one target, step by step, in one read-only session. Never rejects. */
export async function examineDatabase(
  parts: DatabaseExaminerParts,
  target: Target,
  { deadlineMs }: LookOptions,
): Promise<DatabaseExam> {
  const { database } = target;
  const unasked = { ok: false, cause: 'secret', detail: 'the target names no database' } as const;
  if (database === null) return { ...NOTHING_OF_DATABASE, secret: unasked };
  const connection = await connectionOf(parts, database);
  if ('ok' in connection) return { ...NOTHING_OF_DATABASE, secret: connection };
  const secret = describe(connection);
  const way = await reach(connection.host, connection.port, deadlineMs / 3);
  if (!way.port?.ok) return { ...NOTHING_OF_DATABASE, secret, ...way };
  const asked = await visit(parts, database, deadlineMs, (open) => ask(open, parts.clock));
  const known = { ...NOTHING_OF_DATABASE, secret, ...way };
  if ('kind' in asked) {
    const failed = { ok: false, cause: asked.cause, detail: asked.detail } as const;
    return asked.cause === 'tls' ? { ...known, tls: failed } : { ...known, tls: { ok: true }, login: failed };
  }
  return { ...known, tls: { ok: true }, login: { ok: true }, ...asked };
}

async function connectionOf(
  { secrets }: DatabaseExaminerParts,
  database: DatabaseRef,
): Promise<Connection | Extract<DatabaseExam['secret'], { ok: false }>> {
  const failed = (detail: string) => ({ ok: false, cause: 'secret', detail }) as const;
  try {
    const connection = await readConnection(await secrets.resolve(database.secret), database.engine);
    if (!('problem' in connection)) return connection;
    return failed(`${database.secret.scheme}:${database.secret.name} is of no use: ${connection.problem}`);
  } catch (error) {
    // Only our own errors promise to hold no secret.
    return failed(
      error instanceof WatchdogError
        ? inOneLine(error)
        : `the secret does not resolve (${thrown(error).code || thrown(error).name})`,
    );
  }
}

function describe({
  host,
  port,
  user,
  database,
  tls,
}: Connection): Extract<DatabaseExam['secret'], { ok: true }> {
  return {
    ok: true,
    place: `${host}:${port}/${database}`,
    user,
    database,
    tls: tls.mode === 'plain' ? 'plain' : tls.checks === 'nothing' ? 'unchecked' : 'checked',
    isLoopback: /^(localhost|::1|127(\.\d+){3})$/.test(host),
  };
}

type Asked = Pick<DatabaseExam, 'schema' | 'tables' | 'jobs' | 'locks' | 'mayReadStats' | 'mayWrite'>;

/** Every question by itself: one that is refused hides no other. */
async function ask(open: Visit, clock: Clock): Promise<Asked> {
  const timed = async <Facts extends object>(asking: Promise<Reading<Facts>>): Promise<Look<Facts>> => {
    const at = clock.now();
    const reading = await asking;
    return { at, tookMs: clock.now() - at, ...reading } as Look<Facts>;
  };
  const jobs = await timed(readJobs(open));
  const schema = await schemaOf(open);
  const version = schema.ok ? schema.version : await versionSeen(open);
  const tables: TableAnswer[] = [];
  for (const table of neededTables(version)) tables.push(await tableAnswer(open, table));
  return {
    jobs,
    schema,
    tables,
    locks: await timed(readLocks(open)),
    mayReadStats: await mayReadStats(open),
    mayWrite: await mayWrite(open),
  };
}

async function schemaOf(open: Visit): Promise<Extract<DatabaseExam['schema'], object>> {
  const detected = await read(open, () => detectSchema(open.query, open.engine));
  if (detected.kind !== 'answered') return { ok: false, cause: detected.cause, detail: detected.detail };
  const rows = await open.query('SELECT version_num FROM alembic_version').catch(() => []);
  return { ok: true, version: detected.version, alembic: textOrNull(rows[0]?.version_num) };
}

/** Columns that only one of the two has; the first that can be read tells. Without any of them the newer one is taken. */
const TELLING = [
  ['dag', 'is_stale', 3],
  ['dag_run', 'run_after', 3],
  ['dag_version', 'dag_id', 3],
  ['dag', 'is_active', 2],
  ['dag_run', 'execution_date', 2],
] as const;

async function versionSeen(open: Visit): Promise<2 | 3> {
  for (const [table, column, version] of TELLING)
    if ((await columnsAnswer(open, table, [column])) === null) return version;
  return 3;
}

async function tableAnswer(open: Visit, needed: NeededTable): Promise<TableAnswer> {
  const { columns, whereThere = [] } = needed;
  const table = open.engine === 'mysql' ? `\`${needed.table}\`` : needed.table;
  const none = { table: nameOfNeeded(needed), refused: [], absent: [], silent: null };
  const whole = await columnsAnswer(open, table, columns);
  if (whole === null) return none;
  if (!isAboutRights(whole)) return { ...none, silent: whole.detail };
  const refused: string[] = [];
  const absent: string[] = [];
  for (const column of columns) {
    const silence = await columnsAnswer(open, table, [column]);
    if (silence === null) continue;
    if (!isAboutRights(silence)) return { ...none, silent: silence.detail };
    if (silence.cause === 'forbidden') refused.push(column);
    else if (!whereThere.includes(column)) absent.push(column);
  }
  return { ...none, refused, absent };
}

const isAboutRights = ({ cause }: Silence): boolean =>
  /^(forbidden|missing-table|unknown-schema)$/.test(cause);

/** Null when all of them can be read. */
async function columnsAnswer({ query, silenceOf }: Visit, table: string, columns: readonly string[]) {
  try {
    await query(`SELECT ${columns.join(', ')} FROM ${table} LIMIT 0`);
    return null;
  } catch (error) {
    return silenceOf(error);
  }
}

async function mayReadStats({ engine, query, silenceOf }: Visit): Promise<boolean | null> {
  try {
    if (engine === 'mysql') {
      await query('SELECT 1 FROM information_schema.innodb_trx LIMIT 0');
      return true;
    }
    const [row] = await query("SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS may");
    return row?.may === true;
  } catch (error) {
    return silenceOf(error).cause === 'forbidden' ? false : null;
  }
}

const MAY_WRITE_POSTGRES = `
SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_super,
       has_table_privilege(to_regclass('job'), 'INSERT, UPDATE, DELETE, TRUNCATE') AS may_write`;
const WRITES = /\b(ALL PRIVILEGES|INSERT|UPDATE|DELETE|DROP|ALTER|CREATE|SUPER)\b/i;

async function mayWrite({ engine, query }: Visit): Promise<string | null> {
  if (engine === 'postgres') {
    const [row] = await query(MAY_WRITE_POSTGRES).catch(() => []);
    if (row?.is_super === true) return 'the account is a superuser';
    return row?.may_write === true ? 'the account may change the table job' : null;
  }
  const rows = await query('SHOW GRANTS').catch(() => []);
  const grants = rows.flatMap((row) => Object.values(row).map(String));
  // What follows the rights names tables and users, which may be called anything.
  const found = grants
    .map((grant) => WRITES.exec(grant.split(/ ON /i)[0] ?? '')?.[1])
    .find((one) => one !== undefined);
  return found === undefined ? null : `the account has ${quote(found, 40)}`;
}
