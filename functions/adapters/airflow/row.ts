import { quote } from '../../core/redact.ts';
import type { Row } from '../sql/session.ts';

/** Longer than any column of Airflow's that is read. */
const MOST_CHARS = 500;

/** A text out of the database, which people will read: no controls in it. */
export const text = (value: unknown): string =>
  value === null || value === undefined ? '' : quote(String(value), MOST_CHARS);

export const textOrNull = (value: unknown): string | null => text(value) || null;

/** A number that may be missing or nonsense without spoiling the rest. */
export function known(value: unknown): number | null {
  if (value === null || value === undefined || value === '' || typeof value === 'boolean') return null;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : null;
}

/** Drivers give counts, sums and MySQL's decimals as texts. */
export function numberOrNull(row: Row, column: string): number | null {
  const value = row[column];
  if (value === null || value === undefined) return null;
  const parsed = known(value);
  if (parsed === null) throw new Error(`column ${column} holds no number`);
  return parsed;
}

export function number(row: Row, column: string): number {
  const value = numberOrNull(row, column);
  if (value === null) throw new Error(`column ${column} is empty`);
  return value;
}
