import { type Answer, bad, ok, type Prerequisite, skipped } from './check-up.ts';
import { stepAnswer, type TargetExam } from './check-up-cluster.ts';
import type { DatabaseExam } from './examination.ts';
import { granteeOf } from './needed-columns.ts';
import type { DatabaseRef } from './target.ts';

type Row = Prerequisite<TargetExam>;

const NO_DATABASE =
  'the database is no witness: only the health endpoint is left, which cannot tell a sick database from a dead scheduler';

/** A row about the database of a target that has one. */
export const about = (
  row: Omit<Row, 'judge'>,
  judge: (database: DatabaseExam, ref: DatabaseRef, exam: TargetExam) => readonly Answer[],
): Row => ({
  ...row,
  judge: (exam) =>
    exam.database === null || exam.target.database === null
      ? []
      : judge(exam.database, exam.target.database, exam),
});

export const DATABASE_ROWS: readonly Row[] = [
  {
    id: 'database-secret',
    title: 'the secret of the database resolves and names one',
    costs: NO_DATABASE,
    cure: 'set the variable, file or parameter that the reference names to a URL such as postgresql://scheduler_watchdog:…@db:5432/airflow',
    needs: [],
    judge: ({ target: { database: ref }, database }) => {
      if (ref === null || database === null)
        return [skipped('the target names no database; the health endpoint is its only witness')];
      return stepAnswer(
        database.secret,
        ({ place, user }) => `${ref.secret.scheme}:${ref.secret.name} names ${place} as ${user}`,
        {
          cure: secretCure(ref),
        },
      );
    },
  },
  about(
    {
      id: 'database-name',
      title: "the database's name resolves",
      costs: NO_DATABASE,
      cure: 'correct the host in the secret, or let this network resolve it (a private RDS name resolves in its VPC)',
      needs: ['database-secret'],
    },
    ({ name }) => stepAnswer(name, ({ addresses }) => `resolves to ${addresses.join(', ')}`),
  ),
  about(
    {
      id: 'database-port',
      title: 'the database takes connections',
      costs: NO_DATABASE,
      cure: 'open the way: security group or firewall of the database for where this runs, and the port in the secret',
      needs: ['database-name'],
    },
    ({ port }) => stepAnswer(port, ({ tookMs }) => `connected in ${Math.round(tookMs)} ms`),
  ),
  about(
    {
      id: 'database-tls',
      title: 'the connection is encrypted and the certificate checked',
      costs: NO_DATABASE,
      cure: 'name the CA in the secret (`sslrootcert=FILE`); `sslmode=verify-full` checks it',
      needs: ['database-port'],
    },
    ({ tls, secret }) => {
      if (tls === null || !tls.ok) return stepAnswer(tls, () => '');
      if (!secret.ok) return [];
      if (secret.tls === 'checked') return [ok('the certificate is trusted')];
      if (secret.isLoopback) return [ok('plain, on this machine alone')];
      const says =
        secret.tls === 'plain'
          ? 'plain: `sslmode=disable`'
          : 'encrypted, but the certificate is not checked (`sslmode=require`)';
      return [bad('warn', says, { costs: 'whoever is between can read the password' })];
    },
  ),
  about(
    {
      id: 'database-login',
      title: 'the database accepts the login',
      costs: NO_DATABASE,
      cure: 'docs/database.md makes the account',
      needs: ['database-tls'],
    },
    ({ login, secret }, { engine }) => stepAnswer(login, () => 'accepted', loginCure(engine, secret)),
  ),
];

function secretCure({ engine, secret: { scheme, name } }: DatabaseRef): string {
  const url = `${engine === 'postgres' ? 'postgresql' : 'mysql'}://scheduler_watchdog:…@HOST:${engine === 'postgres' ? 5432 : 3306}/airflow`;
  switch (scheme) {
    case 'env':
      return `export ${name}='${url}'`;
    case 'file':
      return `write ${url} to ${name}`;
    case 'ssm':
      return `aws ssm put-parameter --type SecureString --name ${name} --value '${url}'`;
    case 'secretsmanager':
      return `aws secretsmanager get-secret-value --secret-id ${name}; the stack's parameter SecretArns must name it`;
  }
}

function loginCure(
  engine: DatabaseRef['engine'],
  secret: DatabaseExam['secret'],
): { readonly cure?: string } {
  if (!secret.ok) return {};
  const to = granteeOf(engine, secret.user);
  return {
    cure:
      engine === 'postgres'
        ? `CREATE ROLE ${to} LOGIN PASSWORD '…'; GRANT CONNECT ON DATABASE "${secret.database}" TO ${to};`
        : `CREATE USER ${to} IDENTIFIED BY '…';`,
  };
}
