import { describe, expect, test } from '@jest/globals';
import { type LearnedAges, learnAge, NO_AGES } from '../../functions/core/ages.ts';
import { heartbeatLimit, rowOf } from '../../functions/core/heartbeat.ts';
import type { PodFact } from '../../functions/core/pod.ts';
import { DEFAULT_POLICY } from '../../functions/core/policy.ts';
import { matchesSelector } from '../../functions/core/selector.ts';
import { aPod, aRow, MINUTE, NOW, SECOND } from './builders.ts';

const long = `airflow-scheduler-${'x'.repeat(44)}-5d9c7b8f6d-x2x7q`;
const running = (runningSince: number): Partial<PodFact> => ({
  container: { ...aPod().container, runningSince } as never,
});

test.each([
  { name: 'its own name', pod: aPod(), row: {}, is: true },
  { name: 'another pod’s name', pod: aPod(), row: { hostname: 'airflow-scheduler-b' }, is: false },
  {
    name: 'a name that only begins like it',
    pod: aPod(),
    row: { hostname: 'airflow-scheduler-ab' },
    is: false,
  },
  {
    name: 'its name cut at 63 characters',
    pod: aPod(long),
    row: { hostname: long.slice(0, 63).replace(/-$/, '') },
    is: true,
  },
  {
    name: 'its FQDN in a StatefulSet',
    pod: aPod('airflow-scheduler-0'),
    row: { hostname: 'airflow-scheduler-0.airflow.ns.svc.cluster.local' },
    is: true,
  },
  {
    name: 'the host name of its spec',
    pod: aPod('p', { hostname: 'sched' }),
    row: { hostname: 'sched' },
    is: true,
  },
  {
    name: 'the host name and subdomain of its spec',
    pod: aPod('p', { hostname: 'sched', subdomain: 'air' }),
    row: { hostname: 'sched.air.ns' },
    is: true,
  },
  {
    name: 'the host name under another subdomain',
    pod: aPod('p', { hostname: 'sched', subdomain: 'air' }),
    row: { hostname: 'sched.other.ns' },
    is: false,
  },
  { name: 'its IP', pod: aPod('p', { ips: ['10.0.0.7'] }), row: { hostname: '10.0.0.7' }, is: true },
  {
    name: 'a row of another component on the same host',
    pod: aPod(),
    row: { component: 'triggerer' as const },
    is: false,
  },
  {
    name: 'a row that began before its container',
    pod: aPod('airflow-scheduler-a', running(NOW - 10 * MINUTE)),
    row: { startedSecondsAgo: 3_600 },
    is: false,
  },
  {
    name: 'a row that began 40 s before its container: the clocks differ',
    pod: aPod('airflow-scheduler-a', running(NOW - 10 * MINUTE)),
    row: { startedSecondsAgo: 640 },
    is: true,
  },
])('$name: belongs to the pod is $is', ({ pod, row, is }) => {
  expect(rowOf(pod, [aRow(3, row)], NOW - (pod.container?.runningSince ?? pod.createdAt)) !== null).toBe(is);
});

test('of several rows of one incarnation the freshest counts, whatever their order', () => {
  const list = [aRow(40, { id: 7 }), aRow(2, { id: 9 }), aRow(90, { id: 5 })];
  expect(rowOf(aPod(), list, NOW)?.id).toBe(9);
  expect(rowOf(aPod(), list.toReversed(), NOW)?.id).toBe(9);
});

describe('the heartbeat limit', () => {
  const ages = (worst: number, count = 30, stepMs = 12 * 60 * MINUTE): LearnedAges =>
    [...Array.from({ length: count - 1 }, () => 2), worst].reduce(
      (known, seconds, at) => learnAge(known, seconds, NOW + at * stepMs),
      NO_AGES,
    );
  test.each([
    { name: 'auto begins at the safe start', known: NO_AGES, limit: 90, suspect: 10 },
    { name: 'auto does not learn from few samples', known: ages(5, 19), limit: 90, suspect: 10 },
    { name: 'auto learns of Airflow 2.11: the least', known: ages(5.1), limit: 45, suspect: 10 },
    { name: 'auto learns of Airflow 3.3: 4 × 11.8 s', known: ages(11.8), limit: 47.2, suspect: 12.98 },
    {
      name: 'auto keeps to the safe start before a week is known',
      known: ages(5.1, 30, MINUTE),
      limit: 90,
      suspect: 10,
    },
    { name: 'auto never learns more than the most', known: ages(60), limit: 180, suspect: 66 },
    {
      name: 'but a silence that proved healthy is never held against it',
      known: ages(300),
      limit: 360,
      suspect: 180,
    },
  ])('$name', ({ known, limit, suspect }) => {
    const found = heartbeatLimit(DEFAULT_POLICY, known);
    expect(found.limitMs).toBeCloseTo(limit * SECOND, 0);
    expect(found.suspectMs).toBeCloseTo(suspect * SECOND, 0);
    expect(found.from).toMatch(/^auto: /);
  });

  test('a configured limit is taken as it is', () => {
    expect(heartbeatLimit({ ...DEFAULT_POLICY, heartbeatLimitMs: 30 * SECOND }, ages(20))).toEqual({
      limitMs: 30 * SECOND,
      suspectMs: 15 * SECOND,
      from: 'policy.heartbeatLimit',
    });
  });
});

test.each([
  ['component=scheduler', true],
  ['component==scheduler,release=airflow', true],
  ['component=scheduler,release=other', false],
  ['component!=scheduler', false],
  ['component in (scheduler, triggerer)', true],
  ['component notin (scheduler)', false],
  ['release', true],
  ['!release', false],
  ['!missing', true],
  ['missing=', false],
  ['component ~ scheduler', null],
  ['', null],
])('the selector "%s" matches: %s', (selector, want) => {
  expect(matchesSelector(selector, { component: 'scheduler', release: 'airflow' })).toBe(want);
});
