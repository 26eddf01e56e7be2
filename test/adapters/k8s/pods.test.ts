import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Target } from '../../../functions/core/target.ts';
import { podObject, statusObject } from '../../support/kube-api.ts';
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
  expect(await pods()).toEqual({ kind: 'answered', pods: [podFactOf('one')], serverNow: expect.any(Number) });
});

test('no pod is an answer', async () => {
  expect(await pods()).toEqual({ kind: 'answered', pods: [], serverNow: expect.any(Number) });
  world.api.on(`GET ${PODS}`, { body: { kind: 'PodList', metadata: {}, items: null } });
  expect(await pods()).toEqual({ kind: 'answered', pods: [], serverNow: expect.any(Number) });
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

const dated = (...dates: readonly string[]) => {
  const list = { kind: 'PodList', metadata: {}, items: [] };
  world.api.on(`GET ${PODS}`, () => {
    return { headers: { date: dates[world.api.requests.length - 1] ?? '' }, body: list };
  });
};

test("the API server's own clock is told as it is, whatever ours says", async () => {
  world.clock.move(7 * 86_400_000);
  dated('Mon, 23 Nov 2026 03:13:00 GMT');
  expect(await pods()).toMatchObject({ serverNow: Date.parse('2026-11-23T03:13:00Z') });
});

test('of several lists the earliest time counts, by which everything looks younger', async () => {
  dated('Mon, 23 Nov 2026 03:13:01 GMT', 'Mon, 23 Nov 2026 03:13:00 GMT');
  const components = [
    ...TARGET.components,
    { name: 'triggerer', selector: 'component=triggerer', container: null },
  ] as const;
  expect(await pods({ ...TARGET, components })).toMatchObject({
    serverNow: Date.parse('2026-11-23T03:13:00Z'),
  });
});

test.each([
  '',
  '12',
  'yesterday',
  '2026-11-23T03:13:00Z',
  'Mon, 23 Nov 2026 03:13:00 GMT, Mon, 23 Nov 2026 03:13:01 GMT',
  'Mon, 99 Nov 2026 03:13:00 GMT',
])('a clock that says %j says nothing', async (date) => {
  dated(date);
  expect(await pods()).toEqual({ kind: 'answered', pods: [], serverNow: null });
});

test('a list that never ends is not followed for ever', async () => {
  world.api.on(`GET ${PODS}`, { body: { kind: 'PodList', metadata: { continue: 'x' }, items: [] } });
  expect(await pods(TARGET, { deadlineMs: 15_000 })).toEqual({
    kind: 'unreadable',
    cause: 'too-large',
    detail: 'the list has more than 200 pages',
  });
});

test('no name brings anything into a terminal that acts there', async () => {
  const evil = '\u001b]0;owned\u0007air\u001b[31mflow\u202e';
  add(
    podObject('one', {
      metadata: { name: evil, ownerReferences: [{ kind: evil, name: evil, controller: true }] },
      spec: {
        nodeName: evil,
        containers: [{ name: 'scheduler', env: [{ name: 'AIRFLOW__CORE__EXECUTOR', value: evil }] }],
      },
      status: {
        phase: evil,
        containerStatuses: [
          {
            name: 'scheduler',
            state: { waiting: { reason: evil } },
            lastState: { terminated: { reason: evil } },
          },
        ],
      },
    }),
  );
  const told = await pods();
  expect(JSON.stringify(told)).not.toMatch(/\\u00[01]|\u202e/);
  expect(told).toMatchObject({
    pods: [
      {
        name: 'airflow',
        owner: { kind: 'airflow', name: 'airflow' },
        node: 'airflow',
        phase: 'airflow',
        container: { reason: 'airflow' },
      },
    ],
  });
});
