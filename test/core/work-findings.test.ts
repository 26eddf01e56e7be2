import { expect, test } from '@jest/globals';
import type { Condition } from '../../functions/core/condition.ts';
import type { TargetLooks } from '../../functions/core/patient.ts';
import { NEW_STATE } from '../../functions/core/state.ts';
import { judgeLooks } from '../../functions/core/step.ts';
import { workFindings } from '../../functions/core/work-findings.ts';
import { AGED, aGroup, aPod, aTarget, looksOf, MINUTE, NOW, work } from './builders.ts';

const target = aTarget();
const ofLooks = (looks: TargetLooks, conditions: readonly Condition[] = []) =>
  workFindings({
    target,
    state: { ...NEW_STATE, conditions },
    looks,
    judged: judgeLooks(target, looks, NEW_STATE, NOW),
    now: NOW,
  });
const toldAgo = (ago: number): Condition => ({
  subject: 'queue default',
  kind: 'workers',
  since: NOW - ago,
  seenAt: NOW - MINUTE,
  severity: 'warning',
  stage: 'lasting',
  stageSince: NOW - ago,
  title: '',
  text: '',
  told: { stage: 'lasting', severity: 'warning', at: NOW - ago + 8 * MINUTE },
});
const aged = looksOf([aPod()], { work: work([aGroup(AGED)]) });
const anew = looksOf([aPod()], { work: work([aGroup({ oldestQueuedSeconds: 90 })]) });

test('it lasts since the oldest of them was queued', () => {
  expect(ofLooks(aged)).toMatchObject([
    {
      since: NOW - 11 * MINUTE,
      severity: 'warning',
      text: expect.stringContaining('for 11m none was taken up'),
    },
  ]);
});

test('Airflow queues anew what was not taken up: once told it is the same story', () => {
  expect(ofLooks(anew)).toEqual([]);
  expect(ofLooks(anew, [toldAgo(15 * MINUTE)])).toMatchObject([{ since: NOW - 15 * MINUTE }]);
});

test('a task that was queued moments ago prolongs no story: it may be taken up at once', () => {
  const young = looksOf([aPod()], { work: work([aGroup()]) });
  expect(ofLooks(young, [toldAgo(15 * MINUTE)])).toEqual([]);
});

test('it is critical once nothing at all has run for twenty minutes', () => {
  expect(ofLooks(aged, [toldAgo(21 * MINUTE)])).toMatchObject([{ severity: 'critical' }]);
});

test('it stays a warning while tasks run elsewhere', () => {
  const gpu = work([aGroup(AGED), aGroup({ queue: 'gpu', state: 'running' })]);
  expect(ofLooks(looksOf([aPod()], { work: gpu }), [toldAgo(21 * MINUTE)])).toMatchObject([
    { severity: 'warning' },
  ]);
});

test.each([
  { executor: 'LocalExecutor', says: /With LocalExecutor the workers are processes of the scheduler itself/ },
  { executor: 'CeleryExecutor', says: /look at the workers of that queue/ },
  { executor: null, says: /look at the workers of that queue/ },
])('with executor $executor it says where to look', ({ executor, says }) => {
  const pod = aPod();
  const named = aPod(pod.name, { container: pod.container === null ? null : { ...pod.container, executor } });
  expect(ofLooks(looksOf([named], { work: work([aGroup(AGED)]) }))[0]?.text).toMatch(says);
});

test('a task that one scheduler alone does not start, while its peer starts others, is no matter of the workers', () => {
  const groups = [aGroup(AGED), aGroup({ jobId: 2, state: 'running', newestStartSeconds: 9 })];
  expect(ofLooks(looksOf([aPod()], { work: work(groups) }))).toEqual([]);
});
