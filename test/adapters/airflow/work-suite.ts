import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createMetadataDatabase } from '../../../functions/adapters/airflow/database.ts';
import type { WorkGroup } from '../../../functions/core/work.ts';
import type { MetadataDatabase } from '../../../functions/ports.ts';
import { type AirflowVersion, ago } from '../../support/airflow-schema.ts';
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

const reader: User = { name: 'watch_work', password: 'pass-of-watch-work' };
/** With the rights that were documented before tasks were told apart. */
const older: User = { name: 'watch_older', password: 'pass-of-watch-older' };

interface Task {
  readonly dag: string;
  readonly task: string;
  readonly state: 'queued' | 'running' | 'success';
  readonly job: number | null;
  readonly queuedAgo: number;
  readonly startedAgo?: number;
  readonly queue?: string;
}

/** Who has what in hand, on any engine, on both schemas, as the read-only role. */
export function describeWork(started: () => World): void {
  let world: World;
  let database: MetadataDatabase;
  const name = (version: AirflowVersion) => `work${version}`;
  let runs = 0;

  beforeAll(async () => {
    world = started();
    const urls: Record<string, string> = {};
    for (const user of [reader, older]) await world.createUser(user);
    for (const version of VERSIONS) {
      await createAirflow(world, name(version), version, reader.name);
      const columns = 'dag_id, run_id, state, pool, pool_slots, queued_dttm, start_date, queued_by_job_id';
      const to = world.engine === 'postgres' ? older.name : `'${older.name}'@'%'`;
      await world.run(name(version), [
        `GRANT SELECT (${columns}) ON task_instance TO ${to}`,
        `GRANT SELECT (id, job_type, hostname, state, start_date, latest_heartbeat, end_date) ON job TO ${to}`,
      ]);
      urls[`URL${version}`] = world.url(name(version), reader);
      urls[`OLDER${version}`] = world.url(name(version), older);
    }
    database = createMetadataDatabase({ secrets: secretsOf(urls), clock: realClock });
  }, 60_000);

  beforeEach(async () => {
    for (const version of VERSIONS) await world.run(name(version), ['DELETE FROM task_instance']);
  });

  const insert = (version: AirflowVersion, ...tasks: readonly Task[]) =>
    world.run(
      name(version),
      tasks.map(({ dag, task, state, job, queuedAgo, startedAgo, queue = 'default' }) => {
        runs += 1;
        const start = startedAgo === undefined ? 'NULL' : ago(world.engine, startedAgo);
        return `INSERT INTO task_instance (dag_id, run_id, task_id, map_index, state, pool, pool_slots, queue,
            queued_by_job_id, queued_dttm, start_date)
          VALUES ('${dag}', 'r${runs}', '${task}', -1, '${state}', 'default_pool', 1, '${queue}', ${job ?? 'NULL'},
            ${ago(world.engine, queuedAgo)}, ${start})`;
      }),
    );
  const lookAs = async (secret: string) =>
    (await database.look(targetWith(world.engine, secret), deadline)).work;

  describe.each(VERSIONS)('Airflow %i', (version) => {
    test('nobody has anything in hand', async () => {
      await insert(version, { dag: 'a', task: 't', state: 'success', job: 1, queuedAgo: 9, startedAgo: 5 });
      expect(await lookAs(`URL${version}`)).toMatchObject({
        kind: 'answered',
        groups: [],
        overtaken: [],
        unread: null,
      });
    });

    test('tasks are told apart by who queued them, by state and by queue; what has ended is not counted', async () => {
      await insert(
        version,
        { dag: 'a', task: 't', state: 'queued', job: 7, queuedAgo: 700 },
        { dag: 'b', task: 't', state: 'queued', job: 7, queuedAgo: 400 },
        { dag: 'b', task: 'u', state: 'queued', job: 7, queuedAgo: 20 },
        { dag: 'a', task: 't', state: 'queued', job: 7, queuedAgo: 30, queue: 'gpu' },
        { dag: 'a', task: 'x', state: 'running', job: 8, queuedAgo: 90, startedAgo: 85 },
        { dag: 'c', task: 'x', state: 'running', job: 8, queuedAgo: 50, startedAgo: 40 },
        { dag: 'c', task: 'y', state: 'running', job: null, queuedAgo: 50, startedAgo: 40 },
        { dag: 'c', task: 'z', state: 'success', job: 8, queuedAgo: 5, startedAgo: 3 },
      );
      const look = await lookAs(`URL${version}`);
      const group = (change: Partial<Record<keyof WorkGroup, unknown>>) => ({
        jobId: 7,
        state: 'queued',
        queue: 'default',
        newestStartSeconds: null,
        agedTasks: 0,
        agedDags: 0,
        youngestAgedSeconds: null,
        ...change,
      });
      const groups = look?.kind === 'answered' ? look.groups : [];
      expect(groups).toHaveLength(4);
      expect(groups).toEqual(
        expect.arrayContaining([
          group({
            tasks: 3,
            oldestQueuedSeconds: aged(700),
            newestQueuedSeconds: aged(20),
            agedTasks: 2,
            agedDags: 2,
            youngestAgedSeconds: aged(400),
          }),
          group({ queue: 'gpu', tasks: 1, oldestQueuedSeconds: aged(30), newestQueuedSeconds: aged(30) }),
          group({
            jobId: 8,
            state: 'running',
            tasks: 2,
            oldestQueuedSeconds: aged(90),
            newestQueuedSeconds: aged(50),
            newestStartSeconds: aged(40),
          }),
          group({
            jobId: null,
            state: 'running',
            tasks: 1,
            oldestQueuedSeconds: aged(50),
            newestQueuedSeconds: aged(50),
            newestStartSeconds: aged(40),
          }),
        ]),
      );
    });

    test.each([
      {
        name: 'the same task, queued later by a peer, runs: overtaken',
        other: { task: 't', job: 8, queuedAgo: 100, state: 'running' },
        overtaken: [{ jobId: 7, tasks: 1, dags: 1 }],
      },
      {
        name: 'another task of the same DAG may go to other workers',
        other: { task: 'u', job: 8, queuedAgo: 100, state: 'running' },
        overtaken: [],
      },
      {
        name: 'who was queued sooner overtakes nobody',
        other: { task: 't', job: 8, queuedAgo: 900, state: 'running' },
        overtaken: [],
      },
      {
        name: 'its own later task overtakes nobody',
        other: { task: 't', job: 7, queuedAgo: 100, state: 'running' },
        overtaken: [],
      },
      {
        name: 'who is only queued overtakes nobody',
        other: { task: 't', job: 8, queuedAgo: 100, state: 'queued' },
        overtaken: [],
      },
      {
        name: 'whoever queued it is not known',
        other: { task: 't', job: null, queuedAgo: 100, state: 'running' },
        overtaken: [],
      },
    ] as const)('$name', async ({ other, overtaken }) => {
      await insert(
        version,
        { dag: 'a', task: 't', state: 'queued', job: 7, queuedAgo: 400 },
        { dag: 'a', ...other, ...(other.state === 'running' ? { startedAgo: 50 } : {}) },
      );
      expect(await lookAs(`URL${version}`)).toMatchObject({ kind: 'answered', overtaken, unread: null });
    });

    test('an account with older grants tells what it may, and names what it may not', async () => {
      await insert(
        version,
        { dag: 'a', task: 't', state: 'queued', job: 7, queuedAgo: 400, queue: 'gpu' },
        { dag: 'a', task: 't', state: 'queued', job: 7, queuedAgo: 30 },
      );
      expect(await lookAs(`OLDER${version}`)).toMatchObject({
        kind: 'answered',
        groups: [{ jobId: 7, state: 'queued', queue: null, tasks: 2, agedTasks: 1 }],
        overtaken: null,
        unread: expect.stringMatching(/denied/),
      });
    });

    test('a lock on the table is named, and the heartbeats stand', async () => {
      const unlock = await world.lock(name(version), 'task_instance');
      try {
        const { jobs, work } = await database.look(targetWith(world.engine, `URL${version}`), deadline);
        expect(jobs.kind).toBe('answered');
        expect(work).toMatchObject({ kind: 'unreadable', cause: 'locked' });
      } finally {
        await unlock();
      }
    });
  });
}
