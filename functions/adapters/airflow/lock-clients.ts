import { isIP } from 'node:net';
import type { DatabaseClient } from '../../core/observation.ts';
import type { Row } from '../sql/session.ts';
import { TABLES } from './lock-texts.ts';
import { known, text, textOrNull } from './row.ts';

/** The session of a row of `POSTGRES_LOCKS`. */
export function postgresClient(row: Row): DatabaseClient | null {
  const id = known(row.id);
  if (id === null) return null;
  return {
    id,
    user: textOrNull(row.user_name),
    address: addressOf(row.address),
    application: textOrNull(row.application),
    // Postgres says 0 where a transaction was prepared and its session has left.
    state: id === 0 ? 'prepared transaction' : textOrNull(row.state),
    queryAgeSeconds: notNegative(row.query_age_s),
  };
}

/** The session on one side of a row of MySQL's. */
export function mysqlClient(row: Row, side: 'waiting' | 'blocking'): DatabaseClient | null {
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

/** The table of Airflow's that a row of MySQL's speaks of; null when it is none. */
export function tableOf(row: Row): string | null {
  const [, schema, table = ''] = /^`([^`]+)`\.`([^`]+)`/.exec(text(row.place)) ?? [];
  return schema === text(row.here) && TABLES.includes(table) ? table : null;
}

const addressOf = (value: unknown): string | null => (isIP(text(value)) === 0 ? null : text(value));

/** Clocks are stepped back at times; an age below zero is no age. */
export function notNegative(value: unknown): number | null {
  const seconds = known(value);
  return seconds === null || seconds < 0 ? null : seconds;
}
