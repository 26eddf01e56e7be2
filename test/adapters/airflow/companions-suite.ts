import { beforeAll, describe, expect, test } from '@jest/globals';
import { PARSING, TRIGGERS } from '../../../functions/adapters/airflow/companion-texts.ts';
import { createMetadataDatabase } from '../../../functions/adapters/airflow/database.ts';
import type { MetadataDatabase } from '../../../functions/ports.ts';
import { type AirflowVersion, ago, grants, insertDag, insertTask } from '../../support/airflow-schema.ts';
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
const airflow = (version: AirflowVersion) => `companions${version}`;

interface TriggerValues {
  readonly id: number;
  readonly by?: number;
  readonly madeAgo: number;
  readonly queue?: string;
  /** Its task is deferred until so many seconds ago; null: without an end. Left out: no task waits for it. */
  readonly timeoutAgo?: number | null;
}

/** What is told of triggers and of parsing on any engine, on both schemas, with exactly the documented grants. */
export function describeCompanions(started: () => World): void {
  let world: World;
  let database: MetadataDatabase;
  const fill = (version: AirflowVersion, ...statements: readonly (string | readonly string[])[]) =>
    world.run(airflow(version), statements.flat());
  const trigger = () => (world.engine === 'mysql' ? '`trigger`' : 'trigger');
  const clear = (version: AirflowVersion) =>
    fill(
      version,
      ...['job', 'dag', 'task_instance', 'import_error', trigger()].map((name) => `DELETE FROM ${name}`),
    );
  /** Airflow 2 writes UTC into a column that knows no zone. */
  const timeout = (version: AirflowVersion, seconds: number | null) => {
    if (seconds === null) return 'NULL';
    const moment = ago(world.engine, seconds);
    if (version === 3) return moment;
    return world.engine === 'postgres'
      ? `(${moment}) AT TIME ZONE 'UTC'`
      : `TIMESTAMPADD(SECOND, ${-seconds}, UTC_TIMESTAMP(6))`;
  };
  const aTrigger = (version: AirflowVersion, one: TriggerValues): readonly string[] => [
    `INSERT INTO ${trigger()} (id, classpath, kwargs, created_date, triggerer_id${one.queue === undefined ? '' : ', queue'})
      VALUES (${one.id}, 'a.b', 'secret', ${ago(world.engine, one.madeAgo)}, ${one.by ?? 'NULL'}${one.queue === undefined ? '' : `, '${one.queue}'`})`,
    ...(one.timeoutAgo === undefined
      ? []
      : [
          `INSERT INTO task_instance (dag_id, run_id, task_id, map_index, state, trigger_id, trigger_timeout)
            VALUES ('d', 'r', 't${one.id}', -1, 'deferred', ${one.id}, ${timeout(version, one.timeoutAgo)})`,
        ]),
  ];
  const parsed = (dag: string, seconds: number, bundle?: string) =>
    `UPDATE dag SET last_parsed_time = ${ago(world.engine, seconds)}${bundle === undefined ? '' : `, bundle_name = '${bundle}'`} WHERE dag_id = '${dag}'`;

  beforeAll(async () => {
    world = started();
    await world.createUser(reader);
    for (const version of VERSIONS) await createAirflow(world, airflow(version), version, reader.name);
    const urls = VERSIONS.map((version) => [`URL${version}`, world.url(airflow(version), reader)]);
    database = createMetadataDatabase({ secrets: secretsOf(Object.fromEntries(urls)), clock: realClock });
  }, 60_000);

  const look = async (version: AirflowVersion, of = database) => {
    const { companions } = await of.look(targetWith(world.engine, `URL${version}`), deadline);
    if (companions === undefined) throw new Error('nobody was asked');
    return companions;
  };

  describe.each(VERSIONS)('Airflow %i', (version) => {
    test('without triggers and DAGs both answer with nothing in it', async () => {
      await clear(version);
      expect(await look(version)).toMatchObject({
        triggers: { kind: 'answered', groups: [], isCut: false },
        parsing: { kind: 'answered', bundles: [], failedAgoSeconds: null },
      });
    });

    test('triggers are told by who has taken them, with the oldest that a deferred task waits for', async () => {
      await clear(version);
      await fill(
        version,
        ...aTrigger(version, { id: 1, madeAgo: 900, timeoutAgo: null }),
        ...aTrigger(version, { id: 2, madeAgo: 300, timeoutAgo: -3600 }),
        ...aTrigger(version, { id: 3, by: 7, madeAgo: 5000, timeoutAgo: 400 }),
        ...aTrigger(version, { id: 4, by: 7, madeAgo: 4000, timeoutAgo: null }),
        // Of an asset, or left behind: no task waits for it.
        ...aTrigger(version, { id: 5, by: 7, madeAgo: 90_000 }),
        ...aTrigger(version, { id: 6, madeAgo: 90_000 }),
        insertTask(world.engine, version, { dag: 'd', run: 'r', task: 'x', state: 'running', since: 5 }),
      );
      const { triggers } = await look(version);
      if (triggers.kind !== 'answered') throw new Error(triggers.detail);
      expect(triggers.isCut).toBe(false);
      expect(triggers.groups.toSorted((a, b) => (a.jobId ?? 0) - (b.jobId ?? 0))).toEqual([
        {
          jobId: null,
          triggers: 3,
          waited: 2,
          waitedForSeconds: aged(900),
          overdue: 0,
          overdueForSeconds: null,
        },
        {
          jobId: 7,
          triggers: 3,
          waited: 2,
          waitedForSeconds: aged(5000),
          overdue: 1,
          overdueForSeconds: aged(400),
        },
      ]);
    });

    test('what could not be counted to its end says so', async () => {
      await clear(version);
      const values = Array.from({ length: 2_100 }, (_, at) => `(${at + 1}, 'a', 'b', CURRENT_TIMESTAMP, 7)`);
      await fill(
        version,
        `INSERT INTO ${trigger()} (id, classpath, kwargs, created_date, triggerer_id) VALUES ${values.join(', ')}`,
      );
      expect(await look(version)).toMatchObject({ triggers: { kind: 'answered', isCut: true } });
    });

    test('the newest parse of each bundle is told, and the newest failure; what is gone from the files is not', async () => {
      await clear(version);
      const flag = version === 2 ? 'is_active = false' : 'is_stale = true';
      await fill(
        version,
        ...['a', 'b', 'c', 'gone'].map((id) => insertDag(world.engine, version, { id })),
        parsed('a', 40, version === 3 ? 'main' : undefined),
        parsed('b', 70, version === 3 ? 'main' : undefined),
        parsed('c', 5000, version === 3 ? 'side' : undefined),
        parsed('gone', 1, version === 3 ? 'main' : undefined),
        `UPDATE dag SET ${flag} WHERE dag_id = 'gone'`,
        ...[200, 90].map(
          (seconds) =>
            `INSERT INTO import_error (timestamp, filename, stacktrace) VALUES (${ago(world.engine, seconds)}, 'f', 'secret')`,
        ),
      );
      const { parsing } = await look(version);
      expect(parsing).toMatchObject({ kind: 'answered', failedAgoSeconds: aged(90) });
      expect(parsing.kind === 'answered' && parsing.bundles).toEqual(
        version === 2
          ? [{ bundle: 'files', dags: 3, parsedAgoSeconds: aged(40) }]
          : [
              { bundle: 'main', dags: 2, parsedAgoSeconds: aged(40) },
              { bundle: 'side', dags: 1, parsedAgoSeconds: aged(5000) },
            ],
      );
    });

    test.each([
      ['trigger', 'triggers', 'parsing'],
      ['import_error', 'parsing', 'triggers'],
    ] as const)('without the grant on %s only %s are unreadable', async (table, lost, left) => {
      await clear(version);
      const poor: User = { name: `poor_${table}_${version}`, password: 'pw' };
      await world.createUser(poor);
      await fill(version, ...grants(world.engine, version, poor.name, table));
      const secrets = secretsOf({ [`URL${version}`]: world.url(airflow(version), poor) });
      const companions = await look(version, createMetadataDatabase({ secrets, clock: realClock }));
      expect(companions[lost]).toMatchObject({ kind: 'unreadable', cause: 'forbidden' });
      expect(companions[left].kind).toBe('answered');
    });

    test('a locked table of triggers leaves the heartbeat and the parsing readable', async () => {
      await clear(version);
      const unlock = await world.lock(airflow(version), trigger());
      try {
        const all = await database.look(targetWith(world.engine, `URL${version}`), deadline);
        expect(all.jobs.kind).toBe('answered');
        expect(all.companions?.triggers).toMatchObject({ kind: 'unreadable', cause: 'locked' });
        expect(all.companions?.parsing.kind).toBe('answered');
      } finally {
        await unlock();
      }
    });
  });

  test('a trigger of a queue or a team of its own is nobody’s to take up', async () => {
    await clear(3);
    await fill(
      3,
      ...aTrigger(3, { id: 1, madeAgo: 900, queue: 'gpu', timeoutAgo: null }),
      ...aTrigger(3, { id: 2, madeAgo: 700, timeoutAgo: null }),
      `UPDATE ${trigger()} SET team_name = 'blue' WHERE id = 2`,
      ...aTrigger(3, { id: 3, madeAgo: 60, timeoutAgo: null }),
    );
    expect(await look(3)).toMatchObject({
      triggers: {
        kind: 'answered',
        groups: [{ jobId: null, triggers: 3, waited: 1, waitedForSeconds: aged(60) }],
      },
    });
  });

  test('an Airflow 3 from before queues of triggers is read as well', async () => {
    await createAirflow(world, 'early3', 3);
    await world.run('early3', [`ALTER TABLE ${trigger()} DROP COLUMN queue, DROP COLUMN team_name`]);
    await world.run('early3', aTrigger(3, { id: 1, madeAgo: 60, timeoutAgo: null }));
    const early = createMetadataDatabase({
      secrets: secretsOf({ URL3: world.url('early3') }),
      clock: realClock,
    });
    for (const _ of [1, 2])
      expect(await look(3, early)).toMatchObject({
        triggers: { kind: 'answered', groups: [{ jobId: null, waited: 1 }] },
        parsing: { kind: 'answered' },
      });
  });

  test('among many tasks, triggers and DAGs nothing is read whole', async () => {
    const { engine } = world;
    await createAirflow(world, 'large', 3);
    const numbers = engine === 'postgres' ? 'generate_series(1, 100000) AS n' : 'seq_1_to_100000';
    const n = engine === 'postgres' ? 'n' : 'seq';
    const text = engine === 'postgres' ? `CAST(${n} AS text)` : n;
    await world.run('large', [
      'ALTER TABLE dag ADD PRIMARY KEY (dag_id)',
      `INSERT INTO task_instance (dag_id, run_id, task_id, map_index, state, pool, trigger_id)
        SELECT 'd', 'r', ${text}, -1, CASE WHEN ${n} % 400 = 0 THEN 'deferred' ELSE 'success' END, 'p', CASE WHEN ${n} % 400 = 0 THEN ${n} END FROM ${numbers}`,
      `INSERT INTO ${trigger()} (id, classpath, kwargs, created_date) SELECT ${n}, 'a', 'b', CURRENT_TIMESTAMP FROM ${numbers}`,
      `INSERT INTO dag (dag_id, is_stale, bundle_name, last_parsed_time) SELECT ${text}, false, 'main', CURRENT_TIMESTAMP FROM ${numbers}`,
      ...['task_instance', trigger(), 'dag'].map((table) =>
        engine === 'postgres' ? `ANALYZE ${table}` : `ANALYZE TABLE ${table}`,
      ),
    ]);
    const stranger = await world.stranger('large');
    for (const question of [TRIGGERS(engine)[0], PARSING(engine)[0]]) {
      const plan = JSON.stringify(await stranger.query(`EXPLAIN ${question}`));
      const isWhole =
        engine === 'postgres'
          ? /Seq Scan on \\?"?(task_instance|trigger|dag)/
          : /"type":"ALL","possible_keys":[^}]*"table":"(task_instance|trigger|dag)"|"table":"(task_instance|trigger|dag)"[^}]*"type":"ALL"/;
      expect(plan).not.toMatch(isWhole);
    }
    await stranger.end();
  }, 90_000);
}
