import { isIP } from 'node:net';
import type { DatabaseClient, LocksFacts, LockWait } from '../../core/observation.ts';
import type { Engine } from '../sql/connection.ts';
import type { Row } from '../sql/session.ts';
import type { Visit } from '../sql/visit.ts';
import { type LockSession, lockWaits } from './lock-graph.ts';
import { POSTGRES_LOCKS, TABLES } from './lock-texts.ts';
import { ROW_LOCKS, TABLE_LOCKS } from './mysql-lock-texts.ts';
import { type Reading, read, slowed } from './reading.ts';
import { known, text, textOrNull } from './row.ts';

type Sessions = Map<number, LockSession>;

/** Who waits for whom on what schedulers need. A missing right makes this one look unreadable and no other. */
export async function readLocks(open: Visit): Promise<Reading<LocksFacts>> {
  return slowed(await read(open, async () => ({ waits: lockWaits(await SESSIONS[open.engine](open)) })));
}

const SESSIONS: Readonly<Record<Engine, (open: Visit) => Promise<Sessions>>> = {
  postgres: async ({ query }) => postgresSessions(await query(POSTGRES_LOCKS)),
  mysql: async (open) => mysqlSessions([...(await open.query(ROW_LOCKS)), ...(await tableLocks(open))]),
};

/** They need rights of their own; without those the row locks stand alone. */
async function tableLocks({ query, silenceOf }: Visit): Promise<readonly Row[]> {
  try {
    return await query(TABLE_LOCKS);
  } catch (error) {
    if (/^(forbidden|missing-table|not-found)$/.test(silenceOf(error).cause)) return [];
    throw error;
  }
}

function postgresSessions(rows: readonly Row[]): Sessions {
  const sessions: Sessions = new Map();
  for (const row of rows) {
    const id = known(row.id);
    if (id === null) continue;
    const client: DatabaseClient = {
      id,
      user: textOrNull(row.user_name),
      address: addressOf(row.address),
      application: textOrNull(row.application),
      // Postgres says 0 where a transaction was prepared and its session has left.
      state: id === 0 ? 'prepared transaction' : textOrNull(row.state),
      queryAgeSeconds: notNegative(row.query_age_s),
    };
    sessions.set(id, {
      client,
      isOurs: row.is_ours === true,
      blockedBy: numbersIn(row.blocked_by),
      wait: postgresWait(row),
    });
  }
  return sessions;
}

function postgresWait(row: Row): LockSession['wait'] {
  const waitedSeconds = notNegative(row.waited_s);
  if (row.kind === 'advisory') return { on: 'advisory', waitedSeconds };
  const locked = textOrNull(row.locked);
  if (locked !== null) return { on: locked, waitedSeconds };
  // Two inserts of one key wait without a tuple; what the transaction has touched so far narrows it down.
  const touched = text(row.touched)
    .split(',')
    .filter((name) => name !== '');
  if (row.kind !== 'transactionid' || touched.length === 0) return null;
  return { on: touched.length === 1 ? (touched[0] ?? null) : null, waitedSeconds };
}

function mysqlSessions(rows: readonly Row[]): Sessions {
  const sessions: Sessions = new Map();
  for (const row of rows) {
    const waiting = mysqlClient(row, 'waiting');
    const blocking = mysqlClient(row, 'blocking');
    if (waiting === null || blocking === null || waiting.id === blocking.id) continue;
    const isOurs = ({ id }: DatabaseClient) => id === known(row.own_id);
    const before = sessions.get(waiting.id);
    sessions.set(waiting.id, {
      client: waiting,
      isOurs: isOurs(waiting),
      blockedBy: [...(before?.blockedBy ?? []), blocking.id],
      wait: before?.wait ?? mysqlWait(row, waiting),
    });
    if (!sessions.has(blocking.id))
      sessions.set(blocking.id, {
        client: blocking,
        isOurs: isOurs(blocking),
        blockedBy: [],
        wait: null,
      });
  }
  return sessions;
}

function mysqlClient(row: Row, side: 'waiting' | 'blocking'): DatabaseClient | null {
  const id = known(row[`${side}_id`]);
  if (id === null) return null;
  return {
    id,
    user: textOrNull(row[`${side}_user`]),
    address: addressOf(text(row[`${side}_host`]).replace(/:\d+$/, '')),
    application: null,
    state:
      id === 0 ? 'prepared transaction' : stateOf(textOrNull(row[`${side}_command`]), textOrNull(row.idle)),
    queryAgeSeconds: notNegative(row[`${side}_time`]),
  };
}

/** In Postgres' words. @param idle what it is while it does nothing: who holds a row lock is in a transaction */
function stateOf(command: string | null, idle: string | null): string | null {
  if (command === 'Sleep') return idle;
  return command === 'Query' || command === 'Execute' ? 'active' : command;
}

function mysqlWait(row: Row, { queryAgeSeconds }: DatabaseClient): LockSession['wait'] {
  if (row.kind === 'advisory') return { on: 'advisory', waitedSeconds: null };
  const [, schema, table = ''] = /^`([^`]+)`\.`([^`]+)`/.exec(text(row.place)) ?? [];
  if (schema !== text(row.here) || !TABLES.includes(table)) return null;
  const waited = notNegative(row.waited_s);
  // Nobody waits for longer than the statement runs that waits: then the moment was in another time zone.
  const isSound = waited !== null && waited <= (queryAgeSeconds ?? Number.POSITIVE_INFINITY) + 2;
  return { on: table, waitedSeconds: isSound ? waited : null };
}

const addressOf = (value: unknown): string | null => (isIP(text(value)) === 0 ? null : text(value));
const numbersIn = (list: unknown): number[] =>
  String(list ?? '')
    .split(',')
    .flatMap((one) => known(one) ?? []);

/** Clocks are stepped back at times; an age below zero is no age. */
function notNegative(value: unknown): LockWait['waitedSeconds'] {
  const seconds = known(value);
  return seconds === null || seconds < 0 ? null : seconds;
}
