import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { statusObject } from '../../support/kube-api.ts';
import { OPTIONS, podFactOf, TARGET, type TestWorld, testWorld, withoutTimes } from './setup.ts';

const POD = podFactOf('one');
const EVENTS = 'GET /api/v1/namespaces/airflow/events';
const METRICS = 'GET /apis/metrics.k8s.io/v1beta1/namespaces/airflow/pods';
const SUMMARY = 'GET /api/v1/nodes/node-1/proxy/stats/summary';
const HEX = '24699348c5bd9adb3a51983e7a4fa46b604e59c98873916ec3ba1bace61f00e3';
const EXEC = 'rpc error: code = Unknown desc = failed to exec in container: failed to start exec';
const FORK = 'OCI runtime exec failed: fork/exec /usr/sbin/runc: resource temporarily unavailable: unknown';
const ERRORED = 'Liveness probe errored and resulted in unknown state';

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
  events([]);
});
afterEach(() => world.close());

const events = (items: object[]) =>
  world.api.on(EVENTS, { body: { kind: 'EventList', metadata: {}, items } });
const event = (message: string, change: object = {}) => ({
  count: 1,
  eventTime: null,
  firstTimestamp: '2026-11-23T03:00:00Z',
  involvedObject: { kind: 'Pod', name: 'one', uid: POD.uid, fieldPath: 'spec.containers{scheduler}' },
  lastTimestamp: '2026-11-23T03:00:00Z',
  message,
  metadata: { creationTimestamp: '2026-11-23T02:59:00Z' },
  reason: 'Unhealthy',
  ...change,
});
const look = (memoryOf: string[] = [], pods = [POD]) =>
  world.cluster.kubelet(TARGET, pods, memoryOf, OPTIONS).then(withoutTimes);
const probes = async () => {
  const told = await look();
  return told.kind === 'answered' ? told.byUid[POD.uid]?.probes : told;
};
const memory = async (pods = [POD]) => {
  const told = await look([POD.uid], pods);
  const { memory, memoryDetail } = (told.kind === 'answered' && told.byUid[POD.uid]) || {};
  return { memory, memoryDetail };
};

const at = Date.parse('2026-11-23T03:00:00Z');
test.each([
  {
    name: 'a probe that could not be started, without its random id',
    given: `${ERRORED}: ${EXEC} "${HEX}": ${FORK}`,
    want: { kind: 'errored', message: `${ERRORED}: ${EXEC}: ${FORK}` },
  },
  {
    name: 'the older wording',
    given: `Liveness probe errored: ${EXEC} "${HEX}": ${FORK}`,
    want: { kind: 'errored', message: `Liveness probe errored: ${EXEC}: ${FORK}` },
  },
  {
    name: 'the tenth and later ones, combined',
    given: `(combined from similar events): ${ERRORED}: ${EXEC} "${HEX}": ${FORK}`,
    want: { kind: 'errored', message: `${ERRORED}: ${EXEC}: ${FORK}` },
  },
  {
    name: 'a probe that hung in a blocked container',
    given: 'Liveness probe failed: command timed out: "/bin/sh -c exit 0" timed out after 3s',
    want: {
      kind: 'failed',
      message: 'Liveness probe failed: command timed out: "/bin/sh -c exit 0" timed out after 3s',
    },
  },
  {
    name: 'a failure without a word',
    given: 'Startup probe failed: ',
    want: { kind: 'failed', message: 'Startup probe failed:' },
  },
  {
    name: 'a failure that speaks of an error',
    given: 'Readiness probe failed: HTTP probe errored with statuscode: 503',
    want: { kind: 'failed', message: 'Readiness probe failed: HTTP probe errored with statuscode: 503' },
  },
])('$name', async ({ given, want }) => {
  events([event(given)]);
  expect(await probes()).toEqual([{ ...want, count: 1, lastAt: at }]);
});

test('alike events are one, newest first; another pod, another container and other words are left out', async () => {
  const other = 'f'.repeat(64);
  events([
    event('Liveness probe failed: command timed out', { lastTimestamp: '2026-11-23T03:05:00Z' }),
    event(`${ERRORED}: ${EXEC} "${HEX}": ${FORK}`),
    event(`(combined from similar events): ${ERRORED}: ${EXEC} "${other}": ${FORK}`, {
      count: 16,
      lastTimestamp: '2026-11-23T03:02:00Z',
    }),
    event('Liveness probe failed: x', { involvedObject: { uid: 'another' } }),
    event('Liveness probe failed: x', {
      involvedObject: { uid: POD.uid, fieldPath: 'spec.containers{git-sync}' },
    }),
    event('Node is not ready'),
    {},
  ]);
  expect(await probes()).toEqual([
    { kind: 'failed', message: 'Liveness probe failed: command timed out', count: 1, lastAt: at + 300_000 },
    { kind: 'errored', message: `${ERRORED}: ${EXEC}: ${FORK}`, count: 17, lastAt: at + 120_000 },
  ]);
  expect(world.api.requests.map(({ query }) => query.get('fieldSelector'))).toEqual([
    'reason=Unhealthy,involvedObject.kind=Pod',
  ]);
});

test.each([
  {
    name: 'a series',
    change: { lastTimestamp: null, series: { count: 4, lastObservedTime: '2026-11-23T03:00:00.123456Z' } },
    want: { count: 4, lastAt: at + 123 },
  },
  {
    name: 'an event time',
    change: { lastTimestamp: null, eventTime: '2026-11-23T03:00:00.000001Z', count: null },
    want: { count: 1, lastAt: at },
  },
  { name: 'its creation', change: { lastTimestamp: null }, want: { count: 1, lastAt: at - 60_000 } },
])('the time of an event: $name', async ({ change, want }) => {
  events([event('Liveness probe failed: x', change)]);
  expect(await probes()).toMatchObject([want]);
});

test('no right to list events is said', async () => {
  world.api.on(EVENTS, statusObject(403, 'Forbidden', 'cannot list resource "events"'));
  expect(await look()).toMatchObject({ kind: 'unreadable', cause: 'forbidden' });
});

const metrics = (memory: string) => ({
  body: {
    kind: 'PodMetricsList',
    metadata: {},
    items: [
      {
        metadata: { name: 'one' },
        containers: [
          { name: 'sidecar', usage: { memory: '1Gi' } },
          { name: 'scheduler', usage: { memory } },
        ],
      },
    ],
  },
});
const summary = {
  body: {
    pods: [
      {
        podRef: { uid: POD.uid },
        containers: [{ name: 'scheduler', memory: { workingSetBytes: 242_012_160 } }],
      },
    ],
  },
};
const LIMIT = 2 * 2 ** 30;
const noServer = { status: 404, body: '404 page not found' };
const noRight = statusObject(
  403,
  'Forbidden',
  'User "watchdog" cannot list resource "pods" in API group "metrics.k8s.io"',
);

test('memory comes from metrics-server, of the scheduler and not of its sidecar', async () => {
  world.api.on(METRICS, metrics('1992294Ki'));
  expect(await memory()).toEqual({
    memory: { workingSetBytes: 1_992_294 * 1024, limitBytes: LIMIT },
    memoryDetail: null,
  });
});

test('nobody asks for memory that is not asked for', async () => {
  expect(await look()).toEqual({
    kind: 'answered',
    byUid: { [POD.uid]: { probes: [], memory: null, memoryDetail: 'not asked for' } },
  });
  expect(world.api.requests).toHaveLength(1);
});

test('without metrics-server the node is asked, and metrics-server not again for ten minutes', async () => {
  world.api.on(METRICS, noServer);
  world.api.on(SUMMARY, summary);
  const want = { memory: { workingSetBytes: 242_012_160, limitBytes: LIMIT }, memoryDetail: null };
  const asked = () => world.api.requests.filter(({ path }) => METRICS.endsWith(path)).length;
  expect([await memory(), await memory(), asked()]).toEqual([want, want, 1]);
  world.clock.move(10 * 60_000);
  expect([await memory(), asked()]).toEqual([want, 2]);
});

test.each([
  {
    name: 'no metrics-server and no right to the node',
    answers: [noServer, noRight],
    want: 'no metrics-server, and nodes/proxy is forbidden',
  },
  {
    name: 'no right to either',
    answers: [noRight, noRight],
    want: 'metrics.k8s.io is forbidden, and nodes/proxy is forbidden',
  },
  {
    name: 'the statistics fail after a blocked container',
    answers: [noServer, { status: 500, body: 'Internal Error: failed to list pod stats' }],
    want: "no metrics-server, and the node's memory statistics cannot be read: the API server answered 500: Internal Error: failed to list pod stats",
  },
  {
    name: 'the node does not know the pod',
    answers: [noServer, { body: { pods: [] } }],
    want: 'the node has no figure for this pod',
  },
  {
    name: 'metrics-server does not know the pod',
    answers: [{ body: { kind: 'PodMetricsList', items: [] } }, noRight],
    want: 'metrics-server has no figure for this pod',
  },
])('no memory: $name', async ({ answers: [first = noServer, second = noServer], want }) => {
  world.api.on(METRICS, first);
  world.api.on(SUMMARY, second);
  expect(await memory()).toEqual({ memory: null, memoryDetail: want });
});

test("no memory: the node's statistics hang", async () => {
  world.api.on(METRICS, noServer);
  world.api.on(SUMMARY, 'hang');
  const { memoryDetail } = await memory();
  expect(memoryDetail).toMatch(/^no metrics-server, and the node's memory statistics hang: /);
});

test('a hanging metrics-server does not take the events with it', async () => {
  world.api.on(METRICS, 'hang');
  events([event('Liveness probe failed: x')]);
  const told = await look([POD.uid]);
  expect(told).toMatchObject({
    kind: 'answered',
    byUid: { [POD.uid]: { probes: [{ kind: 'failed' }], memory: null } },
  });
});

test('a pod on no node has no memory', async () => {
  world.api.on(METRICS, noServer);
  expect(await memory([{ ...POD, node: null }])).toEqual({
    memory: null,
    memoryDetail: 'no metrics-server, and the pod is on no node',
  });
});
