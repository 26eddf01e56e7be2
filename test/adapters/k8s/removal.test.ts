import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  type KubeAnswer,
  type KubeRequest,
  podObject,
  statusObject,
  uidConflict,
} from '../../support/kube-api.ts';
import { PODS, TARGET, type TestWorld, testWorld } from './setup.ts';

const POD = { name: 'airflow-scheduler-1', uid: 'uid-of-airflow-scheduler-1' };
const AT = `DELETE ${PODS}/${POD.name}`;
const POLICY = `pods "${POD.name}" is forbidden: ValidatingAdmissionPolicy 'watchdog-delete' with binding 'watchdog-delete' denied request: no ReplicaSet or StatefulSet would replace the pod`;
const RBAC = `pods "${POD.name}" is forbidden: User "watchdog" cannot delete resource "pods" in API group "" in the namespace "airflow"`;
const TIMEOUT = 'Timeout: request did not complete within requested timeout - context deadline exceeded';

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
  world.api.pods.set(`airflow/${POD.name}`, podObject(POD.name));
});
afterEach(() => world.close());

const sent = ({ method, search, body, headers }: KubeRequest) => ({
  method,
  search,
  body: JSON.parse(body),
  type: headers['content-type'],
});
const remove = (options = {}) => world.cluster.remove(TARGET, POD, { deadlineMs: 1_200, ...options });

test.each<{ name: string; answer: KubeAnswer; want: object }>([
  {
    name: 'gone already',
    answer: statusObject(404, 'NotFound', `pods "${POD.name}" not found`),
    want: { kind: 'already-gone', status: 404, detail: `pods "${POD.name}" not found` },
  },
  {
    name: 'a 404 that is not of the API server says nothing about the pod',
    answer: { status: 404, body: '<html>nothing here</html>' },
    want: { kind: 'failed', status: 404, detail: 'the API server answered 404: <html>nothing here</html>' },
  },
  {
    name: 'another conflict than the uid is no replacement',
    answer: statusObject(409, 'Conflict', 'the ResourceVersion in the precondition (1) does not match 7'),
    want: {
      kind: 'failed',
      status: 409,
      detail: 'the API server answered 409: the ResourceVersion in the precondition (1) does not match 7',
    },
  },
  {
    name: 'no right by RBAC',
    answer: statusObject(403, 'Forbidden', RBAC),
    want: { kind: 'forbidden', status: 403, detail: `the RBAC rules do not allow it: ${RBAC}` },
  },
  {
    name: 'an admission policy says no',
    answer: statusObject(403, 'Forbidden', POLICY),
    want: { kind: 'forbidden', status: 403, detail: `an admission policy refused it: ${POLICY}` },
  },
  {
    name: 'an admission policy with its default code says no',
    answer: statusObject(422, 'Invalid', POLICY),
    want: { kind: 'forbidden', status: 422, detail: `an admission policy refused it: ${POLICY}` },
  },
  {
    name: 'the request is wrong',
    answer: statusObject(422, 'Invalid', 'DeleteOptions is invalid: dryRun: Unsupported value: "Some"'),
    want: {
      kind: 'failed',
      status: 422,
      detail:
        'the API server refused the request: DeleteOptions is invalid: dryRun: Unsupported value: "Some"',
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
      kind: 'failed',
      status: 429,
      detail:
        'the API server is throttling, nothing was removed: Too many requests, please try again later., retry after 1 s',
    },
  },
  {
    name: 'a login page with status 200 removed nothing',
    answer: { status: 200, body: '<html>please log in</html>' },
    want: {
      kind: 'failed',
      status: 200,
      detail: 'something else than the API server answered: <html>please log in</html>',
    },
  },
  {
    name: 'wrong token',
    answer: statusObject(401, 'Unauthorized', 'Unauthorized'),
    want: { kind: 'failed', status: 401, detail: 'the API server answered 401: Unauthorized' },
  },
])('$name', async ({ answer, want }) => {
  world.api.on(AT, answer);
  expect(await remove()).toEqual(want);
});

test('the right uid removes the pod, with its own grace period and without a query', async () => {
  expect(await remove()).toEqual({
    kind: 'deleted',
    status: 200,
    detail: 'the API server accepted the removal, with a grace period of 10 s',
  });
  expect(world.api.requests.map(sent)).toEqual([
    {
      method: 'DELETE',
      search: '',
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: POD.uid } },
      type: 'application/json',
    },
  ]);
  expect(world.api.pods.get(`airflow/${POD.name}`)?.metadata.deletionTimestamp).toBeDefined();
});

test('a dry run removes nothing; it stands in the body, and in the query for whatever drops a body on the way', async () => {
  expect(await remove({ dryRun: true })).toEqual({
    kind: 'deleted',
    status: 200,
    detail: 'dry run: the API server would have removed it, with a grace period of 10 s',
  });
  expect(world.api.requests.map(sent)).toEqual([
    {
      method: 'DELETE',
      search: '?dryRun=All',
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: POD.uid }, dryRun: ['All'] },
      type: 'application/json',
    },
  ]);
  expect(world.api.pods.get(`airflow/${POD.name}`)?.metadata.deletionTimestamp).toBeUndefined();
});

test('another pod with the same name is left alone', async () => {
  const answer = await world.cluster.remove(TARGET, { ...POD, uid: 'old-uid' }, { deadlineMs: 1_200 });
  expect(answer).toEqual({
    kind: 'replaced',
    status: 409,
    detail: uidConflict(POD.name, 'old-uid', POD.uid),
  });
});

const hung = { status: null, why: /127\.0\.0\.1:\d+: nothing answered within 0\.8 s/ };
const reset = { status: null, why: /closed the connection without an answer/ };
const late = { status: 504, why: /the API server answered 504: Timeout/ };

test.each<{ name: string; answer: KubeAnswer; lost: typeof hung | typeof late }>([
  { name: 'no answer', answer: 'hang', lost: hung },
  { name: 'a broken connection', answer: 'reset', lost: reset },
  { name: 'a 504 while etcd hangs', answer: statusObject(504, 'Timeout', TIMEOUT), lost: late },
])('$name: the pod is read once more to see what became of it', async ({ answer, lost }) => {
  const outcome = async (then: () => void) => {
    world.api.pods.set(`airflow/${POD.name}`, podObject(POD.name));
    world.api.on(AT, () => {
      then();
      return answer;
    });
    return remove();
  };
  const change = (metadata: object) =>
    world.api.pods.set(`airflow/${POD.name}`, podObject(POD.name, { metadata: { ...metadata } }));

  expect(await outcome(() => change({ deletionTimestamp: '2026-11-23T03:12:00Z' }))).toEqual({
    kind: 'deleted',
    status: lost.status,
    detail: 'the answer was lost, but the pod is terminating',
  });
  const gone = await outcome(() => world.api.pods.delete(`airflow/${POD.name}`));
  expect(gone).toMatchObject({ kind: 'already-gone', status: lost.status });
  expect(gone.detail).toMatch(/^the answer was lost, and the pod is gone/);
  const replaced = await outcome(() => change({ uid: 'new-uid' }));
  expect(replaced).toMatchObject({ kind: 'replaced', status: lost.status });
  expect(replaced.detail).toMatch(lost.why);
  const untouched = await outcome(() => undefined);
  expect(untouched).toMatchObject({ kind: 'failed', status: lost.status });
  expect(untouched.detail).toMatch(/^the pod is not terminating, the request may still take effect: /);
  world.api.on(`GET ${PODS}/${POD.name}`, statusObject(500, 'InternalError', 'etcd is away'));
  const unknown = await outcome(() => undefined);
  expect(unknown).toMatchObject({ kind: 'failed', status: lost.status });
  expect(unknown.detail).toMatch(/^whether the pod was removed is unknown: .*etcd is away$/);
});

test('a dry run without an answer says so and looks no further', async () => {
  world.api.on(AT, 'reset');
  const answer = await remove({ dryRun: true });
  expect(answer).toMatchObject({ kind: 'failed', status: null });
  expect(answer.detail).toMatch(/^dry run without a result: /);
  expect(world.api.requests).toHaveLength(1);
});

test('a removal is never sent twice by itself', async () => {
  world.api.on(AT, 'reset');
  await remove();
  expect(world.api.requests.map(({ method }) => method)).toEqual(['DELETE', 'GET']);
});

test('any deadline will do, also one that no third is whole of', async () => {
  expect(await remove({ deadlineMs: 5_000 })).toMatchObject({ kind: 'deleted' });
  expect(await remove({ deadlineMs: 1_000.5 })).toMatchObject({ kind: 'deleted' });
});

test('a refused connection carried nothing, so nothing was removed', async () => {
  const away = await testWorld('http://127.0.0.1:1');
  const answer = await away.cluster.remove(TARGET, POD, { deadlineMs: 1_000 });
  await away.close();
  expect(answer).toEqual({
    kind: 'failed',
    status: null,
    unsent: true,
    detail: 'nothing was removed: connection refused by 127.0.0.1:1',
  });
});
