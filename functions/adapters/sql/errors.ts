import type { UnreachableCause, UnreadableCause } from '../../core/observation.ts';
import { quote } from '../../core/redact.ts';
import {
  networkSilence,
  type Silence,
  thrown,
  unexpected,
  unreachable,
  unreadable,
} from '../http/network-error.ts';
import type { Connection } from './connection.ts';

type Cause = UnreachableCause | UnreadableCause;

/** SQLSTATE of Postgres (postgresql.org/docs/current/errcodes-appendix.html) and the error names of MySQL and MariaDB. */
const CAUSES: Readonly<Record<string, Cause>> = {
  // They answer, but will not serve now: starting, stopping, crashed, full.
  '57P01': 'refused',
  '57P02': 'refused',
  '57P03': 'refused',
  '53300': 'refused',
  ER_CON_COUNT_ERROR: 'refused',
  ER_TOO_MANY_USER_CONNECTIONS: 'refused',
  ER_USER_LIMIT_REACHED: 'refused',
  ER_SERVER_SHUTDOWN: 'refused',
  ER_HOST_IS_BLOCKED: 'refused',
  ER_CONNECTION_KILLED: 'reset',
  PROTOCOL_CONNECTION_LOST: 'reset',
  '28P01': 'unauthorized',
  '28000': 'unauthorized',
  ER_ACCESS_DENIED_ERROR: 'unauthorized',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'unauthorized',
  ER_HOST_NOT_PRIVILEGED: 'unauthorized',
  '42501': 'forbidden',
  ER_DBACCESS_DENIED_ERROR: 'forbidden',
  ER_TABLEACCESS_DENIED_ERROR: 'forbidden',
  ER_COLUMNACCESS_DENIED_ERROR: 'forbidden',
  ER_SPECIFIC_ACCESS_DENIED_ERROR: 'forbidden',
  '3D000': 'not-found',
  ER_BAD_DB_ERROR: 'not-found',
  '42P01': 'missing-table',
  '3F000': 'missing-table',
  ER_NO_SUCH_TABLE: 'missing-table',
  '42703': 'unknown-schema',
  ER_BAD_FIELD_ERROR: 'unknown-schema',
  '55P03': 'locked',
  '40P01': 'locked',
  ER_LOCK_WAIT_TIMEOUT: 'locked',
  ER_LOCK_DEADLOCK: 'locked',
  '57014': 'slow-query',
  ER_QUERY_TIMEOUT: 'slow-query',
  ER_STATEMENT_TIMEOUT: 'slow-query',
  ER_QUERY_INTERRUPTED: 'slow-query',
  HANDSHAKE_NO_SSL_SUPPORT: 'tls',
};

/** Messages of the drivers themselves, which carry no code. */
const MESSAGES: readonly (readonly [RegExp, Cause])[] = [
  [/does not support SSL/, 'tls'],
  [/Connection terminated/, 'reset'],
  [/^SASL/, 'unauthorized'],
];

/** What to do about it; empty where the message says all. */
const ADVICE: Readonly<Partial<Record<Cause, string>>> = {
  unauthorized:
    'the secret holds another password than the server, or the server admits this user only elsewhere',
  forbidden: 'run the GRANTs of docs/database.md',
  'missing-table': 'does the secret name the right database and schema?',
  locked: 'somebody holds a lock, a migration perhaps; that is no outage',
  tls: 'only sslmode=disable in the secret goes without, and sends everything in the clear',
};

const LEADS: Readonly<Partial<Record<Cause, string>>> = {
  refused: 'takes no connection now',
  reset: 'closed the connection',
  unauthorized: 'does not let the user in',
  forbidden: 'forbids the query',
  'not-found': 'has no such database',
  'missing-table': 'misses a table',
  'unknown-schema': 'misses a column',
  locked: 'made the query wait for a lock',
  'slow-query': 'stopped the query for taking too long',
  tls: 'offers no encryption',
};

const UNREACHABLE: ReadonlySet<Cause> = new Set<UnreachableCause>(['refused', 'reset', 'tls']);

/** Names a failure of a driver in a sentence with the server's own words, and without the password. */
export function databaseSilence(
  error: unknown,
  { host, port, password }: Connection,
  deadlineMs: number,
): Silence {
  const place = `${host}:${port}`;
  const { code, message } = thrown(error);
  const cause = CAUSES[mariaName(error) ?? code] ?? MESSAGES.find(([pattern]) => pattern.test(message))?.[1];
  if (cause === undefined) {
    // Class 53 is "insufficient resources", class 08 a broken connection (poolers answer with it).
    if (/^53...$/.test(code))
      return unreachable('refused', `${place} lacks resources: ${quote(message, 200, [password])}`);
    if (/^08...$/.test(code))
      return unreachable('reset', `${place} gave up: ${quote(message, 200, [password])}`);
    return withTlsAdvice(
      networkSilence(withTlsCode(error), place, deadlineMs) ?? unexpected(error, place),
      password,
    );
  }
  // MySQL's remark would be redacted as if it were the password.
  const said = quote(message.replace(/ \(using password: \w+\)/, ''), 200, [password]);
  const advice = ADVICE[cause] === undefined ? '' : `; ${ADVICE[cause]}`;
  const detail = `${place} ${LEADS[cause]}: ${said}${advice}`;
  return UNREACHABLE.has(cause)
    ? unreachable(cause as UnreachableCause, detail)
    : unreadable(cause as UnreadableCause, detail);
}

/** Names that mysql2 gives by MySQL's table, where MariaDB means something else by the number. */
function mariaName(error: unknown): string | null {
  const { errno } = (typeof error === 'object' && error !== null ? error : {}) as { errno?: unknown };
  // mariadb.com/kb/en/mariadb-error-code-reference: 1927 ER_CONNECTION_KILLED, 1969 ER_STATEMENT_TIMEOUT; 1698 without password.
  if (errno === 1927) return 'ER_CONNECTION_KILLED';
  if (errno === 1969) return 'ER_STATEMENT_TIMEOUT';
  return errno === 1698 ? 'ER_ACCESS_DENIED_ERROR' : null;
}

/** mysql2 puts one code of its own over OpenSSL's; only the message still says which. */
function withTlsCode(error: unknown): unknown {
  const { code, message } = thrown(error);
  if (code !== 'HANDSHAKE_SSL_ERROR') return error;
  if (message.includes('altnames')) return { code: 'ERR_TLS_CERT_ALTNAME_INVALID' };
  if (message.includes('expired')) return { code: 'CERT_HAS_EXPIRED' };
  return { code: /signed|issuer|verify/.test(message) ? 'SELF_SIGNED_CERT_IN_CHAIN' : 'ERR_TLS_HANDSHAKE' };
}

function withTlsAdvice(silence: Silence, password: string): Silence {
  const detail = quote(silence.detail, 300, [password]);
  if (silence.kind === 'unreadable') return { ...silence, detail };
  const advice =
    silence.cause === 'tls'
      ? '; sslrootcert=FILE in the secret names the CA, sslmode=require checks nothing'
      : '';
  return { ...silence, detail: `${detail}${advice}` };
}
