import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type KubeAnswer, statusObject } from '../../support/kube-api.ts';
import { OPTIONS, PODS, podFactOf, TARGET, type TestWorld, testWorld, withoutTimes } from './setup.ts';

const POD = podFactOf('airflow-scheduler-1');
const ROUTE = `GET ${PODS}/airflow-scheduler-1:8974/proxy/health`;
const PYTHON = { server: 'BaseHTTP/0.6 Python/3.12.1' };
const unreachable = (why: string) =>
  statusObject(503, 'ServiceUnavailable', `error trying to reach service: ${why}`);

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world.close());

const health = (path = '/health', options: object = {}) =>
  world.cluster.health(TARGET, POD, { port: 8974, path }, { ...OPTIONS, ...options });
const scheduler = { kind: 'answered', from: 'scheduler', database: null, components: {} };

test.each<{ name: string; answer: KubeAnswer; want: object }>([
  {
    name: 'healthy is an empty 200',
    answer: { headers: PYTHON },
    want: { ...scheduler, status: 200, says: 'healthy' },
  },
  {
    name: "the scheduler's own 503",
    answer: {
      status: 503,
      headers: { ...PYTHON, 'content-type': 'text/html;charset=utf-8' },
      body: '<p>Error code: 503</p>',
    },
    want: { ...scheduler, status: 503, says: 'unhealthy' },
  },
  {
    name: 'nothing listens in the pod',
    answer: unreachable('dial tcp 10.244.0.51:8974: connect: connection refused'),
    want: { kind: 'unreachable', cause: 'refused' },
  },
  {
    name: 'the pod is behind a wall',
    answer: unreachable('dial tcp 10.244.0.44:8974: i/o timeout'),
    want: { kind: 'unreachable', cause: 'timeout' },
  },
  {
    name: 'the pod has no way to it',
    answer: unreachable('dial tcp 10.244.0.44:8974: connect: no route to host'),
    want: { kind: 'unreachable', cause: 'no-route' },
  },
  {
    name: 'the process died half-way',
    answer: unreachable('read tcp 10.0.0.1:1->10.244.0.44:8974: read: connection reset by peer'),
    want: { kind: 'unreachable', cause: 'reset' },
  },
  {
    name: 'no such pod',
    answer: statusObject(404, 'NotFound', 'pods "airflow-scheduler-1" not found'),
    want: { kind: 'unreadable', cause: 'not-found' },
  },
  {
    name: 'no right to the pod proxy',
    answer: statusObject(403, 'Forbidden', 'User "watchdog" cannot get resource "pods/proxy"'),
    want: { kind: 'unreadable', cause: 'forbidden' },
  },
  {
    name: 'wrong token',
    answer: statusObject(401, 'Unauthorized', 'Unauthorized'),
    want: { kind: 'unreadable', cause: 'unauthorized' },
  },
  { name: 'a broken connection', answer: 'reset', want: { kind: 'unreachable', cause: 'reset' } },
])('$name', async ({ answer, want }) => {
  world.api.on(ROUTE, answer);
  expect(withoutTimes(await health())).toMatchObject(want);
});

test('a process that accepts and never answers costs our deadline', async () => {
  world.api.on(ROUTE, 'hang');
  const told = await health('/health', { deadlineMs: 300 });
  expect(told).toMatchObject({ kind: 'unreachable', cause: 'timeout' });
  expect(told.tookMs).toBeLessThan(900);
});

test('an endless body ends at 64 KB', async () => {
  world.api.on(ROUTE, { body: 'x'.repeat(200_000) });
  expect(await health()).toMatchObject({ kind: 'unreadable', cause: 'too-large' });
});

test('a path with a query is asked for as configured', async () => {
  world.api.on(`GET ${PODS}/airflow-scheduler-1:8974/proxy/api/v2/monitor/health`, { headers: PYTHON });
  expect(await health('/api/v2/monitor/health?x=1')).toMatchObject({ kind: 'answered' });
  expect(world.api.requests.map(({ search }) => search)).toEqual(['?x=1']);
});

test.each(['/../../../secrets', '/%2e%2e/%2e%2e/log'])('the path %s does not leave the pod', async (path) => {
  expect(await health(path)).toMatchObject({
    kind: 'unreadable',
    detail: 'the health path leads out of the pod',
  });
  expect(world.api.requests).toEqual([]);
});
