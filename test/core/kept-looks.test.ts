import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keptLooks } from '../../functions/core/kept-looks.ts';
import { aPod, aRow, looksOf, MINUTE, NOW, own, rows } from './builders.ts';

const MANY = 500;
const SECRET = 'hunter2hunter2';

/** A target as large as it may get, and outside parties that say what they should not. */
function largest(text: string) {
  const pods = Array.from({ length: MANY }, (_, at) =>
    aPod(`airflow-scheduler-${at}`, {
      labels: { token: SECRET },
      container: {
        name: 'scheduler',
        state: 'waiting',
        ready: false,
        runningSince: null,
        reason: text,
        restarts: 9,
        lastTermination: { reason: text, exitCode: 1, at: NOW },
        memoryLimitBytes: null,
        executor: null,
      },
    }),
  );
  const uids = pods.map(({ uid }) => uid);
  const client = {
    id: 7,
    user: 'airflow',
    address: '10.0.0.1',
    application: text,
    state: 'active',
    queryAgeSeconds: 3,
  };
  return looksOf(pods, {
    jobs: rows(
      Array.from({ length: MANY }, (_, at) => aRow(at, { id: at, hostname: `airflow-scheduler-${at}` })),
    ),
    locks: {
      kind: 'answered',
      at: NOW,
      tookMs: 1,
      waits: Array.from({ length: MANY }, () => ({
        waiting: client,
        waitedSeconds: 60,
        on: 'dag_run',
        holders: Array.from({ length: 20 }, () => client),
      })),
      held: [],
    },
    own: Object.fromEntries(
      uids.map((uid) => [uid, { kind: 'unreachable', at: NOW, tookMs: 1, cause: 'timeout', detail: text }]),
    ),
    urls: Array.from({ length: 20 }, (_, at) => ({
      url: `https://user:${SECRET}@web${at}`,
      look: own('healthy'),
    })),
    kubelet: {
      kind: 'answered',
      at: NOW,
      tookMs: 1,
      byUid: Object.fromEntries(
        uids.map((uid) => [
          uid,
          {
            probes: Array.from({ length: 30 }, () => ({
              kind: 'errored' as const,
              message: text,
              count: 1,
              lastAt: NOW - MINUTE,
            })),
            memory: null,
            memoryDetail: text,
          },
        ]),
      ),
    },
  });
}

test('looks as the ledger keeps them are bounded, however large the target is and however much is said', () => {
  const size = JSON.stringify(keptLooks(largest('on and on '.repeat(2_000)))).length;
  expect(size).toBeLessThan(100_000);
});

test('no secret is kept: not of labels, addresses, details or events', () => {
  const forms = [
    `postgresql://airflow:${SECRET}@db/airflow`,
    `password=${SECRET}`,
    `token: ${SECRET}`,
    `Bearer ${SECRET}`,
  ];
  fc.assert(
    fc.property(fc.constantFrom(...forms), (form) => {
      expect(JSON.stringify(keptLooks(largest(`it said ${form} and no more`))).includes(SECRET)).toBe(false);
    }),
    { numRuns: forms.length },
  );
});

test('what convicts is kept: ages, states, clocks', () => {
  const kept = keptLooks(
    looksOf([aPod()], { jobs: rows([aRow(94)]), own: { 'uid-airflow-scheduler-a': own('unhealthy') } }),
  );
  expect(kept).toMatchObject({
    at: NOW,
    serverNow: NOW,
    jobs: { kind: 'answered', databaseNow: NOW, rows: [{ heartbeatAgeSeconds: 94 }] },
    own: { 'uid-airflow-scheduler-a': { status: 503, says: 'unhealthy' } },
  });
});
