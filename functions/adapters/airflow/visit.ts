import { WatchdogError } from '../../core/errors.ts';
import type { Target } from '../../core/target.ts';
import type { SecretSource } from '../../ports.ts';
import { type Silence, secondsText, thrown, unreadable } from '../http/network-error.ts';
import { type Connection, readConnection } from './connection.ts';
import { createSession } from './create-session.ts';
import { databaseSilence } from './errors.ts';
import type { Engine } from './schema.ts';
import type { Query, Session } from './session.ts';

/** An open session under one deadline. */
export interface Visit {
  readonly engine: Engine;
  readonly query: Query;
  /** Names what went wrong in `query`. */
  silenceOf(error: unknown): Silence;
}

/**
 * Resolves the secret, connects, lets `use` ask its questions, and closes the connection whatever happens. The deadline covers
 * all of it; after it the socket is cut, so that a server that never answers keeps nothing open.
 */
export async function visit<T extends object>(
  secrets: SecretSource,
  { database }: Target,
  deadlineMs: number,
  use: (visit: Visit) => Promise<T>,
): Promise<T | Silence> {
  if (database === null) return unreadable('not-found', 'the target names no metadata database');
  const deadline = startDeadline(deadlineMs);
  let session: Session | null = null;
  let connection: Connection | null = null;
  let outcome: 'done' | 'broken' = 'broken';
  try {
    const resolved = await deadline.within(resolve(secrets, database));
    if ('kind' in resolved) return resolved;
    connection = resolved;
    const opened = await deadline.within(createSession(connection, deadlineMs));
    session = opened;
    await deadline.within(opened.connect());
    const query: Query = (sql) => deadline.within(opened.query(sql));
    const silenceOf = (error: unknown) => databaseSilence(error, resolved, deadlineMs);
    const used = await use({ engine: resolved.engine, query, silenceOf });
    outcome = 'done';
    return used;
  } catch (error) {
    if (connection !== null) return databaseSilence(error, connection, deadlineMs);
    return secretSilence(error, database, deadlineMs);
  } finally {
    session?.close(outcome === 'done' && !deadline.isOver() ? 'politely' : 'now');
    deadline.end();
  }
}

type Database = NonNullable<Target['database']>;
const nameOf = ({ secret }: Database): string => `${secret.scheme}:${secret.name}`;

async function resolve(secrets: SecretSource, database: Database): Promise<Connection | Silence> {
  const connection = await readConnection(await secrets.resolve(database.secret), database.engine);
  return 'problem' in connection
    ? unreadable('secret', `the secret ${nameOf(database)} is of no use: ${connection.problem}`)
    : connection;
}

function secretSilence(error: unknown, database: Database, deadlineMs: number): Silence {
  const name = nameOf(database);
  if (thrown(error).name === 'TimeoutError') {
    return unreadable('secret', `the secret ${name} did not arrive within ${secondsText(deadlineMs)}`);
  }
  // Only our own errors promise to hold no secret.
  if (error instanceof WatchdogError)
    return unreadable('secret', `${error.explained.what} (${name}). ${error.explained.run}`);
  return unreadable(
    'secret',
    `the secret ${name} does not resolve (${thrown(error).code || thrown(error).name})`,
  );
}

function startDeadline(ms: number) {
  const { promise, reject } = Promise.withResolvers<never>();
  // When nothing waits for it any more, its end is no news.
  promise.catch(() => {});
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    reject(Object.assign(new Error('the deadline passed'), { name: 'TimeoutError' }));
  }, ms);
  return {
    within: <T>(work: Promise<T>): Promise<T> => Promise.race([work, promise]),
    isOver: () => over,
    end: () => clearTimeout(timer),
  };
}
