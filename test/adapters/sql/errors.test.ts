import { expect, test } from '@jest/globals';
import { databaseSilence } from '../../../functions/adapters/sql/errors.ts';

const connection = {
  engine: 'postgres',
  host: 'db',
  port: 5432,
  user: 'watch',
  password: 'hunter2hunter2',
  database: 'airflow',
  options: null,
  tls: { mode: 'plain' },
} as const;

/** Answers that a test server is hard to bring to; the common ones come from real servers in the other files. */
test.each([
  {
    name: 'Postgres is starting',
    error: { code: '57P03', message: 'the database system is starting up' },
    want: 'unreachable refused',
  },
  {
    name: 'Postgres is stopping',
    error: { code: '57P01', message: 'terminating connection' },
    want: 'unreachable refused',
  },
  {
    name: 'Postgres crashed',
    error: { code: '57P02', message: 'crash of another server process' },
    want: 'unreachable refused',
  },
  {
    name: 'Postgres is out of memory',
    error: { code: '53200', message: 'out of memory' },
    want: 'unreachable refused',
  },
  {
    name: 'PgBouncer gave up',
    error: { code: '08P01', message: 'server login has been failing' },
    want: 'unreachable reset',
  },
  {
    name: 'MySQL is stopping',
    error: { code: 'ER_SERVER_SHUTDOWN', message: 'Server shutdown in progress' },
    want: 'unreachable refused',
  },
  {
    name: 'MySQL is full',
    error: { code: 'ER_CON_COUNT_ERROR', message: 'Too many connections' },
    want: 'unreachable refused',
  },
  {
    name: 'MySQL 8 stopped the query',
    error: { code: 'ER_QUERY_TIMEOUT', errno: 3024, message: 'maximum statement execution time exceeded' },
    want: 'unreadable slow-query',
  },
  {
    name: 'MariaDB killed the connection',
    error: { code: 'ER_X', errno: 1927, message: 'Connection was killed' },
    want: 'unreachable reset',
  },
  { name: 'a deadlock', error: { code: '40P01', message: 'deadlock detected' }, want: 'unreadable locked' },
  {
    name: 'the certificate has expired',
    error: { code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' },
    want: 'unreachable tls',
  },
  {
    name: 'mysql2 hides an expired certificate',
    error: { code: 'HANDSHAKE_SSL_ERROR', message: 'certificate has expired' },
    want: 'unreachable tls',
  },
  {
    name: 'mysql2 hides another TLS failure',
    error: { code: 'HANDSHAKE_SSL_ERROR', message: 'wrong version number' },
    want: 'unreachable tls',
  },
  {
    name: 'both addresses refuse',
    error: { errors: [{ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED ::1' }] },
    want: 'unreachable refused',
  },
  {
    name: 'no file descriptors',
    error: { code: 'EMFILE', message: 'too many open files' },
    want: 'unreadable unexpected',
  },
  {
    name: 'the abort has a number as code',
    error: { name: 'TimeoutError', code: 23, message: 'aborted' },
    want: 'unreachable timeout',
  },
  {
    name: 'something else',
    error: { code: 'XX000', message: 'internal error' },
    want: 'unreadable unexpected',
  },
  { name: 'no error at all', error: undefined, want: 'unreadable unexpected' },
])('$name: $want', ({ error, want }) => {
  const { kind, cause } = databaseSilence(error, connection, 5_000);
  expect(`${kind} ${cause}`).toBe(want);
});

test.each(['57P03', '28P01', 'XX000', '53200', '08P01'])(
  'a password in the message of %s is not repeated',
  (code) => {
    const { detail } = databaseSilence({ code, message: 'hunter2hunter2 is wrong' }, connection, 5_000);
    expect(detail).toContain('<secret> is wrong');
  },
);
