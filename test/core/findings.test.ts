import { describe, expect, test } from '@jest/globals';
import { componentHealth } from '../../functions/core/component-health.ts';
import { findingsOf } from '../../functions/core/findings.ts';
import type { TargetLooks } from '../../functions/core/patient.ts';
import { NEW_STATE, type TargetState } from '../../functions/core/state.ts';
import { look } from '../../functions/core/step.ts';
import {
  AGED,
  aGroup,
  aPod,
  aRemediation,
  aRow,
  aTarget,
  looksOf,
  MINUTE,
  NOW,
  own,
  rows,
  SECOND,
  silent,
  unreadable,
  work,
} from './builders.ts';

const target = aTarget();
const PROVEN = {
  heartbeat: { scheduler: NOW },
  own: NOW,
  web: NOW,
  health: NOW,
  progress: NOW,
  kubelet: NOW,
  locks: NOW,
};

function found(looks: TargetLooks, change: Partial<TargetState> = {}) {
  const { judged, state } = look(target, { ...NEW_STATE, proven: PROVEN, ...change }, looks, {
    now: NOW,
    slotMs: MINUTE,
    inDoubt: false,
  });
  const health = componentHealth(target, looks, judged, state);
  return findingsOf({ target, state, looks, judged, health, held: [], now: NOW });
}
const told = (looks: TargetLooks, change: Partial<TargetState> = {}) =>
  found(looks, change).map(({ kind, subject }) => `${kind} ${subject}`);
const calm = looksOf([aPod()]);
const failure = {
  kind: 'not-recovered',
  at: NOW - MINUTE,
  detail: 'no replacement',
  replacement: null,
} as const;

describe('what is the matter', () => {
  test.each<{ name: string; looks: TargetLooks; change?: Partial<TargetState>; is: readonly string[] }>([
    { name: 'nothing', looks: calm, is: [] },
    { name: 'nobody is there', looks: looksOf([]), is: ['none-left component scheduler'] },
    {
      name: 'no worker takes up what is queued',
      looks: looksOf([aPod()], { work: work([aGroup(AGED)]) }),
      is: ['workers queue default'],
    },
    {
      name: 'no worker takes up what is queued, and the queue may not be read',
      looks: looksOf([aPod()], { work: work([aGroup({ ...AGED, queue: null })]) }),
      is: ['workers queues'],
    },
    {
      name: 'the workers of one queue are gone',
      looks: looksOf([aPod()], {
        work: work([aGroup({ ...AGED, queue: 'gpu' }), aGroup(), aGroup({ state: 'running' })]),
      }),
      is: ['workers queue gpu'],
    },
    {
      name: 'the workers of the queue are busy with long tasks',
      looks: looksOf([aPod()], {
        work: work([aGroup(AGED), aGroup({ state: 'running', newestStartSeconds: 4_000 })]),
      }),
      is: [],
    },
    {
      name: 'tasks of one DAG wait, which may be broken itself',
      looks: looksOf([aPod()], { work: work([aGroup({ ...AGED, agedDags: 1 })]) }),
      is: [],
    },
    {
      name: 'tasks wait for four minutes',
      looks: looksOf([aPod()], { work: work([aGroup({ oldestQueuedSeconds: 240, tasks: 9 })]) }),
      is: [],
    },
    {
      name: 'tasks wait that a scheduler queued which is gone',
      looks: looksOf([aPod()], { work: work([aGroup({ ...AGED, jobId: 77 })]) }),
      is: [],
    },
    {
      name: 'tasks wait while the database has come back just now',
      looks: looksOf([aPod()], { jobs: rows([aRow(2)], 20), work: work([aGroup(AGED)]) }),
      is: [],
    },
    {
      name: 'who has which tasks was read and cannot be now',
      looks: looksOf([aPod()], { work: unreadable('forbidden') }),
      change: { proven: { ...PROVEN, work: NOW } },
      is: ['witness-lost witness work'],
    },
    {
      name: 'who has which tasks could never be read',
      looks: looksOf([aPod()], { work: unreadable('forbidden') }),
      is: [],
    },
    {
      name: 'only history is there',
      looks: looksOf([aPod('a', { phase: 'Failed' })]),
      is: ['none-left component scheduler'],
    },
    {
      name: 'nobody is well',
      looks: looksOf([aPod()], { jobs: rows([]) }),
      is: ['contradictory pod uid-airflow-scheduler-a', 'none-well component scheduler'],
    },
    {
      name: 'the database is down, for all at once',
      looks: looksOf([aPod(), aPod('b')], { jobs: silent(), progress: silent() }),
      is: ['database-down database', 'none-well component scheduler'],
    },
    {
      name: 'progress is lost',
      looks: looksOf([aPod()], { progress: unreadable('forbidden') }),
      is: ['witness-lost witness progress'],
    },
    {
      name: 'progress was never there',
      looks: looksOf([aPod()], { progress: unreadable('forbidden') }),
      change: { proven: { ...PROVEN, progress: null } },
      is: [],
    },
    {
      name: 'locks are lost',
      looks: looksOf([aPod()], { locks: unreadable('forbidden') }),
      is: ['witness-lost witness locks'],
    },
    {
      name: 'kubelet is lost',
      looks: looksOf([aPod()], { kubelet: unreadable('forbidden') }),
      is: ['witness-lost witness kubelet'],
    },
    {
      name: 'the web server is lost',
      looks: looksOf([aPod()], { urls: [{ url: 'u', look: silent() }] }),
      is: ['witness-lost witness web'],
    },
    {
      name: 'one of two health endpoints is lost',
      looks: looksOf([aPod()], {
        urls: [
          { url: 'u', look: silent() },
          { url: 'v', look: own('healthy') },
        ],
      }),
      is: [],
    },
    {
      name: 'our clock is off',
      looks: looksOf([aPod()], { serverNow: NOW - 31 * SECOND }),
      is: ['clocks-differ clock watchdog', 'clocks-differ clock database'],
    },
    {
      name: 'our clock is off by no more than a look may take',
      looks: looksOf([aPod()], { serverNow: NOW - 29 * SECOND }),
      is: [],
    },
    {
      name: 'a removal is open',
      looks: calm,
      change: { remediations: [aRemediation()] },
      is: ['dead pod uid-airflow-scheduler-a'],
    },
    {
      name: 'a removal cured nothing',
      looks: calm,
      change: { remediations: [aRemediation({ outcome: failure })] },
      is: ['dead pod uid-airflow-scheduler-a'],
    },
    {
      name: 'it was made good',
      looks: calm,
      change: { remediations: [aRemediation({ outcome: failure, curedAt: NOW })] },
      is: [],
    },
    {
      name: 'a person let it go',
      looks: calm,
      change: { remediations: [aRemediation({ outcome: failure })], resumedAt: NOW },
      is: [],
    },
  ])('$name', ({ looks, change, is }) => {
    expect(told(looks, change).toSorted()).toEqual([...is].toSorted());
  });

  test('each has a title, a sentence and a beginning that is not in the future', () => {
    for (const one of [
      ...found(looksOf([])),
      ...found(looksOf([aPod()], { jobs: rows([aRow(99)]), serverNow: NOW - MINUTE })),
    ]) {
      expect(one.title).toMatch(/^prod: /);
      expect(one.text.length).toBeGreaterThan(20);
      expect(one.since).toBeLessThanOrEqual(NOW);
    }
  });
});
