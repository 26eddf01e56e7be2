import { describe, expect, test } from '@jest/globals';
import { isResumable } from '../../functions/core/guards.ts';
import { addAnswer, addIntent } from '../../functions/core/intent.ts';
import { settleAll } from '../../functions/core/settle.ts';
import { NEW_STATE, type TargetState } from '../../functions/core/state.ts';
import {
  aPod,
  aRemediation,
  aRow,
  aTarget,
  judged,
  looksOf,
  MINUTE,
  NOW,
  progress,
  rows,
  SECOND,
  unreadable,
} from './builders.ts';

const fresh = aPod('airflow-scheduler-b', {
  createdAt: NOW - 50 * SECOND,
  container: { ...aPod().container, runningSince: NOW - 45 * SECOND } as never,
});
const beating = aRow(3, { id: 2, hostname: 'airflow-scheduler-b', startedSecondsAgo: 40 });
const oldRow = aRow(150, { state: 'failed' });

function outcomeOf(
  pods: Parameters<typeof looksOf>[0],
  looks: Parameters<typeof looksOf>[1],
  past = aRemediation(),
) {
  const state: TargetState = { ...NEW_STATE, remediations: [past] };
  const all = looksOf(pods, looks);
  const { settled } = settleAll(state, aTarget(), all, judged(all, state), NOW);
  return settled[0]?.outcome.kind ?? null;
}

describe('a removal is recovered only when everything is there at once', () => {
  test.each([
    {
      name: 'a new pod, its own row, fresh, and work moves',
      pods: [fresh],
      looks: { jobs: rows([beating, oldRow]) },
      is: 'recovered',
    },
    { name: 'no new pod yet', pods: [], looks: { jobs: rows([oldRow]) }, is: null },
    {
      name: 'a new pod that is pending',
      pods: [aPod('airflow-scheduler-b', { phase: 'Pending', container: null })],
      looks: { jobs: rows([oldRow]) },
      is: null,
    },
    { name: 'a new pod without a row', pods: [fresh], looks: { jobs: rows([oldRow]) }, is: null },
    {
      name: 'a new pod with a row no newer than those known before',
      pods: [fresh],
      looks: { jobs: rows([{ ...beating, id: 1 }]) },
      is: null,
    },
    {
      name: 'a new pod whose beat is stale',
      pods: [fresh],
      looks: { jobs: rows([{ ...beating, heartbeatAgeSeconds: 38 }]) },
      is: null,
    },
    {
      name: 'a new pod behind which no work moves',
      pods: [fresh],
      looks: { jobs: rows([beating]), progress: progress({ decidedAgoSeconds: 500 }) },
      is: null,
    },
    {
      name: 'a new pod while progress cannot be read',
      pods: [fresh],
      looks: { jobs: rows([beating]), progress: unreadable('forbidden') },
      is: 'recovered',
    },
    {
      name: 'a healthy peer that was there before is no replacement',
      pods: [aPod()],
      looks: { jobs: rows([aRow(2)]) },
      is: null,
    },
    {
      name: 'the old pod still terminating beside a proved replacement',
      pods: [aPod('airflow-scheduler-a', { terminatingSince: NOW - MINUTE }), fresh],
      looks: { jobs: rows([beating]) },
      is: 'recovered',
    },
  ])('$name → $is', ({ pods, looks, is }) => expect(outcomeOf(pods, looks)).toBe(is));

  test('nothing proved within the recovery limit is not-recovered', () => {
    const past = aRemediation({
      answer: { kind: 'deleted', status: 200, detail: '', at: NOW - 11 * MINUTE },
    });
    expect(outcomeOf([fresh], { jobs: rows([oldRow]) }, past)).toBe('not-recovered');
  });

  test('a pod that does not end, and that nothing replaces, is stuck-terminating', () => {
    const past = aRemediation({ answer: { kind: 'deleted', status: 200, detail: '', at: NOW - 4 * MINUTE } });
    const stuck = aPod('airflow-scheduler-a', { terminatingSince: NOW - 4 * MINUTE });
    expect(outcomeOf([stuck], { jobs: rows([oldRow]) }, past)).toBe('stuck-terminating');
  });
});

describe('a run that died', () => {
  test('after its intent: the pod is gone, so the removal took effect', () => {
    expect(outcomeOf([fresh], { jobs: rows([beating]) }, aRemediation({ answer: null }))).toBe('recovered');
  });

  test.each([
    { name: 'its own pod', past: aRemediation({ answer: null }), is: true },
    { name: 'another pod', past: aRemediation({ answer: null, uid: 'other' }), is: false },
    { name: 'a pod whose removal took effect', past: aRemediation(), is: false },
    {
      name: 'a pod it may not delete',
      past: aRemediation({ answer: { kind: 'forbidden', status: 403, detail: '', at: NOW } }),
      is: false,
    },
    { name: 'a pod after three tries', past: aRemediation({ answer: null, attempts: 3 }), is: false },
    {
      name: 'a pod after ten minutes',
      past: aRemediation({ answer: null, intendedAt: NOW - 10 * MINUTE }),
      is: false,
    },
    {
      name: 'a pod whose delete was not answered',
      past: aRemediation({ answer: { kind: 'failed', status: null, detail: '', at: NOW } }),
      is: true,
    },
  ])('may be taken up again for $name: $is', ({ past, is }) => {
    expect(isResumable(past, aPod(), NOW)).toBe(is);
  });

  test('its intent keeps its first moment when it is taken up again, so the cool-down does, too', () => {
    const subject = {
      component: 'scheduler',
      pod: 'airflow-scheduler-a',
      uid: 'uid-airflow-scheduler-a',
      cause: 'dead',
    } as const;
    const details = { why: 'w', lastAliveAt: NOW, highestJobId: 4, knownUids: [subject.uid] };
    const first = addIntent(NEW_STATE, subject, { ...details, now: NOW });
    const again = addIntent(first, subject, { ...details, now: NOW + MINUTE, highestJobId: 9 });
    expect(again.remediations).toMatchObject([
      { intendedAt: NOW, attempts: 2, highestJobId: 4, answer: null },
    ]);
    const answered = addAnswer(
      again,
      subject.uid,
      { kind: 'deleted', status: 200, detail: '' },
      NOW + MINUTE,
    );
    expect(answered.remediations).toMatchObject([{ answer: { kind: 'deleted', at: NOW + MINUTE } }]);
  });
});
