import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readJobs } from '../../../functions/adapters/airflow/jobs.ts';
import { readLocks } from '../../../functions/adapters/airflow/locks.ts';
import { unreadable } from '../../../functions/adapters/http/network-error.ts';
import type { Row } from '../../../functions/adapters/sql/session.ts';
import type { Visit } from '../../../functions/adapters/sql/visit.ts';
import { isoOf } from '../../../functions/core/time.ts';

/** A server that answers every question with these rows. */
const visitOf = (engine: Visit['engine'], rows: readonly Row[]): Visit => ({
  engine,
  query: async () => rows,
  silenceOf: (error) => unreadable('unexpected', String(error)),
});
const anything = fc.oneof(
  ...[fc.constant(null), fc.constant(undefined), fc.boolean(), fc.double(), fc.bigInt(), fc.date()],
  ...[fc.string(), fc.string({ unit: 'binary' }), fc.constant('NaN'), fc.constant('1e999')],
  ...[fc.array(fc.integer()), fc.object(), fc.integer().map(String)],
);
const columns = [
  ...['id', 'job_type', 'hostname', 'state', 'heartbeat_age_s', 'started_ago_s', 'now_ms', 'uptime_s'],
  ...[
    'is_replica',
    'replayed_s',
    'read_only',
    'Value',
    'Seconds_Behind_Master',
    'blocked_by',
    'kind',
    'locked',
  ],
  ...['touched', 'waited_s', 'user_name', 'address', 'application', 'query_age_s', 'is_ours', 'waiting_id'],
  ...['blocking_id', 'own_id', 'here', 'place', 'waiting_host', 'waiting_command', 'waiting_time'],
];
const plausible: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  job_type: fc.constantFrom('SchedulerJob', 'TriggererJob', 'x'),
  id: fc.constantFrom(1, 2, '3', -1),
  now_ms: fc.oneof(fc.double(), fc.constantFrom(8.64e15, 8.65e15, -9e15, 1795601187170.163)),
  blocked_by: fc.constantFrom('1', '1,2', '3,3,x,', ''),
  kind: fc.constantFrom('advisory', 'transactionid', 'relation'),
  waiting_id: fc.constantFrom(1, 2),
  blocking_id: fc.constantFrom(2, 3),
  here: fc.constant('airflow'),
  place: fc.constantFrom('`airflow`.`dag`', '`other`.`dag`', 'dag'),
};
const row = fc.record(
  Object.fromEntries(columns.map((name) => [name, fc.oneof(anything, plausible[name] ?? anything)])),
  { requiredKeys: [] },
) as fc.Arbitrary<Row>;
const engine = fc.constantFrom('postgres', 'mysql') as fc.Arbitrary<Visit['engine']>;

test('whatever a server answers, the looks are looks, with sound numbers, and small', async () => {
  await fc.assert(
    fc.asyncProperty(engine, fc.array(row, { maxLength: 8 }), async (which, rows) => {
      const jobs = await readJobs(visitOf(which, rows));
      if (jobs.kind === 'answered') {
        if (jobs.databaseNow !== null) expect(isoOf(jobs.databaseNow)).toMatch(/Z$/);
        for (const seconds of [
          jobs.databaseNow,
          jobs.databaseUptimeSeconds,
          jobs.replica?.replayedSecondsAgo ?? 0,
        ])
          expect(seconds === null || Number.isFinite(seconds)).toBe(true);
        for (const job of jobs.rows) expect(Number.isFinite(job.heartbeatAgeSeconds)).toBe(true);
      }
      const locks = await readLocks(visitOf(which, rows));
      if (locks.kind === 'answered')
        for (const { waitedSeconds, holders } of locks.waits) {
          expect(holders.length).toBeGreaterThan(0);
          expect(waitedSeconds === null || waitedSeconds >= 0).toBe(true);
        }
      expect(JSON.stringify([jobs, locks]).length).toBeLessThan(100_000);
    }),
    { numRuns: 300 },
  );
});

test('texts of 10 MB with escape sequences come out short and plain', async () => {
  const huge = '\u001b[31mpsql\u202e'.repeat(1_000_000);
  const rows = [
    {
      id: 1,
      blocked_by: '2',
      kind: 'advisory',
      waited_s: 5,
      user_name: huge,
      application: huge,
      state: huge,
    },
    { id: 2, blocked_by: '', user_name: huge, address: huge },
  ];
  const locks = await readLocks(visitOf('postgres', rows));
  const said = JSON.stringify(locks);
  expect(locks).toMatchObject({
    kind: 'answered',
    waits: [{ waiting: { id: 1 }, holders: [{ id: 2, address: null }] }],
  });
  expect(said.length).toBeLessThan(5_000);
  expect(said).not.toMatch(/\\u001b|\u202e/);
});

test('ages below zero are no ages: clocks are stepped back, and a replica may be behind a faster one', async () => {
  const rows = [
    { id: 1, blocked_by: '2', kind: 'advisory', waited_s: -3, query_age_s: -3 },
    { id: 2, is_replica: true, replayed_s: -0.4 },
  ];
  expect(await readLocks(visitOf('postgres', rows))).toMatchObject({
    waits: [{ waitedSeconds: null, waiting: { queryAgeSeconds: null } }],
  });
  expect(await readJobs(visitOf('postgres', rows.slice(1)))).toMatchObject({
    replica: { replayedSecondsAgo: 0 },
  });
});

test.each([
  { name: 'MariaDB 10 and MySQL 8, writable', read_only: '0 0', replica: null },
  { name: 'a replica', read_only: '1 0', replica: { replayedSecondsAgo: null } },
  { name: "Aurora's reader", read_only: '0 1', replica: { replayedSecondsAgo: null } },
  { name: 'MariaDB 12, writable', read_only: 'OFF 0', replica: null },
  { name: 'MariaDB 12, a replica', read_only: 'ON 0', replica: { replayedSecondsAgo: null } },
  {
    name: 'MariaDB 12, with locks refused',
    read_only: 'NO_LOCK_NO_ADMIN 0',
    replica: { replayedSecondsAgo: null },
  },
  { name: 'a server that does not say', read_only: null, replica: null },
])('$name', async ({ read_only, replica }) => {
  expect(await readJobs(visitOf('mysql', [{ read_only }]))).toMatchObject({ kind: 'answered', replica });
});

test.each([
  {
    name: "Aurora's reader",
    refuses: /replay_timestamp/,
    questions: 2,
    replica: { replayedSecondsAgo: null },
    uptime: 60,
  },
  {
    name: 'a server with revoked functions',
    refuses: /pg_is_in_recovery/,
    questions: 3,
    replica: null,
    uptime: null,
  },
])(
  '$name refuses to speak of itself and still tells the heartbeats',
  async ({ refuses, questions, replica, uptime }) => {
    const asked: string[] = [];
    const visit: Visit = {
      ...visitOf('postgres', []),
      async query(sql) {
        asked.push(sql);
        if (refuses.test(sql)) throw new Error('currently not supported');
        const beat = {
          id: 7,
          job_type: 'SchedulerJob',
          hostname: 'a',
          state: 'running',
          heartbeat_age_s: 3,
          now_ms: 5,
        };
        return [{ ...beat, ...(sql.includes('uptime_s') && { uptime_s: 60, is_replica: true }) }];
      },
    };
    const told = { rows: [{ id: 7 }], databaseNow: 5, databaseUptimeSeconds: uptime, replica };
    expect(await readJobs(visit)).toMatchObject({ kind: 'answered', ...told });
    expect(asked).toHaveLength(questions);
  },
);

test("a wait in InnoDB's own time zone is dropped rather than told wrong", async () => {
  const wait = {
    waiting_id: 1,
    blocking_id: 2,
    own_id: 9,
    here: 'airflow',
    place: '`airflow`.`dag`',
    waiting_time: 4,
  };
  const told = async (waited_s: number) => {
    const locks = await readLocks(visitOf('mysql', [{ ...wait, waited_s }]));
    return locks.kind === 'answered' && locks.waits[0]?.waitedSeconds;
  };
  expect([await told(3), await told(5), await told(18_003), await told(-17_997)]).toEqual([3, 5, null, null]);
});
