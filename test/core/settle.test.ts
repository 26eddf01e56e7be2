import { describe, expect, test } from '@jest/globals';
import type { TargetLooks } from '../../functions/core/patient.ts';
import type { Remediation } from '../../functions/core/remediation.ts';
import { settleAll, settleUnseen } from '../../functions/core/settle.ts';
import { NEW_STATE, type TargetState } from '../../functions/core/state.ts';
import { aPod, aRemediation, aRow, aTarget, judged, looksOf, MINUTE, NOW, rows } from './builders.ts';

const HOUR = 60 * MINUTE;
const target = aTarget();
const failed = { kind: 'not-recovered', at: NOW - 10 * MINUTE, detail: '', replacement: null } as const;
const old = aPod();
const fresh = aPod('airflow-scheduler-b');
const well = looksOf([fresh], { jobs: rows([aRow(2, { hostname: 'airflow-scheduler-b', id: 2 })]) });
const settle = (past: Partial<Remediation>, looks: TargetLooks, change: Partial<TargetState> = {}) => {
  const state = { ...NEW_STATE, ...change, remediations: [aRemediation(past)] };
  const after = settleAll(state, target, looks, judged(looks, state), NOW);
  return { past: after.state.remediations[0], settled: after.settled };
};

describe('a removal whose outcome is open', () => {
  test.each([
    { name: 'is proved by a new pod with a new row that beats', past: {}, looks: well, outcome: 'recovered' },
    {
      name: 'is not proved by the row of the old one',
      past: { highestJobId: 2 },
      looks: well,
      outcome: null,
    },
    {
      name: 'is not proved by a peer that was there before',
      past: { knownUids: [old.uid, fresh.uid] },
      looks: well,
      outcome: null,
    },
    {
      name: 'has failed when nothing came in its time',
      past: { answer: { kind: 'deleted', status: 200, detail: '', at: NOW - 11 * MINUTE } },
      looks: looksOf([]),
      outcome: 'not-recovered',
    },
    {
      name: 'is stuck when the old pod does not end',
      past: { answer: { kind: 'deleted', status: 200, detail: '', at: NOW - 4 * MINUTE } },
      looks: looksOf([aPod('airflow-scheduler-a', { terminatingSince: NOW - 4 * MINUTE })]),
      outcome: 'stuck-terminating',
    },
    {
      name: 'has failed when it was forbidden',
      past: { answer: { kind: 'forbidden', status: 403, detail: 'no', at: NOW } },
      looks: looksOf([old]),
      outcome: 'not-recovered',
    },
    {
      name: 'goes on while it may be tried again',
      past: { answer: null },
      looks: looksOf([old]),
      outcome: null,
    },
    {
      name: 'has failed when its run died long ago',
      past: { answer: null, intendedAt: NOW - 10 * MINUTE },
      looks: looksOf([old]),
      outcome: 'not-recovered',
    },
  ] as { name: string; past: Partial<Remediation>; looks: TargetLooks; outcome: string | null }[])(
    '$name',
    ({ past, looks, outcome }) => {
      const after = settle(past, looks);
      expect(after.past?.outcome?.kind ?? null).toBe(outcome);
      expect(after.settled).toHaveLength(outcome === null ? 0 : 1);
    },
  );

  test('whose answer was lost is found out by the pod that is gone', () => {
    expect(settle({ answer: null }, looksOf([])).past?.answer?.kind).toBe('already-gone');
  });

  test('has failed when nobody could see whether it helped', () => {
    const past = aRemediation({
      answer: { kind: 'deleted', status: 200, detail: '', at: NOW - 11 * MINUTE },
    });
    const { state } = settleUnseen({ ...NEW_STATE, remediations: [past] }, target, 'no network', NOW);
    expect(state.remediations[0]?.outcome).toMatchObject({
      kind: 'not-recovered',
      detail: expect.stringContaining('no network'),
    });
  });
});

describe('what was not cured', () => {
  test.each([
    { name: 'is made good by a component that is whole and well', past: {}, looks: well, curedAt: NOW },
    {
      name: 'is made good by the old pod, if that one is well again',
      past: {},
      looks: looksOf([old]),
      curedAt: NOW,
    },
    {
      name: 'is not made good by the peers that were there all along',
      past: { knownUids: [old.uid, fresh.uid] },
      looks: well,
      curedAt: null,
    },
    {
      name: 'is not made good while one of them is sick',
      past: {},
      looks: looksOf([fresh, aPod('c')], {
        jobs: rows([aRow(2, { hostname: 'airflow-scheduler-b', id: 2 }), aRow(99, { hostname: 'c', id: 3 })]),
      }),
      curedAt: null,
    },
    { name: 'is not made good by nobody', past: {}, looks: looksOf([]), curedAt: null },
  ])('$name', ({ past, looks, curedAt }) => {
    expect(settle({ outcome: failed, ...past }, looks).past?.curedAt).toBe(curedAt);
  });

  test.each([
    { name: 'is remembered for as long as it lasts', past: { outcome: failed }, is: true },
    {
      name: 'is forgotten after a day once it is cured',
      past: { outcome: failed, curedAt: NOW - HOUR },
      is: false,
    },
    {
      name: 'is forgotten after a day once a person resumed',
      past: { outcome: failed },
      resumedAt: NOW - MINUTE,
      is: false,
    },
    {
      name: 'is forgotten after a day if nothing was done',
      past: { outcome: failed, answer: { kind: 'forbidden' as const, status: 403, detail: '', at: NOW } },
      is: false,
    },
    {
      name: 'and so is what recovered',
      past: { outcome: { ...failed, kind: 'recovered' as const } },
      is: false,
    },
  ])('$name', ({ past, resumedAt = null, is }) => {
    const after = settle(
      { ...past, intendedAt: NOW - 100 * HOUR },
      looksOf([aPod('c', { phase: 'Pending', container: null })]),
      { resumedAt },
    );
    expect(after.past !== undefined).toBe(is);
  });
});
