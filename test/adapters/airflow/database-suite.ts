import { beforeAll, describe, expect, test } from '@jest/globals';
import { createMetadataDatabase } from '../../../functions/adapters/airflow/database.ts';
import type { ProgressFacts } from '../../../functions/core/observation.ts';
import type { MetadataDatabase } from '../../../functions/ports.ts';
import {
  type AirflowVersion,
  insertDag,
  insertJob,
  insertRun,
  insertTask,
} from '../../support/airflow-schema.ts';
import {
  aged,
  createAirflow,
  deadline,
  realClock,
  secretsOf,
  targetWith,
  type User,
  VERSIONS,
  type World,
} from './worlds.ts';

const reader: User = { name: 'scheduler_watchdog', password: 'p@ss:w/rd?#%41' };
const airflow = (version: AirflowVersion) => `airflow${version}`;

const still: ProgressFacts = {
  schema: 2,
  liveDags: 0,
  runningRuns: 0,
  runningDags: 0,
  decidedAgoSeconds: null,
  startableDags: 0,
  startableForSeconds: null,
  overdueDags: 0,
  overdueForSeconds: null,
  pools: [],
};

/** What a look must tell on any engine, on both schemas, as the read-only role with exactly the documented grants. */
export function describeDatabase(started: () => World): void {
  let world: World;
  let database: MetadataDatabase;
  const fill = (version: AirflowVersion, ...statements: readonly (string | readonly string[])[]) =>
    world.run(airflow(version), statements.flat());
  const clear = (version: AirflowVersion) =>
    fill(
      version,
      ...['job', 'dag', 'dag_run', 'task_instance', 'serialized_dag'].map((name) => `DELETE FROM ${name}`),
      ...(version === 3 ? ['DELETE FROM dag_version'] : []),
    );

  beforeAll(async () => {
    world = started();
    await world.createUser(reader);
    for (const version of VERSIONS) await createAirflow(world, airflow(version), version, reader.name);
    const urls = VERSIONS.map((version) => [`URL${version}`, world.url(airflow(version), reader)]);
    database = createMetadataDatabase({ secrets: secretsOf(Object.fromEntries(urls)), clock: realClock });
  }, 60_000);

  const look = (version: AirflowVersion) =>
    database.look(targetWith(world.engine, `URL${version}`), deadline);

  describe.each(VERSIONS)('Airflow %i', (version) => {
    test('a database without jobs and DAGs answers with nothing in it', async () => {
      await clear(version);
      const { jobs, progress } = await look(version);
      expect(jobs).toMatchObject({ kind: 'answered', rows: [], databaseUptimeSeconds: aged(0) });
      expect(progress).toEqual({
        ...still,
        schema: version,
        kind: 'answered',
        at: expect.any(Number),
        tookMs: expect.any(Number),
      });
    });

    test('every component and incarnation is told, newest first: for a week while it says running, for a day once it ended', async () => {
      const { engine } = world;
      await clear(version);
      await fill(
        version,
        insertJob(engine, { id: 1, heartbeatAgo: 94, state: 'failed', hostname: 'airflow-scheduler-a' }),
        insertJob(engine, { id: 2, heartbeatAgo: 2, startedAgo: 600 }),
        insertJob(engine, { id: 3, heartbeatAgo: 5, type: 'TriggererJob', hostname: 'airflow-triggerer-0' }),
        insertJob(engine, {
          id: 4,
          heartbeatAgo: 7,
          type: 'DagProcessorJob',
          hostname: 'airflow-dag-processor-0',
        }),
        insertJob(engine, { id: 5, heartbeatAgo: 1, type: 'LocalTaskJob' }),
        insertJob(engine, { id: 6, heartbeatAgo: 90_000, state: 'success' }),
        insertJob(engine, { id: 7, heartbeatAgo: 86_000, state: 'success' }),
        insertJob(engine, { id: 8, heartbeatAgo: 600_000 }),
        insertJob(engine, { id: 9, heartbeatAgo: 700_000 }),
      );
      const { jobs } = await look(version);
      const row = (
        id: number,
        component: string,
        hostname: string,
        age: number,
        started: number,
        state = 'running',
      ) => ({
        id,
        component,
        hostname,
        state,
        heartbeatAgeSeconds: aged(age),
        startedSecondsAgo: aged(started),
      });
      expect(jobs.kind === 'answered' && jobs.rows).toEqual([
        row(2, 'scheduler', 'airflow-scheduler-0', 2, 600),
        row(3, 'triggerer', 'airflow-triggerer-0', 5, 3600),
        row(4, 'dag-processor', 'airflow-dag-processor-0', 7, 3600),
        row(1, 'scheduler', 'airflow-scheduler-a', 94, 3600, 'failed'),
        row(7, 'scheduler', 'airflow-scheduler-0', 86_000, 3600, 'success'),
        row(8, 'scheduler', 'airflow-scheduler-0', 600_000, 3600),
      ]);
    });

    test('thousands of rows that ended do not push out the one that died behind a pause', async () => {
      const { engine } = world;
      await clear(version);
      await fill(
        version,
        insertJob(engine, { id: 1, heartbeatAgo: 500_000 }),
        ...Array.from({ length: 300 }, (_, index) =>
          insertJob(engine, { id: index + 2, heartbeatAgo: 60, state: index % 2 ? 'success' : 'failed' }),
        ),
      );
      const { jobs } = await look(version);
      const rows = jobs.kind === 'answered' ? jobs.rows : [];
      expect(rows.length).toBeLessThanOrEqual(200);
      expect(rows.at(-1)).toMatchObject({ id: 1, state: 'running' });
    });

    test('the server tells its own time, and that it is no replica', async () => {
      for (const rows of [[], [insertJob(world.engine, { id: 1, heartbeatAgo: 5 })]]) {
        await clear(version);
        await fill(version, ...rows);
        const before = Date.now();
        const { jobs } = await look(version);
        expect(jobs).toMatchObject({ kind: 'answered', replica: null });
        // The same machine, so the same clock.
        const now = jobs.kind === 'answered' ? (jobs.databaseNow ?? 0) : 0;
        expect(now).toBeGreaterThanOrEqual(before - 5);
        expect(now).toBeLessThanOrEqual(Date.now() + 5);
      }
    });

    test('decisions, startable runs, overdue DAGs and waiting tasks are told; paused DAGs and finished runs are not', async () => {
      const { engine } = world;
      await clear(version);
      await fill(
        version,
        insertDag(engine, version, { id: 'busy' }),
        insertDag(engine, version, { id: 'late', dueAgo: 120 }),
        insertDag(engine, version, { id: 'paused', paused: true, dueAgo: 500 }),
        insertRun(engine, version, { dag: 'busy', run: 'r1', state: 'running', decidedAgo: 85 }),
        insertRun(engine, version, { dag: 'busy', run: 'r2', state: 'queued', queuedAgo: 40 }),
        insertRun(engine, version, { dag: 'busy', run: 'r0', state: 'success', decidedAgo: 1 }),
        insertRun(engine, version, { dag: 'paused', run: 'r1', state: 'running', decidedAgo: 1 }),
        insertTask(engine, version, { dag: 'busy', run: 'r1', task: 'a', state: 'scheduled', since: 41 }),
        insertTask(engine, version, { dag: 'busy', run: 'r1', task: 'b', state: 'scheduled', since: 11 }),
        insertTask(engine, version, { dag: 'busy', run: 'r0', task: 'c', state: 'scheduled', since: 999 }),
        insertTask(engine, version, { dag: 'paused', run: 'r1', task: 'd', state: 'scheduled', since: 999 }),
        insertTask(engine, version, { dag: 'busy', run: 'r1', task: 'e', state: 'queued', since: 3, job: 7 }),
        insertTask(engine, version, {
          dag: 'busy',
          run: 'r1',
          task: 'f',
          state: 'running',
          since: 60,
          job: 7,
          pool: 'gone',
        }),
        insertTask(engine, version, {
          dag: 'busy',
          run: 'r1',
          task: 'g',
          state: 'running',
          since: 60,
          job: 8,
          pool: 'gone',
        }),
      );
      const { progress } = await look(version);
      expect(progress).toEqual({
        kind: 'answered',
        at: expect.any(Number),
        tookMs: expect.any(Number),
        schema: version,
        liveDags: 2,
        runningRuns: 1,
        runningDags: 1,
        decidedAgoSeconds: aged(85),
        startableDags: 1,
        startableForSeconds: aged(40),
        overdueDags: 1,
        overdueForSeconds: aged(120),
        pools: [
          {
            state: 'queued',
            pool: 'default_pool',
            slots: 128,
            tasks: 1,
            dags: 1,
            slotsAsked: 1,
            oldestSeconds: aged(3),
            lastQueuedAgoSeconds: aged(3),
          },
          {
            state: 'running',
            pool: 'gone',
            slots: null,
            tasks: 2,
            dags: 1,
            slotsAsked: 2,
            oldestSeconds: aged(60),
            lastQueuedAgoSeconds: null,
          },
          {
            state: 'scheduled',
            pool: 'default_pool',
            slots: 128,
            tasks: 2,
            dags: 1,
            slotsAsked: 2,
            oldestSeconds: aged(41),
            lastQueuedAgoSeconds: null,
          },
        ],
      });
    });

    test('the blast radius counts only what this scheduler queued', async () => {
      const of = (job: number) =>
        database.blastRadius(targetWith(world.engine, `URL${version}`), job, deadline);
      expect(await of(7)).toMatchObject({ kind: 'answered', running: 1, queued: 1 });
      expect(await of(9)).toMatchObject({ kind: 'answered', running: 0, queued: 0 });
    });

    test('a locked run table leaves the heartbeat readable and names the lock', async () => {
      const unlock = await world.lock(airflow(version), 'dag_run');
      try {
        const { jobs, progress } = await look(version);
        expect(jobs.kind).toBe('answered');
        expect(progress).toMatchObject({
          kind: 'unreadable',
          cause: 'locked',
          detail: expect.stringContaining('lock'),
        });
      } finally {
        await unlock();
      }
    });

    test('a locked job table leaves progress readable', async () => {
      const unlock = await world.lock(airflow(version), 'job');
      try {
        const { jobs, progress } = await look(version);
        expect(jobs).toMatchObject({ kind: 'unreadable', cause: 'locked' });
        expect(progress.kind).toBe('answered');
      } finally {
        await unlock();
      }
    });
  });

  test('a DAG at its limit is not overdue in Airflow 3', async () => {
    await clear(3);
    await fill(3, insertDag(world.engine, 3, { id: 'full', dueAgo: 900, full: true }));
    const { progress } = await look(3);
    expect(progress).toMatchObject({
      kind: 'answered',
      liveDags: 1,
      overdueDags: 0,
      overdueForSeconds: null,
    });
  });

  test('a migration from 2 to 3 between two looks is noticed', async () => {
    await createAirflow(world, 'migrated', 2);
    const url = world.url('migrated');
    const own = createMetadataDatabase({ secrets: secretsOf({ URL: url }), clock: realClock });
    const target = targetWith(world.engine);
    expect((await own.look(target, deadline)).progress).toMatchObject({ kind: 'answered', schema: 2 });
    await world.run('', ['DROP DATABASE migrated']);
    await createAirflow(world, 'migrated', 3);
    expect((await own.look(target, deadline)).progress).toMatchObject({ kind: 'answered', schema: 3 });
  });
}
