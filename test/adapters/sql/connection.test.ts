import { describe, expect, test } from '@jest/globals';
import { type Connection, readConnection } from '../../../functions/adapters/sql/connection.ts';

const full = { mode: 'tls', checks: 'host', ca: null } as const;
const remote: Connection = {
  engine: 'postgres',
  host: 'db.example.com',
  port: 5432,
  user: 'watch',
  password: 'pw',
  database: 'airflow',
  options: null,
  tls: full,
};
const rds = { username: 'watch', password: 'pw', host: 'db.example.com', dbname: 'airflow' };
const PEM = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----';

test.each([
  { name: 'a plain URL', given: 'postgres://watch:pw@db.example.com/airflow', want: remote },
  {
    name: "Airflow's own URL",
    given: 'postgresql+psycopg2://watch:pw@db.example.com:5432/airflow',
    want: remote,
  },
  { name: 'white space around it', given: ' postgresql://watch:pw@db.example.com/airflow\n', want: remote },
  {
    name: 'loopback: plain without a word',
    given: 'postgres://watch:pw@127.0.0.1:6000/airflow',
    want: { ...remote, host: '127.0.0.1', port: 6000, tls: { mode: 'plain' } },
  },
  {
    name: 'an escaped password, an IPv6 host',
    given: 'postgres://watch:p%40w%3A%2F@[::1]/airflow',
    want: { ...remote, host: '::1', password: 'p@w:/', tls: { mode: 'plain' } },
  },
  {
    name: 'a bare per cent sign in the password',
    given: 'postgres://watch:100%sure@localhost/airflow',
    want: { ...remote, host: 'localhost', password: '100%sure', tls: { mode: 'plain' } },
  },
  {
    name: 'disable',
    given: 'postgres://watch:pw@db.example.com/airflow?sslmode=disable',
    want: { ...remote, tls: { mode: 'plain' } },
  },
  {
    name: 'require checks nothing',
    given: 'postgres://watch:pw@db.example.com/airflow?sslmode=require',
    want: { ...remote, tls: { ...full, checks: 'nothing' } },
  },
  {
    name: 'a search path for a schema of its own',
    given: 'postgresql+psycopg2://watch:pw@db.example.com/airflow?options=-csearch_path%3Dairflow',
    want: { ...remote, options: '-csearch_path=airflow' },
  },
  {
    name: 'an RDS secret',
    given: JSON.stringify({ ...rds, engine: 'aurora-postgresql', port: 5432 }),
    want: remote,
  },
  {
    name: 'an RDS secret with a CA as text',
    given: JSON.stringify({
      ...rds,
      engine: 'postgres',
      port: '6432',
      sslrootcert: PEM,
      sslmode: 'verify-ca',
    }),
    want: { ...remote, port: 6432, tls: { mode: 'tls', checks: 'chain', ca: PEM } },
  },
])('postgres, $name', async ({ given, want }) =>
  expect(await readConnection(given, 'postgres')).toEqual(want),
);

test.each(['mysql://', 'mysql+mysqldb://', 'mysql+pymysql://', 'mariadb+mariadbconnector://'])(
  'mysql, %s',
  async (scheme) => {
    const want = { ...remote, engine: 'mysql', port: 3306, tls: { ...full, checks: 'nothing' } };
    expect(
      await readConnection(`${scheme}watch:pw@db.example.com/airflow?ssl_mode=REQUIRED`, 'mysql'),
    ).toEqual(want);
  },
);

describe('a secret of no use is named without a word of it', () => {
  test.each([
    { given: 'hunter2hunter2', says: 'neither a database URL nor JSON' },
    { given: '', says: 'neither a database URL nor JSON' },
    { given: '{"password": "hunter2hunter2"', says: 'begins like JSON' },
    { given: '{"password": "hunter2hunter2"}', says: 'for no engine' },
    {
      given: JSON.stringify({ ...rds, engine: 'postgres', host: '', password: 'hunter2hunter2' }),
      says: 'names no host',
    },
    { given: JSON.stringify({ ...rds, engine: 'postgres', port: 'hunter2hunter2' }), says: 'no port' },
    { given: 'mysql://u:hunter2hunter2@db/airflow', says: 'for mysql, the target says postgres' },
    { given: 'https://u:hunter2hunter2@db/airflow', says: 'for no engine' },
    { given: 'postgres://:hunter2hunter2@db/airflow', says: 'names no user' },
    { given: 'postgres://u:hunter2hunter2@db', says: 'names no database' },
    {
      given: 'postgres://u:hunter2hunter2@db/a?sslmode=prefer',
      says: 'none of disable, require, verify-ca and verify-full',
    },
    { given: 'postgres://u:hunter2hunter2@db/a?sslrootcert=/nowhere/hunter2hunter2', says: 'cannot be read' },
  ])('$says', async ({ given, says }) => {
    const reading = await readConnection(given, 'postgres');
    expect(reading).toEqual({ problem: expect.stringContaining(says) });
    expect(JSON.stringify(reading)).not.toContain('hunter2');
  });
});
