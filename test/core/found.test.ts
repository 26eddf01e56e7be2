import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { airflowsAmong } from '../../functions/core/found.ts';
import type { FoundAirflow, FoundWorkload } from '../../functions/core/found-types.ts';
import { matchesSelector } from '../../functions/core/selector.ts';
import { communityChart, container, officialChart, workload } from '../fakes/workloads.ts';

const brief = ({ namespace, release, origin, components }: FoundAirflow) => ({
  namespace,
  release,
  origin,
  components: components.map(({ name, selector, container: named }) => [name, selector, named]),
});

test('the official chart: its components by component and release, its containers by default', () => {
  expect(airflowsAmong(officialChart('airflow')).map(brief)).toEqual([
    {
      namespace: 'airflow',
      release: 'airflow',
      origin: 'official',
      components: [
        ['scheduler', 'component=scheduler,release=airflow', null],
        ['triggerer', 'component=triggerer,release=airflow', null],
        ['dag-processor', 'component=dag-processor,release=airflow', null],
      ],
    },
  ]);
});

test('the community chart: its container is named, since it is neither the first nor called as the component', () => {
  expect(airflowsAmong(communityChart('etl')).map(brief)).toEqual([
    {
      namespace: 'airflow',
      release: 'etl',
      origin: 'community',
      components: [
        ['scheduler', 'component=scheduler,release=etl', 'airflow-scheduler'],
        ['triggerer', 'component=triggerer,release=etl', 'airflow-triggerer'],
      ],
    },
  ]);
});

test("Astronomer's chart is told from the official one by its chart or its image", () => {
  const byChart = officialChart('galactic-ray-1234', { labels: { chart: 'airflow-1.17.16-astro' } });
  const byImage = officialChart('x', {
    containers: [container('scheduler', { image: 'quay.io/astronomer/astro-runtime:12.1.0' })],
  });
  for (const found of [byChart, byImage])
    expect(airflowsAmong(found).map(({ origin }) => origin)).toEqual(['astronomer']);
});

test('several releases in one namespace, of several charts, are several', () => {
  const found = airflowsAmong([
    ...officialChart('blue'),
    ...communityChart('green'),
    ...officialChart('red', { namespace: 'other' }),
  ]);
  expect(found.map(({ namespace, release }) => `${namespace}/${release}`)).toEqual([
    'airflow/blue',
    'airflow/green',
    'other/red',
  ]);
});

test('plain manifests are known by their command, whatever their labels are', () => {
  const plain = workload(
    'my-airflow-scheduler',
    { app: 'my-airflow', role: 'sched' },
    {
      containers: [
        container('app', {
          image: 'registry.example.com/data/base:7',
          runs: '/entrypoint airflow scheduler -n -1',
        }),
      ],
    },
  );
  expect(airflowsAmong([plain, workload('web', { app: 'my-airflow', role: 'web' })]).map(brief)).toEqual([
    {
      namespace: 'airflow',
      release: 'my-airflow',
      origin: 'manifests',
      components: [['scheduler', 'app=my-airflow,role=sched', null]],
    },
  ]);
});

test.each([
  [
    'the scheduler of Kubernetes',
    workload(
      'kube-scheduler',
      { component: 'kube-scheduler' },
      { containers: [container('kube-scheduler', { image: 'kube-scheduler:v1.34' })] },
    ),
  ],
  [
    'another product with a scheduler',
    workload(
      'dagster-scheduler',
      { component: 'scheduler' },
      { containers: [container('scheduler', { image: 'dagster/dagster:1' })] },
    ),
  ],
  [
    'a worker of Airflow alone',
    workload('airflow-worker', { tier: 'airflow', component: 'worker', release: 'a' }),
  ],
  [
    'a triggerer without a scheduler',
    workload('airflow-triggerer', { tier: 'airflow', component: 'triggerer', release: 'a' }),
  ],
  [
    'a command that only mentions it',
    workload(
      'x',
      {},
      { containers: [container('x', { image: 'x', runs: 'watch my-airflow scheduler-log' })] },
    ),
  ],
])('%s is no Airflow to watch', (_, one) => {
  expect(airflowsAmong([one])).toEqual([]);
});

const SWITCH = 'AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK';
const PORT = 'AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT';
test.each([
  ['on by its variable', { env: { [SWITCH]: 'True' } }, { kind: 'on', port: 8974 }],
  ['on with a port of its own', { env: { [SWITCH]: 'true', [PORT]: '9000' } }, { kind: 'on', port: 9000 }],
  ['on, since kubelet asks it', { healthProbePort: 8974 }, { kind: 'on', port: 8974 }],
  ['off', { env: { [SWITCH]: 'False' } }, { kind: 'off' }],
  ['on or off by somebody else', { env: { [SWITCH]: null } }, { kind: 'off' }],
  ['not seen', {}, { kind: 'unseen' }],
  ['with a port that is none', { env: { [SWITCH]: 'true', [PORT]: 'http' } }, { kind: 'off' }],
])('the health server: %s', (_, change, expected) => {
  const [found] = airflowsAmong(officialChart('a', { containers: [container('scheduler', change)] }));
  expect(found?.health).toMatchObject(expected);
});

test.each([
  [
    'by the address it begins with',
    officialChart('a', {
      containers: [
        container('scheduler', {
          env: { AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: 'mysql+mysqldb://u:hunter2@h/a' },
        }),
      ],
    }),
    'mysql',
  ],
  [
    'by a StatefulSet beside it',
    [...officialChart('a'), workload('a-mariadb', { app: 'mariadb' }, { kind: 'StatefulSet' })],
    'mysql',
  ],
  [
    'by a PostgreSQL beside it',
    [...officialChart('a'), workload('a-postgresql', { app: 'postgresql' }, { kind: 'StatefulSet' })],
    'postgres',
  ],
  ['as usual, where nothing says', officialChart('a'), 'postgres'],
])('the engine is guessed %s, and no address is kept', (_, workloads, engine) => {
  const [found] = airflowsAmong(workloads);
  expect(found?.engine.name).toBe(engine);
  expect(found?.engine.because).not.toContain('hunter2');
});

const label = fc.constantFrom(
  'scheduler',
  'triggerer',
  'dag-processor',
  'worker',
  'blue',
  'green',
  'airflow',
);
const labels = fc.dictionary(fc.constantFrom('component', 'release', 'tier', 'app', 'role'), label);
const anyWorkload: fc.Arbitrary<FoundWorkload> = fc
  .tuple(
    fc.stringMatching(/^[a-z]{1,8}(-(scheduler|triggerer))?$/),
    fc.constantFrom('one', 'two'),
    labels,
    fc.constantFrom('', 'airflow scheduler', 'bash -c "airflow triggerer"'),
  )
  .map(([name, namespace, podLabels, runs]) =>
    workload(name, podLabels, { namespace, containers: [container('main', { runs })] }),
  );

test('whatever there is: each selector finds its own workload, and no other that has other labels', () => {
  fc.assert(
    fc.property(fc.array(anyWorkload, { maxLength: 8 }), (workloads) => {
      for (const { namespace, components } of airflowsAmong(workloads)) {
        for (const { selector, workload: own } of components) {
          expect(matchesSelector(selector, own.podLabels)).toBe(true);
          const others = workloads.filter(
            (one) => one !== own && one.namespace === namespace && matchesSelector(selector, one.podLabels),
          );
          // Only one that also has every label by which the workload finds its pods, which would be its own in Kubernetes, too.
          for (const other of others)
            expect(
              Object.entries(own.matchLabels).every(([key, value]) => other.podLabels[key] === value),
            ).toBe(true);
        }
      }
    }),
  );
});
