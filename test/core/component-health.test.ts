import { describe, expect, test } from '@jest/globals';
import {
  componentHealth,
  componentMemory,
  rememberComponents,
  shouldAskReplicas,
} from '../../functions/core/component-health.ts';
import type { TargetLooks } from '../../functions/core/patient.ts';
import { LIMITS } from '../../functions/core/policy.ts';
import { NEW_STATE, type TargetState } from '../../functions/core/state.ts';
import { aPod, aRow, aTarget, judged, looksOf, MINUTE, NOW, rows, unreadable } from './builders.ts';

const target = aTarget();
const replicas = (wanted: number, workloads = ['Deployment airflow-scheduler']): TargetLooks['replicas'] => ({
  kind: 'answered',
  at: NOW,
  tookMs: 1,
  byComponent: { scheduler: { wanted, workloads } },
});
const two = [aPod('a'), aPod('b', { ips: ['10.0.0.2'] })];
const beats = rows([aRow(2, { hostname: 'a' }), aRow(3, { hostname: 'b', id: 2 })]);
const known = (change: object): TargetState => ({
  ...NEW_STATE,
  components: { scheduler: { noneWellSince: null, wanted: 2, askedAt: NOW - MINUTE, ...change } },
});
const healthOf = (looks: TargetLooks, state = NEW_STATE) =>
  componentHealth(target, looks, judged(looks, state), state)[0];

describe('how well a component is', () => {
  test.each([
    {
      name: 'all are there and well',
      looks: looksOf(two, { jobs: beats }),
      is: { living: 2, well: 2, wanted: null },
    },
    {
      name: 'one is dead',
      looks: looksOf(two, { jobs: rows([aRow(2, { hostname: 'a' }), aRow(99, { hostname: 'b', id: 2 })]) }),
      is: { living: 2, well: 1 },
    },
    {
      name: 'one is terminating',
      looks: looksOf([aPod('a'), aPod('b', { terminatingSince: NOW })], { jobs: beats }),
      is: { living: 1, well: 1 },
    },
    {
      name: 'one was evicted',
      looks: looksOf([aPod('a'), aPod('b', { phase: 'Failed' })], { jobs: beats }),
      is: { living: 1, well: 1 },
    },
    {
      name: 'one has completed',
      looks: looksOf([aPod('a'), aPod('b', { phase: 'Succeeded' })], { jobs: beats }),
      is: { living: 1, well: 1 },
    },
    { name: 'none is there', looks: looksOf([]), is: { living: 0, well: 0 } },
    {
      name: 'its workload says how many',
      looks: looksOf(two, { jobs: beats, replicas: replicas(3) }),
      is: { wanted: 3 },
    },
    {
      name: 'no workload is meant',
      looks: looksOf(two, { jobs: beats, replicas: replicas(0, []) }),
      is: { wanted: null },
    },
    {
      name: 'scaled to nothing on purpose',
      looks: looksOf([], { replicas: replicas(0) }),
      is: { wanted: 0, living: 0 },
    },
  ])('$name', ({ looks, is }) => {
    expect(healthOf(looks)).toMatchObject(is);
  });

  test('what was wanted is remembered while it is not asked', () => {
    expect(healthOf(looksOf(two, { jobs: beats }), known({}))).toMatchObject({ wanted: 2 });
    expect(
      healthOf(looksOf(two, { jobs: beats, replicas: unreadable('forbidden') }), known({})),
    ).toMatchObject({ wanted: 2 });
  });
});

describe('what is remembered of a component', () => {
  const remember = (looks: TargetLooks, state: TargetState, now = NOW) =>
    componentMemory(
      { ...NEW_STATE, components: rememberComponents(state, target, looks, judged(looks, state), now) },
      'scheduler',
    );

  test('since when nobody was well, whatever pods come and go', () => {
    const first = remember(looksOf([]), NEW_STATE);
    expect(first.noneWellSince).toBe(NOW);
    const state = { ...NEW_STATE, components: { scheduler: first } };
    const young = aPod('new', { createdAt: NOW, container: null, phase: 'Pending' });
    expect(remember(looksOf([young]), state, NOW + MINUTE).noneWellSince).toBe(NOW);
    expect(remember(looksOf(two, { jobs: beats }), state, NOW + MINUTE).noneWellSince).toBeNull();
  });

  test('an answer that could not be had takes nothing away, but counts as asked', () => {
    const after = remember(looksOf(two, { jobs: beats, replicas: unreadable('forbidden') }), known({}));
    expect(after).toMatchObject({ wanted: 2, askedAt: NOW });
  });
});

describe('how many there should be is asked', () => {
  test.each([
    { name: 'when it never was', state: NEW_STATE, pods: two, is: true },
    { name: 'not again within its time', state: known({}), pods: two, is: false },
    {
      name: 'again after its time',
      state: known({ askedAt: NOW - LIMITS.replicasEveryMs }),
      pods: two,
      is: true,
    },
    { name: 'at once when one is missing', state: known({}), pods: [aPod('a')], is: true },
    { name: 'at once when all are', state: known({ wanted: null }), pods: [], is: true },
    { name: 'after a jump of our clock', state: known({ askedAt: NOW + 60 * MINUTE }), pods: two, is: true },
  ])('$name: $is', ({ state, pods, is }) => {
    expect(shouldAskReplicas(target, looksOf(pods), state, NOW)).toBe(is);
  });
});
