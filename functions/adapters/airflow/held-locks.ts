import type { HeldLock } from '../../core/observation.ts';
import type { Row } from '../sql/session.ts';
import { mysqlClient, notNegative, postgresClient, tableOf } from './lock-clients.ts';
import { MOST_HELD } from './lock-texts.ts';
import { known, text } from './row.ts';

/** The transactions among the rows of `POSTGRES_LOCKS` that hold what schedulers need. */
export function postgresHeld(rows: readonly Row[]): readonly HeldLock[] {
  const held = rows.flatMap((row): HeldLock[] => {
    const holder = postgresClient(row);
    if (holder === null || row.is_ours === true || text(row.held) === '') return [];
    return [heldOf(row, holder, text(row.held).split(','))];
  });
  return oldest(held);
}

/**
 * MariaDB does not say of which table the locked rows are. Where its performance schema tells what the session has touched, that
 * decides; else the database that the session is in.
 * @param tables rows of `HELD_TABLES`: empty without the right, or without the performance schema
 */
export function mysqlHeld(rows: readonly Row[], tables: readonly Row[]): readonly HeldLock[] {
  const touched = Map.groupBy(
    tables.filter(({ kind }) => kind === 'table'),
    (row) => known(row.blocking_id),
  );
  const transactions = Map.groupBy(rows, (row) => text(row.transaction));
  const held = [...transactions.values()].flatMap((parts): HeldLock[] => {
    const [row] = parts;
    const holder = row === undefined ? null : mysqlClient(row, 'blocking');
    if (row === undefined || holder === null) return [];
    const told = text(row.place) === '' ? touched.get(holder.id) : parts;
    if (told !== undefined) {
      const names = new Set(told.flatMap((part) => tableOf(part) ?? []));
      return names.size === 0 ? [] : [heldOf(row, holder, [...names])];
    }
    const database = text(row.session_db);
    return database === '' || database === text(row.here) ? [heldOf(row, holder, [])] : [];
  });
  const named = tables.flatMap((row): HeldLock[] => {
    const holder = row.kind === 'advisory' ? mysqlClient(row, 'blocking') : null;
    return holder === null ? [] : [heldOf(row, holder, ['advisory'])];
  });
  return oldest([...named, ...held]);
}

/** @param on empty: the server does not say */
function heldOf(row: Row, holder: HeldLock['holder'], on: readonly string[]): HeldLock {
  return {
    on: on.length === 0 ? null : on.toSorted().join(', '),
    holder,
    transaction: text(row.transaction),
    transactionSeconds: notNegative(row.transaction_s),
  };
}

/** Those whose age is hidden come first: they are the fewest, and the server has chosen the oldest of them. */
function oldest(held: readonly HeldLock[]): readonly HeldLock[] {
  const age = ({ transactionSeconds }: HeldLock) => transactionSeconds ?? Number.POSITIVE_INFINITY;
  return held.toSorted((a, b) => (age(b) > age(a) ? 1 : age(b) < age(a) ? -1 : 0)).slice(0, MOST_HELD);
}
