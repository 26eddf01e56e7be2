import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { statusObject } from '../../support/kube-api.ts';
import { OPTIONS, PODS, podFactOf, TARGET, type TestWorld, TOKEN, testWorld, withoutTimes } from './setup.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world.close());

const logs = (which: 'current' | 'previous' = 'current') =>
  world.cluster.logs(TARGET, podFactOf('one'), which, OPTIONS).then(withoutTimes);
const answer = (body: string) =>
  world.api.on(`GET ${PODS}/one/log`, { body, headers: { 'content-type': 'text/plain' } });

test('the last lines of the main container, without colours, secrets and length', async () => {
  answer(
    `[\u001b[34m2026-11-23\u001b[0m] heartbeat\n\npostgresql://airflow:hunter2@db/airflow ${TOKEN}\n${'x'.repeat(999)}\n`,
  );
  expect(await logs()).toEqual({
    kind: 'answered',
    lines: [
      '[2026-11-23] heartbeat',
      'postgresql://airflow:<secret>@db/airflow <secret>',
      `${'x'.repeat(299)}…`,
    ],
  });
  expect(world.api.requests.map(({ query }) => Object.fromEntries(query))).toEqual([
    { tailLines: '30', limitBytes: '16384', container: 'scheduler' },
  ]);
});

test('the log of the container before', async () => {
  answer('killed');
  expect(await logs('previous')).toEqual({ kind: 'answered', lines: ['killed'] });
  expect(world.api.requests.map(({ query }) => query.get('previous'))).toEqual(['true']);
});

test('long lines: the limit cuts off the newest, so fewer lines are asked for', async () => {
  world.api.on(`GET ${PODS}/one/log`, ({ query }) => ({
    body: query.get('tailLines') === '5' ? 'last words' : 'x'.repeat(16_384),
  }));
  expect(await logs()).toEqual({ kind: 'answered', lines: ['last words'] });
});

test('a container that never ran before has no such log', async () => {
  const message = 'previous terminated container "scheduler" in pod "one" not found';
  world.api.on(`GET ${PODS}/one/log`, statusObject(400, 'BadRequest', message));
  expect(await logs('previous')).toEqual({
    kind: 'unreadable',
    cause: 'not-found',
    detail: `the API server answered 400: ${message}`,
  });
});
