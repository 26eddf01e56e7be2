import type { Connection } from './connection.ts';
import { createMysqlSession } from './mysql-session.ts';
import { createPostgresSession } from './postgres-session.ts';
import type { Session } from './session.ts';

/** Waiting longer for a lock would only tell later that there is one (rig: 55P03 after 1 s while a migration holds the table). */
const LOCK_MS = 1_000;
/** A statement may take this share of the deadline, so that the server's own word arrives before we hang up. */
const STATEMENT_SHARE = 0.6;

export function createSession(connection: Connection, deadlineMs: number): Promise<Session> {
  const statementMs = Math.max(1, Math.floor(deadlineMs * STATEMENT_SHARE));
  const limits = { connectMs: deadlineMs, statementMs, lockMs: Math.min(LOCK_MS, statementMs) };
  return connection.engine === 'postgres'
    ? createPostgresSession(connection, limits)
    : createMysqlSession(connection, limits);
}
