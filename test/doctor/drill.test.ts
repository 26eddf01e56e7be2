import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createMemoryState } from '../../functions/adapters/local/memory-state.ts';
import { DEFAULT_POLICY } from '../../functions/core/policy.ts';
import { drill } from '../../functions/flow/drill.ts';
import type { Ports } from '../../functions/ports.ts';
import { PODS, TARGET, type TestWorld, testWorld } from '../adapters/k8s/setup.ts';
import { podObject } from '../support/kube-api.ts';

const POD = 'airflow-scheduler-0';
let world: TestWorld;
beforeAll(async () => {
  world = await testWorld();
  world.api.pods.set(`airflow/${POD}`, podObject(POD));
});
afterAll(() => world.close());

test('on the wire a drill is one delete with the uid, a dry run in its body, and the pod is there afterwards', async () => {
  const state = createMemoryState();
  const ports: Ports = {
    clock: world.clock,
    state,
    targets: { load: async () => ({ targets: [], channels: [], bad: [] }), lastChannels: () => [] },
    database: {
      look: () => Promise.reject(new Error('the target names no database')),
      blastRadius: () => Promise.reject(new Error('the target names no database')),
    },
    urls: { look: () => Promise.reject(new Error('the target names no URL')) },
    clusterOf: async () => world.cluster,
    notifiersOf: () => new Map(),
    progress: () => {},
  };
  const target = { ...TARGET, policy: { ...DEFAULT_POLICY, mode: 'remediate' } } as const;
  const drilled = await drill(target, [], { by: 'ann', send: true }, ports);
  expect(drilled).toMatchObject({
    pod: POD,
    answer: { kind: 'deleted', detail: expect.stringMatching(/^dry run/) },
  });
  const deletes = world.api.requests.filter(({ method }) => method === 'DELETE');
  expect(deletes.map(({ path, search, body }) => ({ path, search, body: JSON.parse(body) }))).toEqual([
    {
      path: `${PODS}/${POD}`,
      search: '?dryRun=All',
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: `uid-of-${POD}` },
        dryRun: ['All'],
      },
    },
  ]);
  expect(world.api.pods.get(`airflow/${POD}`)?.metadata.deletionTimestamp).toBeUndefined();
  expect(await state.history({ target: 'prod', limit: 5 })).toMatchObject([
    { kind: 'drill', body: { pod: POD } },
  ]);
});
