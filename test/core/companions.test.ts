import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { companionFindings } from '../../functions/core/companion-findings.ts';
import type { TriggerGroup, WorkMemory } from '../../functions/core/companions.ts';
import { candidatesOf, isProven } from '../../functions/core/decision.ts';
import { keptLooks } from '../../functions/core/kept-looks.ts';
import type { JobRow } from '../../functions/core/observation.ts';
import { parsingLimit, parsingMotion, rememberPace } from '../../functions/core/parsing.ts';
import { LIMITS } from '../../functions/core/policy.ts';
import { replay } from '../../functions/core/replay.ts';
import { NEW_STATE, type TargetState } from '../../functions/core/state.ts';
import { conclude, look } from '../../functions/core/step.ts';
import { triggersMotion } from '../../functions/core/triggers.ts';
import { aPod, aRow, aTarget, judged, looksOf, MINUTE, NOW, POLICY, rows, SECOND } from './builders.ts';
import { companions, WAITED } from './companion-builders.ts';

const HOUR = 60 * MINUTE;
const TRIGGERER = { component: 'triggerer' as const, labels: { component: 'triggerer' } };
const triggerer = aPod('t', TRIGGERER);
const beats = (ageSeconds: number, change: Partial<JobRow> = {}) =>
  aRow(ageSeconds, { id: 7, component: 'triggerer', hostname: 't', ...change });
const of = (jobId: number | null, change: Partial<TriggerGroup> = {}): TriggerGroup => ({
  ...WAITED,
  jobId,
  ...change,
});
const late = { waitedForSeconds: 601 };

describe('whether a triggerer takes up what is there to be taken', () => {
  test.each([
    { name: 'nothing is deferred', groups: [], is: 'idle' },
    { name: 'a trigger is made, and not yet taken', groups: [of(null)], is: 'moving' },
    { name: 'it has them all', groups: [of(7, late)], is: 'moving' },
    { name: 'it has none, and some are left for long', groups: [of(null, late)], is: 'waiting' },
    {
      name: 'it has some, once had more, and some are left for long',
      groups: [of(null, late), of(7, { triggers: 3 })],
      most: 40,
      is: 'waiting',
    },
    {
      name: 'it has as many as it ever had: it may be full',
      groups: [of(null, late), of(7, { triggers: 40 })],
      most: 40,
      is: 'moving',
    },
    {
      name: 'there are more triggers than are counted',
      groups: [of(null, late)],
      isCut: true,
      is: 'moving',
    },
    {
      name: 'those that are left are for another queue or team',
      groups: [of(null, { waited: 0, waitedForSeconds: null })],
      is: 'moving',
    },
    {
      name: 'those of a triggerer that stopped beating are left with it for long',
      groups: [of(8, { waitedForSeconds: 90_000 })],
      others: [beats(700, { id: 8 })],
      is: 'waiting',
    },
    {
      name: 'those of a triggerer that has just stopped beating',
      groups: [of(8, { waitedForSeconds: 90_000 })],
      others: [beats(100, { id: 8 })],
      is: 'moving',
    },
    {
      name: 'those of a triggerer that beats, however old they are',
      groups: [of(8, { waitedForSeconds: 90_000 })],
      others: [beats(5, { id: 8 })],
      is: 'moving',
    },
    {
      name: 'those of a triggerer of whom no row is left',
      groups: [of(8, { waitedForSeconds: 90_000 })],
      is: 'waiting',
    },
  ])('$name: $is', ({ groups, isCut = false, most = 0, others = [], is }) => {
    const motion = triggersMotion({ groups, isCut }, [beats(2), ...others], { jobId: 7, most }, 10 * MINUTE);
    expect(motion.kind).toBe(is);
  });

  test('it is never waiting with less than the limit, with nothing to take, or full as far as is known', () => {
    const group = fc.record({
      jobId: fc.constantFrom(null, 7, 8, 9),
      triggers: fc.nat(2_000),
      waited: fc.nat(2_000),
      waitedForSeconds: fc.option(fc.nat(10_000)),
      overdue: fc.nat(5),
      overdueForSeconds: fc.option(fc.nat(10_000)),
    });
    fc.assert(
      fc.property(fc.array(group, { maxLength: 5 }), fc.boolean(), fc.nat(2_000), (groups, isCut, most) => {
        const motion = triggersMotion({ groups, isCut }, [beats(2)], { jobId: 7, most }, 10 * MINUTE);
        if (motion.kind !== 'waiting') return;
        const held = groups.find(({ jobId }) => jobId === 7)?.triggers ?? 0;
        expect(isCut).toBe(false);
        expect(held === 0 || held < most).toBe(true);
        expect(motion.forSeconds).toBeGreaterThan(600);
        expect(groups.some(({ jobId, waited }) => jobId !== 7 && waited > 0)).toBe(true);
      }),
    );
  });
});

type Pace = Extract<WorkMemory, { kind: 'pace' }>;
const pace = (moves: number, worstSeconds: number): Pace => ({
  kind: 'pace',
  at: NOW,
  agoSeconds: 5,
  moves,
  worstSeconds,
});

describe('whether files are parsed', () => {
  test.each([
    { name: 'nothing of this life is known', of: null, is: 6 * HOUR },
    { name: 'too few pauses are known', of: pace(19, 30), is: 6 * HOUR },
    { name: 'it parses every half minute', of: pace(20, 30), is: 30 * MINUTE },
    { name: 'it parses every quarter of an hour', of: pace(20, 900), is: HOUR },
    { name: 'it parses every three hours', of: pace(20, 3 * 3_600), is: 6 * HOUR },
  ])('the limit where $name', ({ of: known, is }) => {
    expect(parsingLimit(known).limitMs).toBe(is);
  });

  test.each([
    { name: 'there is no DAG', bundles: [], failed: null, is: 'idle' },
    { name: 'a file was parsed of late', bundles: [5], failed: null, is: 'moving' },
    { name: 'none was for long', bundles: [1_801, 9_000], failed: null, is: 'waiting' },
    { name: 'one bundle is left out', bundles: [5, 90_000], failed: null, is: 'moving' },
    { name: 'all files fail to be imported, again and again', bundles: [90_000], failed: 20, is: 'moving' },
    { name: 'files failed, and since then nothing', bundles: [90_000], failed: 1_900, is: 'waiting' },
  ])('$name: $is', ({ bundles, failed, is }) => {
    const facts = {
      bundles: bundles.map((parsedAgoSeconds, at) => ({ bundle: `${at}`, dags: 1, parsedAgoSeconds })),
      failedAgoSeconds: failed,
    };
    expect(parsingMotion(facts, pace(20, 30)).kind).toBe(is);
  });

  test('the pace is learned from pauses that ended, and a pause that goes on teaches nothing', () => {
    let known: Pace | null = null;
    for (const [minute, ago] of [
      [0, 10],
      [1, 70],
      [2, 130],
      [3, 8],
      [4, 68],
    ] as const)
      known = rememberPace(known, ago, NOW + minute * MINUTE);
    expect(known).toMatchObject({ moves: 1, worstSeconds: 182 });
  });

  test('no pace that is kept is ever called stopped by it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 7_200 }), fc.integer({ min: 20, max: 300 }), (period, looks) => {
        let known: Pace | null = null;
        for (let at = 0; at < looks; at += 1) {
          const agoSeconds = (at * 60) % period;
          known = rememberPace(known, agoSeconds, NOW + at * MINUTE);
          const bundles = [{ bundle: 'b', dags: 1, parsedAgoSeconds: agoSeconds }];
          expect(parsingMotion({ bundles, failedAgoSeconds: null }, known).kind).toBe('moving');
        }
      }),
    );
  });
});

const target = aTarget({
  components: [{ name: 'triggerer', selector: 'component=triggerer', container: null }],
});
const wedged = looksOf([triggerer], {
  jobs: rows([beats(2)]),
  companions: companions({ groups: [of(null, late)] }),
});

describe('what becomes of it', () => {
  test('a triggerer is convicted only by looks over three minutes, and only if triggers were ever taken here', () => {
    let state: TargetState = NEW_STATE;
    const at = (ms: number) => ({ ...wedged, at: NOW + ms, serverNow: NOW + ms });
    const step = (ms: number) => {
      const looked = look(target, state, at(ms), { now: NOW + ms, slotMs: MINUTE, inDoubt: false });
      state = looked.state;
      return candidatesOf(looked.judged, looked.state);
    };
    for (const ms of [0, MINUTE, 2 * MINUTE]) expect(step(ms)).toEqual([]);
    const [candidate] = step(3 * MINUTE);
    if (candidate === undefined) throw new Error('nobody is convicted');
    expect(candidate).toMatchObject({ cause: 'not-triggering' });
    expect(isProven(state, candidate)).toBe(false);
    expect(isProven({ ...state, proven: { ...state.proven, triggers: NOW } }, candidate)).toBe(true);
  });

  test.each([
    { name: 'the rows are not told', change: { jobs: null } },
    { name: 'nobody may read the triggers', change: { companions: undefined } },
    { name: 'it has just begun', pods: [aPod('t', { ...TRIGGERER, container: young() })] },
    { name: 'its own row is not known', change: { jobs: rows([]) } },
  ])('it is never not-triggering where $name', ({ change = {}, pods = [triggerer] }) => {
    const { companions: facts, ...rest } = { ...wedged, pods, ...change };
    const looks = facts === undefined ? rest : { ...rest, companions: facts };
    expect(judged(looks, NEW_STATE, target)[0]?.verdict.cause).not.toBe('not-triggering');
  });

  test('since 3.2.2 a triggerer whose runner is silent stops beating, and is dead by that', () => {
    const looks = { ...wedged, jobs: rows([beats(95)]) };
    expect(judged(looks, NEW_STATE, target)[0]?.verdict).toMatchObject({ cause: 'dead' });
  });

  test.each([
    {
      name: 'no triggerer is watched',
      on: aTarget(),
      looks: looksOf([aPod()], { jobs: rows([aRow(2), beats(2)]), companions: wedged.companions ?? never() }),
      is: [['not-triggering', 'component triggerer', 'warning']],
    },
    {
      name: 'none is there at all',
      on: aTarget(),
      looks: looksOf([aPod()], { companions: wedged.companions ?? never() }),
      is: [['not-triggering', 'component triggerer', 'warning']],
    },
    {
      name: 'a deferred task should have been woken long ago',
      on: target,
      looks: {
        ...wedged,
        companions: companions({ groups: [of(7, { overdue: 2, overdueForSeconds: 900 })] }),
      },
      is: [['not-triggering', 'component triggerer', 'warning']],
    },
    { name: 'its pod is convicted already', on: target, looks: wedged, is: [] },
    {
      name: 'a dag-processor that is not watched parses nothing',
      on: aTarget(),
      looks: looksOf([aPod()], {
        jobs: rows([aRow(2), aRow(3, { id: 3, component: 'dag-processor', hostname: 'p' })]),
        companions: companions({}, { bundles: [{ bundle: 'main', dags: 3, parsedAgoSeconds: 21_601 }] }),
      }),
      is: [['not-parsing', 'component dag-processor', 'warning']],
    },
    {
      name: 'no dag-processor beats: schedulers parse, or nobody is meant to',
      on: aTarget(),
      looks: looksOf([aPod()], {
        companions: companions({}, { bundles: [{ bundle: 'main', dags: 3, parsedAgoSeconds: 21_601 }] }),
      }),
      is: [],
    },
    {
      name: 'one bundle of two is left out',
      on: aTarget(),
      looks: looksOf([aPod()], {
        jobs: rows([aRow(2), aRow(3, { id: 3, component: 'dag-processor', hostname: 'p' })]),
        companions: companions(
          {},
          {
            bundles: [
              { bundle: 'main', dags: 3, parsedAgoSeconds: 5 },
              { bundle: 'side', dags: 1, parsedAgoSeconds: 21_601 },
            ],
          },
        ),
      }),
      is: [['not-parsing', 'bundle side', 'warning']],
    },
  ])('what is told where $name', ({ on, looks, is }) => {
    const found = companionFindings({ target: on, looks, judged: judged(looks, NEW_STATE, on), now: NOW });
    expect(found.map(({ kind, subject, severity }) => [kind, subject, severity])).toEqual(is);
  });

  test('looks that were kept are judged again to the same verdict; those of earlier versions to one without', () => {
    const recording = {
      policy: POLICY,
      memory: NEW_STATE,
      at: { now: NOW, slotMs: MINUTE, inDoubt: false },
      facts: {
        now: NOW,
        scheduledAt: NOW,
        lateMs: 0,
        slotMs: MINUTE,
        doubts: [],
        tasksRunning: {},
      },
      recorded: { fleet: { storm: null, repairsFailing: null, budget: null }, labelsMatch: {} },
      decided: 'rest',
    };
    const kept = JSON.parse(JSON.stringify(keptLooks(wedged)));
    const again = (looks: typeof kept) =>
      replay(target, { tick: '', at: NOW, looks, trail: [], recording }).concluded.looked.judged[0]?.verdict
        .cause;
    expect(again(kept)).toBe('not-triggering');
    const { companions: _left, ...old } = kept;
    expect(again(old)).toBe('healthy');
  });
});

test('a replacement proves that it parses by what was parsed in its own life', () => {
  const base = {
    ...aTarget(),
    components: [{ name: 'dag-processor' as const, selector: 'a=b', container: null }],
  };
  const pod = aPod('new', {
    component: 'dag-processor',
    container: {
      ...(aPod().container as NonNullable<ReturnType<typeof aPod>['container']>),
      runningSince: NOW - 6 * MINUTE,
    },
  });
  const state: TargetState = {
    ...NEW_STATE,
    remediations: [
      {
        uid: 'old',
        pod: 'old',
        component: 'dag-processor',
        cause: 'not-parsing',
        why: '',
        intendedAt: NOW - 7 * MINUTE,
        firstBadAt: NOW - 10 * MINUTE,
        lastAliveAt: null,
        highestJobId: 1,
        knownUids: ['old'],
        attempts: 1,
        answer: { kind: 'deleted', status: 200, detail: '', at: NOW - 7 * MINUTE },
        outcome: null,
        curedAt: null,
      },
    ],
  };
  const outcome = (parsedAgoSeconds: number) => {
    const looks = looksOf([pod], {
      jobs: rows([aRow(2, { id: 9, component: 'dag-processor', hostname: 'new', startedSecondsAgo: 350 })]),
      companions: companions({}, { bundles: [{ bundle: 'b', dags: 1, parsedAgoSeconds }] }),
    });
    const looked = look(base, state, looks, { now: NOW, slotMs: MINUTE, inDoubt: false });
    const facts = {
      now: NOW,
      scheduledAt: NOW,
      lateMs: 0,
      slotMs: MINUTE,
      acting: true,
      picture: new Map(),
      fleet: {} as never,
      doubts: [],
      tasksRunning: {},
      channels: [],
      recorded: { fleet: { storm: null, repairsFailing: null, budget: null }, labelsMatch: {} },
    };
    return conclude(looked, facts as never).state.remediations[0]?.outcome?.kind ?? null;
  };
  expect([outcome(2_000), outcome(20)]).toEqual([null, 'recovered']);
});

function young() {
  const { container } = aPod();
  return container === null ? null : { ...container, runningSince: NOW - 9 * MINUTE - 59 * SECOND };
}

function never(): never {
  throw new Error(`no looks within ${LIMITS.triggersLeastMs}`);
}
