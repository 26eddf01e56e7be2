import type { DatabaseClient, LocksFacts } from '../../core/observation.ts';
import type { Engine } from '../sql/connection.ts';
import type { Row } from '../sql/session.ts';
import type { Visit } from '../sql/visit.ts';
import { mysqlHeld, postgresHeld } from './held-locks.ts';
import { mysqlClient, notNegative, postgresClient, tableOf } from './lock-clients.ts';
import { type LockSession, lockWaits } from './lock-graph.ts';
import { POSTGRES_LOCKS } from './lock-texts.ts';
import { HELD_ROWS, HELD_TABLES, ROW_LOCKS, TABLE_LOCKS } from './mysql-lock-texts.ts';
import { type Reading, read, slowed } from './reading.ts';
import { known, text, textOrNull } from './row.ts';

type Sessions = Map<number, LockSession>;

/** Who waits for whom on what schedulers need, and who holds it. A missing right makes this one look unreadable and no other. */
export async function readLocks(open: Visit): Promise<Reading<LocksFacts>> {
  return slowed(await read(open, () => LOCKS[open.engine](open)));
}

const LOCKS: Readonly<Record<Engine, (open: Visit) => Promise<LocksFacts>>> = {
  async postgres({ query }) {
    const rows = await query(POSTGRES_LOCKS);
    return { waits: lockWaits(postgresSessions(rows)), held: postgresHeld(rows) };
  },
  async mysql(open) {
    const waits = [...(await open.query(ROW_LOCKS)), ...(await tableLocks(open, TABLE_LOCKS))];
    const held = mysqlHeld(await open.query(HELD_ROWS), await tableLocks(open, HELD_TABLES));
    return { waits: lockWaits(mysqlSessions(waits)), held };
  },
};

/** They need rights of their own; without those the row locks stand alone. */
async function tableLocks({ query, silenceOf }: Visit, text: string): Promise<readonly Row[]> {
  try {
    return await query(text);
  } catch (error) {
    if (/^(forbidden|missing-table|not-found)$/.test(silenceOf(error).cause)) return [];
    throw error;
  }
}

function postgresSessions(rows: readonly Row[]): Sessions {
  const sessions: Sessions = new Map();
  for (const row of rows) {
    const client = postgresClient(row);
    if (client === null) continue;
    sessions.set(client.id, {
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

function mysqlWait(row: Row, { queryAgeSeconds }: DatabaseClient): LockSession['wait'] {
  if (row.kind === 'advisory') return { on: 'advisory', waitedSeconds: null };
  const table = tableOf(row);
  if (table === null) return null;
  const waited = notNegative(row.waited_s);
  // Nobody waits for longer than the statement runs that waits: then the moment was in another time zone.
  const isSound = waited !== null && waited <= (queryAgeSeconds ?? Number.POSITIVE_INFINITY) + 2;
  return { on: table, waitedSeconds: isSound ? waited : null };
}

const numbersIn = (list: unknown): number[] =>
  String(list ?? '')
    .split(',')
    .flatMap((one) => known(one) ?? []);
