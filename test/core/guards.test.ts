import { describe, expect, test } from '@jest/globals';
import type { Approval } from '../../functions/core/approval.ts';
import { GUARDS, type GuardFacts, HOLD_CODES, type HoldCode, holdsOf } from '../../functions/core/guards.ts';
import { LIMITS, type Policy } from '../../functions/core/policy.ts';
import type { Streak } from '../../functions/core/state.ts';
import { aPod, aRemediation, freeFacts, MINUTE, NOW, POLICY, STREAK } from './builders.ts';

const FREE = freeFacts();
const LONG: Streak = { ...STREAK, count: 6, firstAt: NOW - LIMITS.selfLastsMs };

const pause = { by: 'ann', reason: 'upgrade', until: NOW + MINUTE };
const other = { uid: 'uid-other', pod: 'other' };
const ASK: Policy = { ...POLICY, mode: 'ask' };
const approval: Approval = { uid: aPod().uid, by: 'ann', at: NOW, until: NOW + LIMITS.approvalMs };
const ended = (kind: 'recovered' | 'not-recovered', agoMs: number) => ({
  intendedAt: NOW - agoMs,
  answer: { kind: 'deleted', status: 200, detail: '', at: NOW - agoMs } as const,
  outcome: { kind, at: NOW - agoMs + MINUTE, detail: '', replacement: null } as const,
});
const uncured = aRemediation({ ...other, ...ended('not-recovered', 8 * 60 * MINUTE) });
const recovered = aRemediation({ ...other, ...ended('recovered', 7 * 60 * MINUTE) });
const attempt = (change: object) =>
  aRemediation({ uid: aPod().uid, answer: { kind: 'failed', status: null, detail: '', at: NOW }, ...change });

interface Row {
  readonly code: HoldCode;
  readonly when: string;
  readonly facts: Partial<GuardFacts>;
  readonly holds: boolean;
}
const row = (code: HoldCode, when: string, facts: Partial<GuardFacts>, holds: boolean): Row => ({
  code,
  when,
  facts,
  holds,
});

const planned = { cause: 'starving', causes: ['starving'], tasksRunning: 0 } as const;
const runs = (executor: string) => {
  const { container, ...pod } = aPod();
  return { ...pod, container: container && { ...container, executor } };
};

const ROWS: readonly Row[] = [
  row('watch-mode', 'the target only watches', { policy: { ...POLICY, mode: 'watch' } }, true),
  row('watch-mode', 'the target remediates', {}, false),
  row('awaiting-approval', 'nobody was asked yet', { policy: ASK }, true),
  row('awaiting-approval', 'a person approved this pod', { policy: ASK, approval }, false),
  row(
    'awaiting-approval',
    'a person approved another pod',
    { policy: ASK, approval: { ...approval, uid: 'uid-other' } },
    true,
  ),
  row(
    'awaiting-approval',
    'the approval is over',
    { policy: ASK, approval: { ...approval, until: NOW } },
    true,
  ),
  row(
    'awaiting-approval',
    'the approval is good for longer than any',
    { policy: ASK, approval: { ...approval, until: NOW + LIMITS.approvalMs + 1 } },
    true,
  ),
  row('awaiting-approval', 'which pod it is is not known', { policy: ASK, approval, pod: null }, true),
  row('awaiting-approval', 'the target asks nobody', {}, false),
  row('not-acting', 'the run only looks', { acting: false }, true),
  row('not-acting', 'the run acts', {}, false),
  row('paused', 'a person paused it', { pause }, true),
  row('paused', 'the pause is over', { pause: { ...pause, until: NOW } }, false),
  row(
    'paused',
    'the workload is annotated',
    { workload: { name: 'w', rollingOut: null, paused: 'by ann' } },
    true,
  ),
  row('blind', 'a peer cannot be judged', { causes: ['dead', 'blind'] }, true),
  row('blind', 'all can', { causes: ['dead', 'healthy'] }, false),
  row('blind', 'nobody could be read', { causes: null }, true),
  row('database-down', 'the database is sick for one of them', { causes: ['dead', 'database-down'] }, true),
  row('database-down', 'it is not', {}, false),
  row('database-recovering', 'it has only just come back', { databaseRecovering: 'came back 3 s ago' }, true),
  row('database-recovering', 'it has long been there', {}, false),
  row(
    'storm',
    'many fell sick together',
    { fleet: { storm: 'many', repairsFailing: null, budget: null } },
    true,
  ),
  row('storm', 'they did not', {}, false),
  row('storm', 'how the fleet is is not known', { fleet: null }, true),
  row(
    'repairs-failing',
    'half of the repairs failed',
    { fleet: { storm: null, repairsFailing: 'half', budget: null } },
    true,
  ),
  row('repairs-failing', 'they did not', {}, false),
  row('repairs-failing', 'how they ended is not known', { fleet: null }, true),
  row('fleet-budget', 'it is spent', { fleet: { storm: null, repairsFailing: null, budget: 'spent' } }, true),
  row('fleet-budget', 'it is not', {}, false),
  row('fleet-budget', 'what else goes is not known', { fleet: null }, true),
  row('not-cured', 'the same cause was not cured', { remediations: [uncured] }, true),
  row('not-cured', 'another cause was not', { remediations: [{ ...uncured, cause: 'stalled' }] }, false),
  row(
    'not-cured',
    'another component was not',
    { remediations: [{ ...uncured, component: 'triggerer' }] },
    false,
  ),
  row('not-cured', 'something recovered since', { remediations: [uncured, recovered] }, false),
  row('not-cured', 'its component was whole again', { remediations: [{ ...uncured, curedAt: NOW }] }, false),
  row('not-cured', 'a person resumed it since', { remediations: [uncured], resumedAt: NOW }, false),
  row(
    'not-cured',
    'a person resumed it before',
    { remediations: [uncured], resumedAt: NOW - 9 * 60 * MINUTE },
    true,
  ),
  row('not-cured', 'which component it is of is not known', { remediations: [uncured], pod: null }, false),
  row(
    'rolling-out',
    'its workload is mid-rollout',
    { workload: { name: 'w', rollingOut: '1 of 2', paused: null } },
    true,
  ),
  row('rolling-out', 'it is not', {}, false),
  row('rolling-out', 'whether it is could not be read', { workload: null }, true),
  row('starting', 'it is young', { startedMsAgo: POLICY.startupGraceMs - 1 }, true),
  row('starting', 'it is not', { startedMsAgo: POLICY.startupGraceMs }, false),
  row('starting', 'when it began is not known', { startedMsAgo: null }, true),
  row('not-owned', 'nothing would replace it', { pod: aPod('a', { owner: null }) }, true),
  row('not-owned', 'a Job would', { pod: aPod('a', { owner: { kind: 'Job', name: 'j' } }) }, true),
  row(
    'not-owned',
    'a StatefulSet would',
    { pod: aPod('a', { owner: { kind: 'StatefulSet', name: 's' } }) },
    false,
  ),
  row('not-owned', 'the pod could not be read', { pod: null }, true),
  row('label-mismatch', 'its labels are others', { labelsMatch: false }, true),
  row('label-mismatch', 'they match', {}, false),
  row('label-mismatch', 'they could not be compared', { labelsMatch: null }, true),
  row(
    'node-sick',
    'it goes for its node, and nothing is known of others',
    { cause: 'node-sick', canLandElsewhere: null },
    true,
  ),
  row(
    'node-sick',
    'it goes for its node, and there is no other',
    { cause: 'node-sick', canLandElsewhere: false },
    true,
  ),
  row('node-sick', 'it goes for its node, and another one is well', { cause: 'node-sick' }, false),
  row('node-sick', 'it is dead by itself', { canLandElsewhere: null }, false),
  row('terminating', 'it is on its way out', { pod: aPod('a', { terminatingSince: NOW }) }, true),
  row('terminating', 'it is not', {}, false),
  row(
    'peer-recovering',
    'another was removed and is not proved',
    { remediations: [aRemediation(other)] },
    true,
  ),
  row('peer-recovering', 'it is proved', { remediations: [recovered] }, false),
  row('peer-recovering', 'it is this very pod', { remediations: [attempt({})] }, false),
  row(
    'peer-recovering',
    'which pod it is is not known',
    { remediations: [aRemediation(other)], pod: null },
    true,
  ),
  row(
    'cool-down',
    'the last intent is recent',
    { remediations: [aRemediation({ ...other, ...ended('recovered', POLICY.cooldownMs - 1) })] },
    true,
  ),
  row(
    'cool-down',
    'it is not',
    { remediations: [aRemediation({ ...other, ...ended('recovered', POLICY.cooldownMs) })] },
    false,
  ),
  row(
    'cool-down',
    'it was meant long ago, and done by a later try',
    {
      remediations: [
        aRemediation({
          ...other,
          ...ended('recovered', POLICY.cooldownMs + MINUTE),
          answer: { kind: 'deleted', status: 200, detail: '', at: NOW - POLICY.cooldownMs + 1 },
        }),
      ],
    },
    true,
  ),
  row('cool-down', 'it is the same removal, unanswered', { remediations: [attempt({})] }, false),
  row(
    'cool-down',
    'it was refused',
    { remediations: [attempt({ answer: { kind: 'forbidden', status: 403, detail: '', at: NOW } })] },
    false,
  ),
  row(
    'cool-down',
    'it was tried as often as may be',
    { remediations: [attempt({ attempts: LIMITS.removalAttempts })] },
    true,
  ),
  row('cool-down', 'which pod it is is not known', { remediations: [attempt({})], pod: null }, true),
  row(
    'budget-spent',
    'as many as may be',
    {
      remediations: [
        aRemediation({ ...other, ...ended('recovered', 60 * MINUTE) }),
        aRemediation({ ...other, ...ended('recovered', 30 * MINUTE) }),
      ],
    },
    true,
  ),
  row(
    'budget-spent',
    'one fewer',
    { remediations: [aRemediation({ ...other, ...ended('recovered', 60 * MINUTE) })] },
    false,
  ),
  row(
    'budget-spent',
    'the window is over',
    { remediations: [uncured, { ...recovered, intendedAt: NOW - 6 * 60 * MINUTE }] },
    false,
  ),
  row(
    'tasks-running',
    'tasks would die and are protected',
    { policy: { ...POLICY, tasksRunning: 'hold' }, tasksRunning: 1 },
    true,
  ),
  row('tasks-running', 'none would', { policy: { ...POLICY, tasksRunning: 'hold' }, tasksRunning: 0 }, false),
  row('tasks-running', 'they are not protected', { tasksRunning: 9 }, false),
  row(
    'tasks-running',
    'how many is not known',
    { policy: { ...POLICY, tasksRunning: 'hold' }, tasksRunning: null },
    true,
  ),
  row('not-quiet', 'tasks run inside it', { ...planned, tasksRunning: 2 }, true),
  row('not-quiet', 'nothing runs inside it', { ...planned, tasksRunning: 0 }, false),
  row('not-quiet', 'what runs inside it is not known', { ...planned, tasksRunning: null }, true),
  row(
    'not-quiet',
    'its tasks run elsewhere',
    { ...planned, pod: runs('CeleryExecutor'), tasksRunning: 9 },
    false,
  ),
  row(
    'not-quiet',
    'tasks run inside it, and a peer is well',
    { ...planned, pod: runs('LocalExecutor'), causes: ['starving', 'healthy'], tasksRunning: 1 },
    true,
  ),
  row(
    'not-quiet',
    'a peer takes over',
    { ...planned, causes: ['starving', 'healthy'], tasksRunning: 9 },
    false,
  ),
  row('not-quiet', 'a peer is not well', { ...planned, causes: ['starving', 'contradictory'] }, true),
  row('not-quiet', 'a peer holds as much memory', { ...planned, causes: ['starving', 'starving'] }, false),
  row('not-quiet', 'its peers could not be read', { ...planned, causes: null }, true),
  row(
    'not-quiet',
    'it would take the last removal of the budget',
    { ...planned, remediations: [aRemediation({ ...other, ...ended('recovered', 60 * MINUTE) })] },
    true,
  ),
  row(
    'not-quiet',
    'a wedge never waits for a quiet minute',
    { tasksRunning: 9, causes: ['dead', 'starving'] },
    false,
  ),
  row('unproven', 'the signal was never seen well', { proven: false }, true),
  row('unproven', 'it was', {}, false),
  row('late-tick', 'it is later than it may be', { tickLateMs: LIMITS.lateTickMs + 1 }, true),
  row('late-tick', 'it is not', { tickLateMs: LIMITS.lateTickMs }, false),
  row('late-tick', 'it is before its time', { tickLateMs: -60 * MINUTE }, false),
  row('self-degraded', 'it doubts itself', { doubts: ['late'] }, true),
  row('self-degraded', 'it does not', {}, false),
  row('self-degraded', 'it does, and has looked long enough', { doubts: ['late'], streak: LONG }, false),
  row(
    'self-degraded',
    'an earlier one did, whose looks count',
    { streak: { ...STREAK, inDoubt: true } },
    true,
  ),
  row(
    'self-degraded',
    'an earlier one did, and it was looked at long enough',
    { streak: { ...LONG, inDoubt: true } },
    false,
  ),
  row(
    'self-degraded',
    'it does, and how often it looked is not known',
    { doubts: ['late'], streak: null },
    true,
  ),
];

describe('each guard', () => {
  test.each(ROWS)('$code when $when: $holds', ({ code, facts, holds }) => {
    expect(GUARDS[code].holds({ ...FREE, ...facts }) !== null).toBe(holds);
  });

  test('has a case in which it holds and one in which it lets go, and the list of what holds names it', () => {
    for (const code of HOLD_CODES) {
      // Decided by the compare-and-set itself.
      if (code === 'lost-race') continue;
      const own = ROWS.filter((one) => one.code === code);
      expect({ code, cases: new Set(own.map(({ holds }) => holds)).size }).toEqual({ code, cases: 2 });
      for (const { facts, holds } of own)
        expect(holdsOf({ ...FREE, ...facts }).some((hold) => hold.code === code)).toBe(holds);
    }
  });

  test('lets go when all is known and in order', () => {
    expect(holdsOf(FREE)).toEqual([]);
  });
});
