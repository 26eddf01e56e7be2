import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { boundedRequest } from '../../../functions/adapters/http/request.ts';
import { createCatalog } from '../../../functions/adapters/k8s/catalog.ts';
import { statusObject } from '../../support/kube-api.ts';
import { OPTIONS, type TestWorld, testWorld, withoutTimes } from './setup.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world.close());

const serve = (path: string, ...items: readonly unknown[]) =>
  world.api.on(`GET /apis/apps/v1${path}`, { body: { kind: 'DeploymentList', metadata: {}, items } });
const look = (namespace: string | null) =>
  createCatalog({ session: world.session, clock: world.clock, request: boundedRequest })
    .workloads(namespace, OPTIONS)
    .then(withoutTimes);

const SCHEDULER = {
  metadata: { name: 'airflow-scheduler', namespace: 'airflow', labels: { chart: 'airflow-1.18.0' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { component: 'scheduler' } },
    template: {
      metadata: { labels: { component: 'scheduler', extra: 'x' } },
      spec: {
        containers: [
          {
            name: 'scheduler',
            image: 'apache/airflow:3.3.2',
            command: ['bash'],
            args: ['-c', 'exec airflow scheduler'],
            env: [
              { name: 'A', value: 'b' },
              { name: 'SECRET', valueFrom: { secretKeyRef: {} } },
              null,
              { value: 'x' },
            ],
            livenessProbe: { httpGet: { path: '/health', port: 8974 } },
          },
        ],
      },
    },
  },
};

test('workloads of one namespace are asked for there, and read down to what they run', async () => {
  serve('/namespaces/airflow/deployments', SCHEDULER);
  serve('/namespaces/airflow/statefulsets');
  expect(await look('airflow')).toEqual({
    kind: 'answered',
    workloads: [
      {
        kind: 'Deployment',
        name: 'airflow-scheduler',
        namespace: 'airflow',
        labels: { chart: 'airflow-1.18.0' },
        podLabels: { component: 'scheduler', extra: 'x' },
        matchLabels: { component: 'scheduler' },
        replicas: 2,
        containers: [
          {
            name: 'scheduler',
            image: 'apache/airflow:3.3.2',
            runs: 'bash -c exec airflow scheduler',
            env: { A: 'b', SECRET: null },
            healthProbePort: 8974,
          },
        ],
      },
    ],
  });
});

test('without a namespace the whole cluster is asked, by reads of workloads alone', async () => {
  serve('/deployments', SCHEDULER);
  serve('/statefulsets', { ...SCHEDULER, metadata: { ...SCHEDULER.metadata, name: 'b' } });
  expect(await look(null)).toMatchObject({
    workloads: [{ kind: 'Deployment' }, { kind: 'StatefulSet', name: 'b' }],
  });
  expect(world.api.requests.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    'GET /apis/apps/v1/deployments',
    'GET /apis/apps/v1/statefulsets',
  ]);
});

test('objects with holes are read as far as they go, and those on their way out are not', async () => {
  const deleted = {
    ...SCHEDULER,
    metadata: { ...SCHEDULER.metadata, deletionTimestamp: '2026-11-23T03:00:00Z' },
  };
  serve('/deployments', {}, { metadata: { name: 'a' } }, deleted, {
    metadata: { name: 'a', namespace: 'b' },
    spec: { template: { spec: { containers: [null, {}] } } },
  });
  serve('/statefulsets', null);
  expect(await look(null)).toMatchObject({
    workloads: [
      {
        name: 'a',
        namespace: 'b',
        podLabels: {},
        matchLabels: {},
        replicas: 1,
        containers: [{ name: '', image: '', runs: '', env: {} }],
      },
    ],
  });
});

test('a refusal is the answer, not half a list', async () => {
  serve('/deployments', SCHEDULER);
  world.api.on('GET /apis/apps/v1/statefulsets', { status: 403, body: statusObject(403, 'Forbidden', 'no') });
  expect(await look(null)).toMatchObject({ kind: 'unreadable', cause: 'forbidden' });
});
