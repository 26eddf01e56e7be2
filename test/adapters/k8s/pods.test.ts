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
  expect(await pods()).toEqual({ kind: 'answered', pods: [podFactOf('one')], serverNow: null });
});

test('no pod is an answer', async () => {
  expect(await pods()).toEqual({ kind: 'answered', pods: [], serverNow: null });
  world.api.on(`GET ${PODS}`, { body: { kind: 'PodList', metadata: {}, items: null } });
  expect(await pods()).toEqual({ kind: 'answered', pods: [], serverNow: null });
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
