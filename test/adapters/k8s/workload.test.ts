import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { statusObject } from '../../support/kube-api.ts';
import { OPTIONS, podFactOf, TARGET, type TestWorld, testWorld, withoutTimes } from './setup.ts';

const APPS = 'GET /apis/apps/v1/namespaces/airflow';
const REPLICA_SET = `${APPS}/replicasets/airflow-scheduler-6c9`;
const DEPLOYMENT = `${APPS}/deployments/airflow-scheduler`;
const STATEFUL_SET = `${APPS}/statefulsets/airflow-triggerer`;
const owner = { kind: 'Deployment', name: 'airflow-scheduler', controller: true };

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
  world.api.on(REPLICA_SET, { body: { kind: 'ReplicaSet', metadata: { ownerReferences: [owner] } } });
});
afterEach(() => world.close());

const look = (pod = podFactOf('one')) => world.cluster.workload(TARGET, pod, OPTIONS).then(withoutTimes);
const progressing = (reason: string) => ({
  conditions: [{ type: 'Available' }, { type: 'Progressing', reason }],
});
const complete = progressing('NewReplicaSetAvailable');

test.each([
  {
    name: 'a Deployment at rest',
    spec: { replicas: 2 },
    status: { replicas: 2, updatedReplicas: 2, ...complete },
    want: null,
  },
  {
    name: 'a pod that somebody deleted is no rollout',
    spec: { replicas: 2 },
    status: { replicas: 1, updatedReplicas: 1, ...complete },
    want: null,
  },
  { name: 'nor is it while the replacement is the only pod to come', spec: {}, status: complete, want: null },
  {
    name: 'nor without a progress deadline, where Kubernetes tells no progress',
    spec: { replicas: 2 },
    status: { replicas: 1, updatedReplicas: 1 },
    want: null,
  },
  { name: 'scaled to zero', spec: { replicas: 0 }, status: complete, want: null },
  {
    name: 'old and new side by side',
    spec: { replicas: 2 },
    status: { replicas: 3, updatedReplicas: 1, ...progressing('ReplicaSetUpdated') },
    want: '2 of 3 pods still have the old template',
  },
  {
    name: 'Recreate, the old ones gone, the new ones not there',
    spec: {},
    status: progressing('FoundNewReplicaSet'),
    want: '0 of 1 pods have the new template (FoundNewReplicaSet)',
  },
  {
    name: 'a rollout that got stuck',
    spec: { replicas: 2 },
    status: { replicas: 1, updatedReplicas: 1, ...progressing('ProgressDeadlineExceeded') },
    want: '1 of 2 pods have the new template (ProgressDeadlineExceeded)',
  },
])('Deployment: $name', async ({ spec, status, want }) => {
  world.api.on(DEPLOYMENT, {
    body: { metadata: { generation: 3 }, spec, status: { observedGeneration: 3, ...status } },
  });
  expect(await look()).toEqual({
    kind: 'answered',
    name: 'airflow-scheduler',
    rollingOut: want,
    paused: null,
  });
});

const rollingUpdate = (partition: number) => ({ type: 'RollingUpdate', rollingUpdate: { partition } });
test.each([
  {
    name: 'at rest',
    spec: { replicas: 2 },
    status: { currentRevision: 'a', updateRevision: 'a', updatedReplicas: 2 },
    want: null,
  },
  {
    name: 'a pod that somebody deleted is no rollout',
    spec: { replicas: 2 },
    status: { currentRevision: 'a', updateRevision: 'a', updatedReplicas: 1 },
    want: null,
  },
  {
    name: 'mid-rollout',
    spec: { replicas: 2 },
    status: { currentRevision: 'a', updateRevision: 'b', updatedReplicas: 1 },
    want: '1 of 2 pods have the new template',
  },
  {
    name: 'OnDelete waits for nobody',
    spec: { replicas: 2, updateStrategy: { type: 'OnDelete' } },
    status: { currentRevision: 'a', updateRevision: 'b' },
    want: null,
  },
  {
    name: 'a canary that is complete',
    spec: { replicas: 3, updateStrategy: rollingUpdate(2) },
    status: { currentRevision: 'a', updateRevision: 'b', updatedReplicas: 1 },
    want: null,
  },
])('StatefulSet: $name', async ({ spec, status, want }) => {
  world.api.on(STATEFUL_SET, {
    body: { metadata: { generation: 1 }, spec, status: { observedGeneration: 1, ...status } },
  });
  const told = await look(podFactOf('one', { owner: { kind: 'StatefulSet', name: 'airflow-triggerer' } }));
  expect(told).toEqual({ kind: 'answered', name: 'airflow-triggerer', rollingOut: want, paused: null });
});

test('a change that its controller has not seen is a rollout', async () => {
  world.api.on(DEPLOYMENT, {
    body: { metadata: { generation: 5 }, status: { observedGeneration: 4, ...complete } },
  });
  expect(await look()).toMatchObject({
    rollingOut: 'its controller has not yet acted on the newest change (generation 5, seen 4)',
  });
});

test.each([
  { name: 'with its reason', text: 'anna: migration until noon', want: 'anna: migration until noon' },
  { name: 'without a reason', text: '', want: 'no reason given' },
])('a paused workload, $name', async ({ text, want }) => {
  world.api.on(DEPLOYMENT, { body: { metadata: { annotations: { 'scheduler-watchdog/paused': text } } } });
  expect(await look()).toMatchObject({ kind: 'answered', paused: want });
});

test('a ReplicaSet of its own has nothing to roll out', async () => {
  world.api.on(REPLICA_SET, { body: { metadata: {} } });
  expect(await look()).toEqual({
    kind: 'answered',
    name: 'airflow-scheduler-6c9',
    rollingOut: null,
    paused: null,
  });
});

test('what cannot be known is said, so that the guard holds', async () => {
  expect(await look(podFactOf('one', { owner: null }))).toEqual({
    kind: 'unreadable',
    cause: 'not-found',
    detail: 'nothing controls the pod one',
  });
  expect(await look(podFactOf('one', { owner: { kind: 'DaemonSet', name: 'x' } }))).toEqual({
    kind: 'unreadable',
    cause: 'unexpected',
    detail: 'the pod belongs to the DaemonSet x; only Deployments and StatefulSets are known',
  });
  world.api.on(DEPLOYMENT, statusObject(403, 'Forbidden', 'cannot get resource "deployments"'));
  expect(await look()).toEqual({
    kind: 'unreadable',
    cause: 'forbidden',
    detail: 'the API server answered 403: cannot get resource "deployments"',
  });
});
