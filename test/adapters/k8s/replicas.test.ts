import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { statusObject } from '../../support/kube-api.ts';
import { OPTIONS, TARGET, type TestWorld, testWorld, withoutTimes } from './setup.ts';

const APPS = '/apis/apps/v1/namespaces/airflow';
let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
  serve('deployments');
  serve('statefulsets');
});
afterEach(() => world.close());

const serve = (resource: string, ...items: readonly (object | null)[]) =>
  world.api.on(`GET ${APPS}/${resource}`, { body: { kind: 'DeploymentList', metadata: {}, items } });
const workload = (name: string, labels: unknown, replicas?: unknown, metadata: object = {}) => ({
  metadata: { name, labels: { component: 'not-the-pods' }, ...metadata },
  spec: { ...(replicas !== undefined && { replicas }), template: { metadata: { labels } } },
});
const component = (name: 'scheduler' | 'triggerer' | 'dag-processor', selector: string) => ({
  name,
  selector,
  container: null,
});
const scheduler = { component: 'scheduler', release: 'airflow' };
const look = (...components: ReturnType<typeof component>[]) =>
  world.cluster
    .replicas(components.length > 0 ? { ...TARGET, components } : TARGET, OPTIONS)
    .then(withoutTimes);

test('replicas of each component are summed over Deployments and StatefulSets by their pod template', async () => {
  serve('deployments', workload('airflow-scheduler', scheduler, 2), workload('web', { component: 'web' }, 9));
  serve(
    'statefulsets',
    workload('airflow-scheduler-b', scheduler),
    workload('airflow-triggerer', { component: 'triggerer' }, 0),
  );
  const told = await look(
    component('scheduler', 'component=scheduler,release=airflow'),
    component('triggerer', 'component in (triggerer)'),
    component('dag-processor', 'component=dag-processor'),
  );
  expect(told).toEqual({
    kind: 'answered',
    byComponent: {
      scheduler: {
        wanted: 3,
        workloads: ['Deployment airflow-scheduler', 'StatefulSet airflow-scheduler-b'],
      },
      triggerer: { wanted: 0, workloads: ['StatefulSet airflow-triggerer'] },
      'dag-processor': { wanted: 0, workloads: [] },
    },
  });
});

test('without a workload that is known (Argo Rollouts, bare pods) there is none', async () => {
  expect(await look()).toEqual({
    kind: 'answered',
    byComponent: { scheduler: { wanted: 0, workloads: [] } },
  });
});

test('a workload that two selectors match counts for the component named first, as its pods do', async () => {
  serve('deployments', workload('both', scheduler, 2));
  expect(
    await look(component('triggerer', 'release=airflow'), component('scheduler', 'component=scheduler')),
  ).toMatchObject({
    byComponent: { triggerer: { wanted: 2 }, scheduler: { wanted: 0, workloads: [] } },
  });
});

test('a selector that is not understood is left out: nothing is known, which is not none', async () => {
  serve('deployments', workload('airflow-scheduler', scheduler, 2));
  expect(
    await look(component('scheduler', 'component~scheduler'), component('triggerer', 'release=airflow')),
  ).toEqual({
    kind: 'answered',
    byComponent: { triggerer: { wanted: 2, workloads: ['Deployment airflow-scheduler'] } },
  });
});

test('one that is being deleted wants nothing', async () => {
  serve(
    'deployments',
    workload('old', scheduler, 2, { deletionTimestamp: '2026-11-23T03:00:00Z' }),
    workload('new', scheduler, 1),
  );
  expect(await look()).toMatchObject({
    byComponent: { scheduler: { wanted: 1, workloads: ['Deployment new'] } },
  });
});

test.each([-1, 1.5, '3', null, {}, 1e300])(
  'replicas of %j are taken for the default, one',
  async (replicas) => {
    serve('deployments', workload('odd', scheduler, replicas));
    expect(await look()).toMatchObject({ byComponent: { scheduler: { wanted: 1 } } });
  },
);

test('objects with next to nothing in them are no workloads of ours', async () => {
  serve(
    'deployments',
    {},
    null,
    { spec: null },
    { metadata: null },
    workload('x', null, 3),
    workload('y', { component: 7 }, 3),
  );
  expect(await look()).toMatchObject({ byComponent: { scheduler: { wanted: 0, workloads: [] } } });
});

test('a long list comes in pages, and names are bounded', async () => {
  const all = Array.from({ length: 700 }, (_, number) => workload(`w-${number}`, scheduler, 1));
  world.api.on(`GET ${APPS}/deployments`, ({ query }) => {
    const from = Number(query.get('continue') ?? 0);
    const to = from + Number(query.get('limit'));
    const metadata = to < all.length ? { continue: String(to) } : {};
    return { body: { kind: 'DeploymentList', metadata, items: all.slice(from, to) } };
  });
  const told = await look();
  expect(told).toMatchObject({ byComponent: { scheduler: { wanted: 700 } } });
  expect(told.kind === 'answered' && told.byComponent.scheduler?.workloads).toHaveLength(10);
});

test.each(['deployments', 'statefulsets'])(
  'without the right to list %s nothing is known',
  async (resource) => {
    world.api.on(
      `GET ${APPS}/${resource}`,
      statusObject(403, 'Forbidden', `cannot list resource "${resource}"`),
    );
    expect(await look()).toEqual({
      kind: 'unreadable',
      cause: 'forbidden',
      detail: `the API server answered 403: cannot list resource "${resource}"`,
    });
  },
);
