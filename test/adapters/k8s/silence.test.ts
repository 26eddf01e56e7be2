import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type KubeAnswer, podObject, statusObject } from '../../support/kube-api.ts';
import { OPTIONS, PODS, podFactOf, TARGET, type TestWorld, testWorld, withoutTimes } from './setup.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world.close());

const pods = (options: object = {}) =>
  world.cluster.pods(TARGET, { ...OPTIONS, ...options }).then(withoutTimes);

const FORBIDDEN =
  'pods is forbidden: User "watchdog" cannot list resource "pods" in API group "" in the namespace "airflow"';

test.each<{ name: string; answer: KubeAnswer; want: object }>([
  {
    name: 'wrong token',
    answer: statusObject(401, 'Unauthorized', 'Unauthorized'),
    want: { kind: 'unreadable', cause: 'unauthorized', detail: 'the API server answered 401: Unauthorized' },
  },
  {
    name: 'no right',
    answer: statusObject(403, 'Forbidden', FORBIDDEN),
    want: { kind: 'unreadable', cause: 'forbidden', detail: `the API server answered 403: ${FORBIDDEN}` },
  },
  {
    name: 'no such namespace',
    answer: statusObject(404, 'NotFound', 'namespaces "airflow" not found'),
    want: {
      kind: 'unreadable',
      cause: 'not-found',
      detail: 'the API server answered 404: namespaces "airflow" not found',
    },
  },
  {
    name: 'throttled, in plain text',
    answer: {
      status: 429,
      headers: { 'retry-after': '1' },
      body: 'Too many requests, please try again later.',
    },
    want: {
      kind: 'unreachable',
      cause: 'throttled',
      detail: 'the API server answered 429: Too many requests, please try again later., retry after 1 s',
    },
  },
  {
    name: 'etcd is away',
    answer: statusObject(504, 'Timeout', 'Timeout: request did not complete'),
    want: {
      kind: 'unreachable',
      cause: 'server-error',
      detail: 'the API server answered 504: Timeout: request did not complete',
    },
  },
  {
    name: 'a redirect',
    answer: { status: 302, headers: { location: '/login' } },
    want: { kind: 'unreadable', cause: 'redirect', detail: 'the API server answered 302: no message' },
  },
  {
    name: 'a web page',
    answer: { body: '<html>hello</html>' },
    want: {
      kind: 'unreadable',
      cause: 'not-json',
      detail: 'the API server sent no JSON object: <html>hello</html>',
    },
  },
  {
    name: 'nothing in a 200',
    answer: { body: '' },
    want: { kind: 'unreadable', cause: 'empty', detail: 'the API server sent an empty body' },
  },
  {
    name: 'something that is no list',
    answer: { body: { kind: 'Pod' } },
    want: {
      kind: 'unreadable',
      cause: 'unexpected',
      detail: 'the API server sent an object that is no list',
    },
  },
])('$name', async ({ answer, want }) => {
  world.api.on(`GET ${PODS}`, answer);
  expect(await pods()).toEqual(want);
});

test('a hanging API server costs the deadline and no more', async () => {
  world.api.on(`GET ${PODS}`, 'hang');
  const told = await world.cluster.pods(TARGET, { deadlineMs: 300 });
  expect(told).toMatchObject({ kind: 'unreachable', cause: 'timeout' });
  expect(told.tookMs).toBeLessThan(900);
});

test('a connection that breaks is replaced once', async () => {
  let breaks = 1;
  world.api.on(`GET ${PODS}`, () => {
    breaks -= 1;
    return breaks >= 0 ? 'reset' : { body: { kind: 'PodList', metadata: {}, items: [podObject('one')] } };
  });
  expect(await pods()).toMatchObject({ kind: 'answered', pods: [podFactOf('one')] });
  breaks = 9;
  world.api.requests.length = 0;
  expect(await pods()).toMatchObject({ kind: 'unreachable', cause: 'reset' });
  expect(world.api.requests).toHaveLength(2);
});

test('requests share connections, and every fresh look takes its own', async () => {
  for (let times = 0; times < 10; times += 1) await pods();
  const shared = world.api.connections();
  expect(shared).toBeLessThanOrEqual(2);
  for (let times = 0; times < 10; times += 1) await pods({ fresh: true });
  expect(world.api.connections()).toBe(shared + 10);
});

test.each([
  {
    name: 'nothing listens',
    server: 'http://127.0.0.1:1',
    want: { kind: 'unreachable', cause: 'refused', detail: 'connection refused by 127.0.0.1:1' },
  },
  {
    name: 'a name that does not exist',
    server: 'https://nowhere.invalid',
    want: { kind: 'unreachable', cause: 'dns' },
  },
])('$name', async ({ server, want }) => {
  const away = await testWorld(server);
  const told = await away.cluster.pods(TARGET, OPTIONS);
  await away.close();
  expect(told).toMatchObject(want);
});
