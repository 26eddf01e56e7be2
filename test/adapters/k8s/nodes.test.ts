import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { statusObject } from '../../support/kube-api.ts';
import { OPTIONS, PODS, podFactOf, TARGET, type TestWorld, testWorld, withoutTimes } from './setup.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world.close());

const nodes = (...names: string[]) => world.cluster.nodes?.(TARGET, names, OPTIONS).then(withoutTimes);
const condition = (type: string, status: string, reason = 'x') => ({
  type,
  status,
  reason,
  lastTransitionTime: '2026-11-23T03:10:00Z',
});
const node = (name: string, conditions: readonly object[], spec: object = {}) =>
  world.api.on(`GET /api/v1/nodes/${name}`, { body: { kind: 'Node', spec, status: { conditions } } });

test('each node is asked for by its name, and told by its conditions', async () => {
  node('a', [
    condition('MemoryPressure', 'True'),
    condition('DiskPressure', 'False'),
    condition('Ready', 'True'),
  ]);
  node('b', [condition('PIDPressure', 'Unknown'), condition('Ready', 'Unknown', 'NodeStatusUnknown')], {
    unschedulable: true,
  });
  const since = Date.parse('2026-11-23T03:10:00Z');
  expect(await nodes('a', 'b')).toEqual({
    kind: 'answered',
    byName: {
      a: { isReady: true, reason: null, pressures: ['MemoryPressure'], since, isSchedulable: true },
      b: { isReady: false, reason: 'NodeStatusUnknown', pressures: [], since, isSchedulable: false },
    },
  });
  expect(world.api.requests.length).toBe(2);
});

test('a node that is gone is left out, and one without conditions is not called sick', async () => {
  world.api.on('GET /api/v1/nodes/gone', statusObject(404, 'NotFound', 'nodes "gone" not found'));
  world.api.on('GET /api/v1/nodes/new', { body: { kind: 'Node', status: { conditions: null } } });
  expect(await nodes('gone', 'new')).toMatchObject({
    kind: 'answered',
    byName: { new: { isReady: true, pressures: [] } },
  });
});

test('without the right it is forbidden, once and for all', async () => {
  world.api.on('GET /api/v1/nodes/a', statusObject(403, 'Forbidden', 'nodes "a" is forbidden'));
  expect(await nodes('a')).toMatchObject({ kind: 'unreadable', cause: 'forbidden' });
});

const log = (answer: Parameters<typeof world.api.on>[1]) => world.api.on(`GET ${PODS}/one/log`, answer);
const lastLine = () => world.cluster.lastLine?.(TARGET, podFactOf('one'), OPTIONS).then(withoutTimes);

test.each([
  {
    name: 'a line, cut off',
    body: '2026-11-23T03:10:00.123456789Z [\u001b[34mhea',
    lineAt: '2026-11-23T03:10:00.123Z',
  },
  { name: 'a line at a whole second', body: '2026-11-23T03:10:00Z x', lineAt: '2026-11-23T03:10:00Z' },
  {
    name: 'a node in another zone',
    body: '2026-11-23T04:10:00.5+01:00 x',
    lineAt: '2026-11-23T03:10:00.500Z',
  },
  { name: 'no line', body: '', lineAt: null },
])('the moment of the last log line: $name', async ({ body, lineAt }) => {
  log({ body, headers: { 'content-type': 'text/plain' } });
  expect(await lastLine()).toEqual({ kind: 'answered', lineAt: lineAt === null ? null : Date.parse(lineAt) });
  expect(world.api.requests.map(({ query }) => Object.fromEntries(query))).toEqual([
    { tailLines: '1', limitBytes: '40', timestamps: 'true', container: 'scheduler' },
  ]);
});

test.each([
  { name: 'a line without a moment', answer: { body: 'hello' }, cause: 'unexpected' },
  { name: 'no right', answer: statusObject(403, 'Forbidden', 'no'), cause: 'forbidden' },
  { name: 'a container that waits', answer: statusObject(400, 'BadRequest', 'waiting'), cause: 'not-found' },
])('no moment is made up: $name', async ({ answer, cause }) => {
  log(answer);
  expect(await lastLine()).toMatchObject({ kind: 'unreadable', cause });
});
