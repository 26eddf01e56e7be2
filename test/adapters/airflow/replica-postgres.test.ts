import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createMetadataDatabase } from '../../../functions/adapters/airflow/database.ts';
import { airflowSchema, grants, insertJob } from '../../support/airflow-schema.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { FOLLOWED, startStandby, type TestStandby } from '../../support/standby.ts';
import { until } from './locks-suite.ts';
import { realClock, secretsOf, targetWith } from './worlds.ts';

const reader = { name: 'scheduler_watchdog', password: 'hunter2hunter2' };
let primary: TestPostgres;
let standby: TestStandby;
beforeAll(async () => {
  primary = await startTestPostgres(FOLLOWED);
  await primary.run('postgres', `CREATE ROLE ${reader.name} LOGIN PASSWORD '${reader.password}'`);
  await primary.run('postgres', 'CREATE DATABASE airflow');
  await primary.run('airflow', airflowSchema('postgres', 3).join(';'));
  await primary.run('airflow', grants('postgres', 3, reader.name).join(';'));
  standby = await startStandby(primary);
}, 60_000);
afterAll(async () => {
  await standby?.stop();
  await primary?.stop();
}, 30_000);

const lookAt = async (url: string) =>
  createMetadataDatabase({ secrets: secretsOf({ URL: url }), clock: realClock }).look(
    targetWith('postgres'),
    {
      deadlineMs: 8_000,
    },
  );

test('a standby answers, says that it is one and how old the newest change is that it knows', async () => {
  await primary.run('airflow', insertJob('postgres', { id: 1, heartbeatAgo: 5 }));
  const { jobs, progress, locks } = await until(
    () => lookAt(standby.url('airflow', reader)),
    ({ jobs }) => jobs.kind === 'answered' && jobs.rows.length === 1,
  );
  expect([progress.kind, locks.kind]).toEqual(['answered', 'answered']);
  const age = jobs.kind === 'answered' ? (jobs.replica?.replayedSecondsAgo ?? Number.NaN) : Number.NaN;
  expect(age).toBeGreaterThanOrEqual(0);
  expect(age).toBeLessThan(60);
  expect((await lookAt(primary.url('airflow', reader))).jobs).toMatchObject({
    kind: 'answered',
    replica: null,
  });
});

test('a look asks without a right to the functions, and tells what is left', async () => {
  const of = ['pg_last_xact_replay_timestamp()', 'pg_postmaster_start_time()', 'pg_blocking_pids(integer)'];
  await primary.run('airflow', `REVOKE EXECUTE ON FUNCTION ${of.join(', ')} FROM PUBLIC`);
  const { jobs, progress, locks } = await lookAt(primary.url('airflow', reader));
  expect(jobs).toMatchObject({
    kind: 'answered',
    rows: [{ id: 1 }],
    databaseUptimeSeconds: null,
    databaseNow: expect.any(Number),
    replica: null,
  });
  expect(progress.kind).toBe('answered');
  expect(locks).toMatchObject({
    kind: 'unreadable',
    cause: 'forbidden',
    detail: expect.stringContaining('docs/database.md'),
  });
});
