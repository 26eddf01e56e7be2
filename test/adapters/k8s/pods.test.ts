import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Target } from '../../../functions/core/target.ts';
import { type KubeAnswer, podObject, statusObject } from '../../support/kube-api.ts';
import { OPTIONS, PODS, podFactOf, TARGET, type TestWorld, testWorld, withoutTimes } from './setup.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world.close());

const add = (pod: ReturnType<typeof podObject>) => world.api.pods.set(`airflow/${pod.metadata.name}`, pod);
const pods = (target: Target = TARGET, options: object = {}) =>
  world.cluster.pods(target, { ...OPTIONS, ...options }).then(withoutTimes);

test('a running scheduler is described in full', async () => {
  add(podObject('one'));
  expect(await pods()).toEqual({ kind: 'answered', pods: [podFactOf('one')] });
});

test('no pod is an answer', async () => {
  expect(await pods()).toEqual({ kind: 'answered', pods: [] });
  world.api.on(`GET ${PODS}`, { body: { kind: 'PodList', metadata: {}, items: null } });
  expect(await pods()).toEqual({ kind: 'answered', pods: [] });
});

test('10,000 pods come in pages of 500', async () => {
  for (let number = 0; number < 10_000; number += 1) add(podObject(`pod-${number}`));
  const told = await pods(TARGET, { deadlineMs: 15_000 });
  expect(told.kind === 'answered' && new Set(told.pods.map(({ uid }) => uid)).size).toBe(10_000);
  expect(world.api.requests.map(({ query }) => query.get('limit'))).toEqual(Array(20).fill('500'));
});

test('a continue token that ran out starts the list again, once', async () => {
  for (let number = 0; number < 600; number += 1) add(podObject(`pod-${number}`));
  const items = [...world.api.pods.values()];
  const gone = statusObject(410, 'Expired', 'The provided continue parameter is too old');
  let expirations = 1;
  world.api.on(`GET ${PODS}`, ({ query }) => {
    if (!query.has('continue'))
      return { body: { kind: 'PodList', metadata: { continue: 'x' }, items: items.slice(0, 500) } };
    expirations -= 1;
    return expirations >= 0 ? gone : { body: { kind: 'PodList', metadata: {}, items: items.slice(500) } };
  });
  const told = await pods();
  expect(told.kind === 'answered' && told.pods).toHaveLength(600);
  expirations = 9;
  expect(await pods()).toEqual({
    kind: 'unreadable',
    cause: 'unexpected',
    detail: 'the list ran out between two of its pages, twice',
  });
});

const at = Date.parse('2026-11-23T03:00:00Z');
const running = {
  name: 'scheduler',
  ready: true,
  restartCount: 0,
  state: { running: { startedAt: '2026-11-23T03:00:00Z' } },
};
const withStatus = (change: object) => ({ status: { containerStatuses: [{ ...running, ...change }] } });
const container = (change: object) => ({ container: { ...podFactOf('one').container, ...change } });

test.each<{ name: string; change: Parameters<typeof podObject>[1]; want: object }>([
  {
    name: 'a terminating pod: its removal was asked for one grace period before the deletion timestamp',
    change: { metadata: { deletionTimestamp: '2026-11-23T03:12:10Z', deletionGracePeriodSeconds: 10 } },
    want: { terminatingSince: Date.parse('2026-11-23T03:12:00Z'), graceSeconds: 10 },
  },
  {
    name: 'a crash loop',
    change: withStatus({
      ready: false,
      restartCount: 7,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: '2026-11-23T03:00:00Z' } },
    }),
    want: container({
      state: 'waiting',
      ready: false,
      runningSince: null,
      reason: 'CrashLoopBackOff',
      restarts: 7,
      lastTermination: { reason: 'OOMKilled', exitCode: 137, at },
    }),
  },
  {
    name: 'an ended container',
    change: withStatus({ ready: false, state: { terminated: { reason: 'Error', exitCode: 1 } } }),
    want: container({ state: 'terminated', ready: false, runningSince: null, reason: 'Error' }),
  },
  {
    name: 'an empty state is waiting',
    change: withStatus({ state: {} }),
    want: container({ state: 'waiting', runningSince: null }),
  },
  {
    name: 'no status at all',
    change: { status: { phase: undefined, podIPs: undefined, containerStatuses: undefined } },
    want: { phase: 'Unknown', ips: [], container: null },
  },
  {
    name: 'the one old-style address',
    change: { status: { podIPs: undefined, podIP: '10.0.0.9' } },
    want: { ips: ['10.0.0.9'] },
  },
  {
    name: 'no controller',
    change: { metadata: { ownerReferences: [{ kind: 'Node', name: 'n', controller: false }] } },
    want: { owner: null },
  },
  {
    name: 'no grace period: Kubernetes takes 30 s',
    change: { spec: { terminationGracePeriodSeconds: undefined } },
    want: { graceSeconds: 30 },
  },
  {
    name: 'a StatefulSet pod has a stable host name',
    change: { spec: { hostname: 'one', subdomain: 'sched' } },
    want: { hostname: 'one', subdomain: 'sched' },
  },
  {
    name: 'no memory limit, and an executor in plain sight',
    change: {
      spec: {
        containers: [
          { name: 'scheduler', env: [{ name: 'AIRFLOW__CORE__EXECUTOR', value: 'LocalExecutor' }] },
        ],
      },
    },
    want: container({ memoryLimitBytes: null, executor: 'LocalExecutor' }),
  },
  {
    name: 'an executor from a secret stays unknown',
    change: {
      spec: {
        containers: [{ name: 'scheduler', env: [{ name: 'AIRFLOW__CORE__EXECUTOR', valueFrom: {} }] }],
      },
    },
    want: container({ memoryLimitBytes: null, executor: null }),
  },
])('$name', async ({ change, want }) => {
  add(podObject('one', change));
  expect(await pods()).toMatchObject({ kind: 'answered', pods: [want] });
});

test.each([
  { name: 'the configured one', configured: 'main', found: ['scheduler', 'main'], want: 'main' },
  { name: 'a wrong name is not replaced by a guess', configured: 'mian', found: ['scheduler'], want: null },
  {
    name: 'the one named like the component',
    configured: null,
    found: ['sidecar', 'scheduler'],
    want: 'scheduler',
  },
  {
    name: 'the one named airflow-…',
    configured: null,
    found: ['sidecar', 'airflow-scheduler'],
    want: 'airflow-scheduler',
  },
  { name: 'else the first', configured: null, found: ['main', 'sidecar'], want: 'main' },
])('the container of a component: $name', async ({ configured, found, want }) => {
  const containers = found.map((name) => ({ name }));
  const containerStatuses = found.map((name) => ({ ...running, name }));
  add(podObject('one', { spec: { containers }, status: { containerStatuses } }));
  const told = await pods({
    ...TARGET,
    components: [{ name: 'scheduler', selector: 'component=scheduler', container: configured }],
  });
  expect(told.kind === 'answered' && told.pods.map((pod) => pod.container?.name ?? null)).toEqual([want]);
});

test('pods that cannot be identified are left out, and one without a birthday counts as newborn', async () => {
  const bare = { metadata: { uid: 'u', name: 'bare' } };
  const items = [null, {}, { metadata: { name: 'no-uid' } }, { metadata: { uid: 'no-name' } }, bare];
  world.api.on(`GET ${PODS}`, { body: { kind: 'PodList', metadata: {}, items } });
  const before = Date.now();
  const told = await pods();
  expect(told).toMatchObject({
    kind: 'answered',
    pods: [{ uid: 'u', name: 'bare', phase: 'Unknown', container: null, labels: {} }],
  });
  expect(told.kind === 'answered' && told.pods[0]?.createdAt).toBeGreaterThanOrEqual(before);
});

test('a pod that two selectors match belongs to the component named first', async () => {
  add(podObject('both'));
  add(podObject('other', { metadata: { labels: { component: 'scheduler', release: 'else' } } }));
  const told = await pods({
    ...TARGET,
    components: [
      { name: 'triggerer', selector: 'release=airflow', container: null },
      { name: 'scheduler', selector: 'component=scheduler', container: null },
    ],
  });
  expect(told.kind === 'answered' && told.pods.map(({ name, component }) => [name, component])).toEqual([
    ['both', 'triggerer'],
    ['other', 'scheduler'],
  ]);
});

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
  add(podObject('one'));
  let breaks = 1;
  world.api.on(`GET ${PODS}`, () => {
    breaks -= 1;
    return breaks >= 0 ? 'reset' : { body: { kind: 'PodList', metadata: {}, items: [podObject('one')] } };
  });
  expect(await pods()).toEqual({ kind: 'answered', pods: [podFactOf('one')] });
  breaks = 9;
  world.api.requests.length = 0;
  expect(await pods()).toMatchObject({ kind: 'unreachable', cause: 'reset' });
  expect(world.api.requests).toHaveLength(2);
});

test('requests share connections, and every fresh look takes its own', async () => {
  for (let times = 0; times < 10; times += 1) await pods();
  const shared = world.api.connections();
  expect(shared).toBeLessThanOrEqual(2);
  for (let times = 0; times < 10; times += 1) await pods(TARGET, { fresh: true });
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
