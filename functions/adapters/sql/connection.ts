import type { DatabaseRef } from '../../core/target.ts';
import { type BadSecret, plainKey, type Tls, tlsOf } from './tls.ts';

export type Engine = DatabaseRef['engine'];

/** What a driver needs. Holds the password: never print it. */
export interface Connection {
  readonly engine: Engine;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The password is a signed token, which MySQL takes only as clear text inside of TLS. */
  readonly passwordIsToken?: boolean;
  readonly database: string;
  /** Postgres start-up options, as in SQLAlchemy's `?options=-csearch_path=airflow`. */
  readonly options: string | null;
  readonly tls: Tls;
}

const PORTS = { postgres: 5432, mysql: 3306 } as const;

/**
 * Reads what the secret holds: the URL that Airflow itself uses (`postgresql+psycopg2://…`, `mysql+mysqldb://…`), or an RDS
 * secret's JSON (`username`, `password`, `host`, `port`, `dbname`, `engine`).
 *
 * Encryption is said by `sslmode` (or MySQL's `ssl-mode`) in the URL's query or the JSON: `disable`, `require` (encrypted, nothing
 * checked), `verify-ca`, `verify-full`; `sslrootcert` (or `ssl-ca`) names a CA file or holds its PEM text. Without a word it is
 * plain on loopback and `verify-full` anywhere else, so that no password ever goes to a stranger by default. Amazon's own database
 * CAs are known for `*.rds.amazonaws.com`.
 */
export async function readConnection(secret: string, engine: Engine): Promise<Connection | BadSecret> {
  const text = secret.trim();
  const parts = text.startsWith('{') ? partsOfJson(text) : partsOfUrl(text);
  if ('problem' in parts) return parts;
  if (parts.engine !== engine)
    return { problem: `it is for ${parts.engine || 'no engine'}, the target says ${engine}` };
  for (const key of ['host', 'user', 'database'] as const) {
    if (parts[key] === '') return { problem: `it names no ${key}` };
  }
  if (!Number.isInteger(parts.port) || parts.port < 0 || parts.port > 65_535)
    return { problem: 'its port is no port' };
  const tls = await tlsOf(parts.host, parts.extra);
  if ('problem' in tls) return tls;
  const { extra, ...rest } = parts;
  return { ...rest, engine, port: parts.port || PORTS[engine], options: extra.get('options') ?? null, tls };
}

/** As `createConnection`'s fields, with empty texts and port 0 for what is missing. */
interface Parts {
  readonly engine: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Keys in lower case with dashes: `ssl_ca` and `ssl-ca` are one. */
  readonly extra: ReadonlyMap<string, string>;
}

function partsOfUrl(text: string): Parts | BadSecret {
  const scheme = /^([a-z0-9]+)(\+[a-z0-9_]+)?:\/\//i.exec(text);
  if (scheme === null || !URL.canParse(text)) return { problem: 'it is neither a database URL nor JSON' };
  const url = new URL(text);
  return {
    engine: engineOf(scheme[1] ?? ''),
    host: decoded(url.hostname).replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port),
    user: decoded(url.username),
    password: decoded(url.password),
    database: decoded(url.pathname.slice(1)),
    extra: new Map([...url.searchParams].map(([key, value]) => [plainKey(key), value])),
  };
}

function partsOfJson(text: string): Parts | BadSecret {
  let fields: Readonly<Record<string, unknown>>;
  try {
    fields = JSON.parse(text);
  } catch {
    return { problem: 'it begins like JSON but is none' };
  }
  const field = (...names: readonly string[]) => {
    const value = names.map((name) => fields[name]).find((found) => found !== undefined && found !== null);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const extra = Object.entries(fields).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    engine: engineOf(field('engine')),
    host: field('host'),
    port: Number(field('port')),
    user: field('username', 'user'),
    password: field('password'),
    database: field('dbname', 'database'),
    extra: new Map(extra.map(([key, value]) => [plainKey(key), value])),
  };
}

/** RDS writes `postgres`, `aurora-postgresql`, `mysql`, `aurora-mysql`, `mariadb`. */
function engineOf(name: string): string {
  if (/postgres/i.test(name)) return 'postgres';
  return /mysql|maria/i.test(name) ? 'mysql' : '';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A bare per cent sign in a password: Airflow's own reader takes it as it is.
    return text;
  }
}
