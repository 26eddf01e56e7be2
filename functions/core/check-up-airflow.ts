import { type Answer, bad, ok, type Prerequisite, skipped } from './check-up.ts';
import { clockAnswer, living, lookAnswer, stepAnswer, type TargetExam } from './check-up-cluster.ts';
import { about } from './check-up-database.ts';
import type { DatabaseExam } from './examination.ts';
import { rowOf } from './heartbeat.ts';
import { granteeOf, grantOf, nameOfNeeded, neededTables } from './needed-columns.ts';
import type { Target } from './target.ts';
import { formatDuration, SECOND_MS } from './time.ts';

/** What Airflow's database tells once the login is accepted. */
export const AIRFLOW_ROWS: readonly Prerequisite<TargetExam>[] = [
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
        const row = needed.find((one) => nameOfNeeded(one) === table);
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
