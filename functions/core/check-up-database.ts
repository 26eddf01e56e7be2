import { type Answer, bad, ok, type Prerequisite, skipped } from './check-up.ts';
import { clockAnswer, living, lookAnswer, stepAnswer, type TargetExam } from './check-up-cluster.ts';
import type { DatabaseExam } from './examination.ts';
import { rowOf } from './heartbeat.ts';
import { granteeOf, grantOf, neededTables } from './needed-columns.ts';
import type { DatabaseRef, Target } from './target.ts';
import { formatDuration, SECOND_MS } from './time.ts';

type Row = Prerequisite<TargetExam>;

const NO_DATABASE =
  'the database is no witness: only the health endpoint is left, which cannot tell a sick database from a dead scheduler';

/** A row about the database of a target that has one. */
const about = (
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
  about(
    {
      id: 'database-schema',
      title: "it is Airflow's metadata database, of a schema that is known",
      costs: 'whether work moves is not seen: `stalled` is never found',
      cure: "name Airflow's own database in the secret, and its schema where that is not the default (`?options=-csearch_path=airflow`)",
      needs: ['database-login'],
    },
    ({ schema }) =>
      stepAnswer(
        schema,
        ({ version, alembic }) => `Airflow ${version}${alembic === null ? '' : `, migration ${alembic}`}`,
      ),
  ),
  about(
    {
      id: 'grant',
      title: 'each column that is read is granted',
      costs: 'each table says its own',
      cure: 'run the GRANTs of docs/database.md',
      needs: ['database-login'],
    },
    ({ tables, schema, secret }, { engine }) => {
      const needed = neededTables(schema?.ok ? schema.version : 3);
      return (tables ?? []).flatMap(({ table, refused, absent, silent }): readonly Answer[] => {
        const row = needed.find((one) => one.table === table);
        if (row === undefined || !secret.ok) return [];
        const { costs, weight } = row;
        const level = weight === 'need' ? 'fail' : 'warn';
        if (silent !== null) return [bad('warn', silent, { about: table, costs, cure: 'run doctor again' })];
        if (refused.length > 0)
          return [
            bad(level, `not granted: ${refused.join(', ')}`, {
              about: table,
              costs,
              cure: grantOf(engine, row, secret),
            }),
          ];
        if (absent.length > 0)
          return [
            bad(level, `not there: ${absent.join(', ')}`, {
              about: table,
              costs,
              cure: "is this Airflow's database and schema?",
            }),
          ];
        return [ok(`${row.columns.length} column(s)`, table)];
      });
    },
  ),
  about(
    {
      id: 'database-excess',
      title: 'the account can only read',
      costs: 'a stolen password could change or stop Airflow',
      cure: 'make an account of its own, as docs/database.md says',
      needs: ['database-login'],
    },
    ({ login, mayWrite }) => {
      if (!login?.ok) return [];
      return [mayWrite === null ? ok('it may not write') : bad('warn', mayWrite)];
    },
  ),
  about(
    {
      id: 'database-replica',
      title: 'it is the primary',
      costs: 'heartbeats arrive late, and locks of the primary are not seen',
      cure: 'name the primary (the writer endpoint) in the secret',
      needs: ['database-login'],
    },
    ({ jobs }) => {
      if (jobs?.kind !== 'answered') return unread(jobs);
      if (jobs.replica === null) return [ok('the primary')];
      const behind = jobs.replica.replayedSecondsAgo;
      return [
        bad('warn', `a read replica, ${behind === null ? 'lag unknown' : `${behind.toFixed(1)} s behind`}`),
      ];
    },
  ),
  about(
    {
      id: 'database-clock',
      title: "our clock and the database's agree",
      costs:
        'the database measures ages itself, so only what is shown is off; a condition says so for as long as it lasts',
      cure: 'set the clocks by NTP',
      needs: ['database-login'],
    },
    ({ jobs }) => {
      if (jobs?.kind !== 'answered') return unread(jobs);
      if (jobs.databaseNow === null) return [skipped('the database did not say what time it is')];
      return [clockAnswer(jobs.at + jobs.tookMs / 2 - jobs.databaseNow, "the database's")];
    },
  ),
  about(
    {
      id: 'heartbeats',
      title: 'each component has a heartbeat in this database',
      costs:
        'nobody of this component can be found dead by its heartbeat; a pod without one is `contradictory`',
      cure: 'is it the database of this Airflow? `hostname_callable` must give the name or the IP of the pod',
      needs: ['database-login', 'pods'],
    },
    ({ jobs }, _, exam) => {
      if (jobs?.kind !== 'answered') return unread(jobs);
      return exam.target.components.flatMap(({ name }) => heartbeatAnswer(name, jobs.rows, exam));
    },
  ),
  about(
    {
      id: 'locks',
      title: 'who holds locks can be seen (optional)',
      costs: 'an alert about a lock that stops every scheduler says less about who holds it',
      cure: 'the optional rights of docs/database.md',
      needs: ['database-login'],
    },
    ({ locks, mayReadStats, secret }, { engine }) => {
      const to = secret.ok ? granteeOf(engine, secret.user) : 'scheduler_watchdog';
      const cure =
        engine === 'postgres' ? `GRANT pg_read_all_stats TO ${to};` : `GRANT PROCESS ON *.* TO ${to};`;
      if (locks !== null && locks.kind !== 'answered') return [bad('warn', locks.detail, { cure })];
      if (mayReadStats === false)
        return [bad('warn', 'seen, but not from where and what the holder does', { cure })];
      return lookAnswer(locks, ({ waits }) => ok(`seen; ${waits.length} wait(s) now`));
    },
  ),
];

const unread = (jobs: DatabaseExam['jobs']): readonly Answer[] =>
  jobs === null || jobs.kind === 'answered'
    ? []
    : [skipped(`the heartbeats could not be read: ${jobs.detail}`)];

type Rows = Extract<NonNullable<DatabaseExam['jobs']>, { kind: 'answered' }>['rows'];

function heartbeatAnswer(
  name: Target['components'][number]['name'],
  rows: Rows,
  exam: TargetExam,
): readonly Answer[] {
  const { pods } = exam.cluster;
  const now = (pods?.kind === 'answered' ? pods.serverNow : null) ?? exam.cluster.ourNow;
  const running = living(exam).filter((pod) => pod.component === name && pod.container?.runningSince != null);
  if (running.length === 0) return [];
  const found = running.flatMap((pod) => rowOf(pod, rows, now - (pod.container?.runningSince ?? now)) ?? []);
  if (found.length === 0) {
    const hosts = [
      ...new Set(rows.filter(({ component }) => component === name).map(({ hostname }) => hostname)),
    ];
    const seen =
      hosts.length === 0 ? 'no row of this component at all' : `rows only of ${hosts.slice(0, 3).join(', ')}`;
    return [bad('fail', `no row of ${running[0]?.name}; there is ${seen}`, { about: name })];
  }
  const oldest = Math.max(...found.map(({ heartbeatAgeSeconds }) => heartbeatAgeSeconds));
  return [
    ok(
      `${found.length} of ${running.length} pod(s), the oldest ${formatDuration(oldest * SECOND_MS)} ago`,
      name,
    ),
  ];
}

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
