import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Target } from '../../../functions/core/target.ts';
import { podObject } from '../../support/kube-api.ts';
import { OPTIONS, PODS, podFactOf, TARGET, type TestWorld, testWorld, withoutTimes } from './setup.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world.close());

const add = (pod: ReturnType<typeof podObject>) => world.api.pods.set(`airflow/${pod.metadata.name}`, pod);
const pods = (target: Target = TARGET) => world.cluster.pods(target, OPTIONS).then(withoutTimes);

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
