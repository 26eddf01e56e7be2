import { WatchdogError } from '../../core/errors.ts';
import type { DatabaseRef } from '../../core/target.ts';
import type { SecretSource } from '../../ports.ts';
import { type Silence, secondsText, thrown, unreadable } from '../http/network-error.ts';
import { type Connection, type Engine, readConnection } from './connection.ts';
import { createSession } from './create-session.ts';
import { databaseSilence } from './errors.ts';
import type { Query, Session } from './session.ts';

/** An open session under one deadline. */
export interface Visit {
  readonly engine: Engine;
  readonly query: Query;
  /** Names what went wrong in `query`. */
  silenceOf(error: unknown): Silence;
}

/** Signs a token that is the password for a while. */
export type IamToken = (login: Pick<Connection, 'host' | 'port' | 'user'>) => Promise<string>;

export interface Login {
  readonly secrets: SecretSource;
  /** Missing where this run has no AWS. */
  readonly iamToken?: IamToken;
}

/**
 * Resolves the secret, connects, lets `use` ask its questions, and closes the connection whatever happens. The deadline covers
 * all of it; after it the socket is cut, so that a server that never answers keeps nothing open. A login that is refused is tried
 * once more if the secret has been rotated meanwhile.
 */
export async function visit<T extends object>(
  login: Login,
  database: DatabaseRef | null,
  deadlineMs: number,
  use: (visit: Visit) => Promise<T>,
): Promise<T | Silence> {
  if (database === null) return unreadable('not-found', 'the target names no database');
  const deadline = startDeadline(deadlineMs);
  try {
    const secret = await deadline.within(login.secrets.resolve(database.secret));
    const told = await attempt(secret, login, database, { deadline, deadlineMs, use });
    if (!('kind' in told && isRefusedLogin(told))) return told;
    const renewed = await deadline.within(login.secrets.resolve(database.secret, { renew: true }));
    return renewed === secret ? told : await attempt(renewed, login, database, { deadline, deadlineMs, use });
  } catch (error) {
    return secretSilence(error, database, deadlineMs);
  } finally {
    deadline.end();
  }
}

const isRefusedLogin = (told: object) =>
  'kind' in told && told.kind === 'unreadable' && 'cause' in told && told.cause === 'unauthorized';

interface Attempt<T> {
  readonly deadline: ReturnType<typeof startDeadline>;
  readonly deadlineMs: number;
  readonly use: (visit: Visit) => Promise<T>;
}

async function attempt<T extends object>(
  secret: string,
  login: Login,
  database: DatabaseRef,
  { deadline, deadlineMs, use }: Attempt<T>,
): Promise<T | Silence> {
  let session: Session | null = null;
  let outcome: 'done' | 'broken' = 'broken';
  const connection = await deadline.within(connectionOf(secret, login, database));
  if ('kind' in connection) return connection;
  try {
    const opened = await deadline.within(createSession(connection, deadlineMs));
    session = opened;
    await deadline.within(opened.connect());
    const query: Query = (sql) => deadline.within(opened.query(sql));
    const silenceOf = (error: unknown) => databaseSilence(error, connection, deadlineMs);
    const used = await use({ engine: connection.engine, query, silenceOf });
    outcome = 'done';
    return used;
  } catch (error) {
    return databaseSilence(error, connection, deadlineMs);
  } finally {
    session?.close(outcome === 'done' && !deadline.isOver() ? 'politely' : 'now');
  }
}

const nameOf = ({ secret }: DatabaseRef): string => `${secret.scheme}:${secret.name}`;

async function connectionOf(
  secret: string,
  { iamToken }: Login,
  database: DatabaseRef,
): Promise<Connection | Silence> {
  const connection = await readConnection(secret, database.engine);
  const refused = (problem: string) =>
    unreadable('secret', `the secret ${nameOf(database)} is of no use: ${problem}`);
  if ('problem' in connection) return refused(connection.problem);
  if (database.auth === 'password') return connection;
  if (iamToken === undefined)
    return unreadable('secret', 'auth: rds-iam needs AWS; this run has no AWS adapter');
  if (connection.tls.mode === 'plain' || connection.tls.checks === 'nothing')
    return refused(
      'its sslmode lets the login token out unprotected; rds-iam needs verify-ca or verify-full',
    );
  return { ...connection, password: await iamToken(connection), passwordIsToken: true };
}

function secretSilence(error: unknown, database: DatabaseRef, deadlineMs: number): Silence {
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
