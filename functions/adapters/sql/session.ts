export type Row = Readonly<Record<string, unknown>>;
export type Query = (sql: string) => Promise<readonly Row[]>;

/** One read-only visit to a database, on a connection of its own. */
export interface Session {
  connect(): Promise<void>;
  readonly query: Query;
  /** `politely` says goodbye first; `now` cuts the line, for a server that does not answer. Never waits, never throws. */
  close(how: 'politely' | 'now'): void;
}

/** What our sessions are called where servers ask for a name. */
export const APPLICATION = 'scheduler-watchdog';

/** Set in the session itself: the role may have been created without them. */
export interface SessionLimits {
  readonly connectMs: number;
  readonly statementMs: number;
  readonly lockMs: number;
}

/** A goodbye that is not heard must not keep the socket. */
export const GOODBYE_MS = 250;
