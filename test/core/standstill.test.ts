import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type HandMemory, rememberHand } from '../../functions/core/hand-memory.ts';
import type { PoolTasks, ProgressFacts } from '../../functions/core/observation.ts';
import { DEFAULT_POLICY, LIMITS } from '../../functions/core/policy.ts';
import { type Beside, openWork, standstillOf } from '../../functions/core/standstill.ts';
import { type InHand, inHand, type WorkGroup } from '../../functions/core/work.ts';
import { AGED, aGroup, aHandMemory, aWaitingPool, MINUTE, NOW, progress, SECOND } from './builders.ts';

const facts = (change: Partial<ProgressFacts> = {}): ProgressFacts => {
  const look = progress(change);
  if (look.kind !== 'answered') throw new Error('the builder answers');
  return look;
};
const hand = (...groups: readonly Partial<WorkGroup>[]): InHand => inHand(groups.map((one) => aGroup(one)));
const NONE = hand();
const BUSY = hand({}, { state: 'running', newestStartSeconds: 10 });

describe('what it queued is never started', () => {
  /** Queued for eleven minutes, watched for six, overtaken a minute ago. */
  const stuck: Beside = {
    memory: aHandMemory({
      queuedAt: NOW - 20 * SECOND,
      startedAt: NOW - 12 * MINUTE,
      stuckSince: NOW - 6 * MINUTE,
      overtakenAt: NOW - MINUTE,
    }),
    own: hand(AGED),
    peers: [BUSY],
    progress: facts(),
    policy: DEFAULT_POLICY,
    at: NOW,
  };
  const remembers = (change: Partial<HandMemory>) => ({ memory: { ...stuck.memory, ...change } });

  test.each<{ readonly name: string; readonly change: Partial<Beside>; readonly is: string | null }>([
    { name: 'its tasks age while a peer starts the very same ones', change: {}, is: 'starts-nothing' },
    {
      name: 'it runs tasks that it started before',
      change: { own: hand(AGED, { state: 'running', newestStartSeconds: 3_000 }) },
      is: 'starts-nothing',
    },
    {
      name: 'there is one DAG only',
      change: { own: hand({ ...AGED, agedDags: 1 }), progress: facts({ liveDags: 1 }) },
      is: 'starts-nothing',
    },
    { name: 'it has no peer to be compared with', change: { peers: [] }, is: null },
    {
      name: "a peer's tasks age as well: the workers are gone",
      change: { peers: [BUSY, hand(AGED)] },
      is: null,
    },
    { name: 'two tasks only', change: { own: hand({ ...AGED, agedTasks: 2 }) }, is: null },
    {
      name: 'tasks of one DAG only, which may be broken itself',
      change: { own: hand({ ...AGED, agedDags: 1 }) },
      is: null,
    },
    {
      name: 'all queued within seconds: a broker that lost them lost them together',
      change: { own: hand({ ...AGED, youngestAgedSeconds: 655 }) },
      is: null,
    },
    {
      name: 'for less than the stall limit',
      change: { policy: { ...DEFAULT_POLICY, stallLimitMs: 12 * MINUTE } },
      is: null,
    },
    {
      name: 'watched for less than the limit: it may just have adopted them',
      change: remembers({ stuckSince: NOW - 4 * MINUTE }),
      is: null,
    },
    { name: 'it has started something meanwhile', change: remembers({ stuckSince: null }), is: null },
    {
      name: 'it was never seen to start anything: perhaps it has no workers at all',
      change: remembers({ startedAt: null }),
      is: null,
    },
    {
      name: 'nobody overtakes: a queue of its own, or Pending pods',
      change: remembers({ overtakenAt: null }),
      is: null,
    },
    {
      name: 'overtaken before it stood still',
      change: remembers({ overtakenAt: NOW - 7 * MINUTE }),
      is: null,
    },
    {
      name: 'overtaken long ago',
      change: remembers({ overtakenAt: NOW - 6 * MINUTE, stuckSince: NOW - 30 * MINUTE }),
      is: null,
    },
  ])('$name: $is', ({ change, is }) => {
    const found = standstillOf({ ...stuck, ...change });
    expect(found?.kind ?? null).toBe(is);
    if (found !== null) expect(found.why).toMatch(/4 task\(s\).*11m.*12m/);
  });
});

describe('it takes none of the work that waits', () => {
  const idle: Beside = {
    memory: aHandMemory({ passed: 60, queuedAt: NOW - 70 * MINUTE }),
    own: NONE,
    peers: [BUSY],
    progress: facts({ pools: [aWaitingPool()] }),
    policy: DEFAULT_POLICY,
    at: NOW,
  };
  const remembers = (change: Partial<HandMemory>) => ({ memory: { ...idle.memory, ...change } });

  test.each<{ readonly name: string; readonly change: Partial<Beside>; readonly is: string | null }>([
    {
      name: 'work waits, its peer takes some look after look, it takes none',
      change: {},
      is: 'queues-nothing',
    },
    {
      name: 'it has a task in hand: its slots may be taken by right',
      change: { own: hand({ state: 'running' }) },
      is: null,
    },
    { name: 'fewer looks than chance could bring', change: remembers({ passed: 59 }), is: null },
    { name: 'as many looks, but three schedulers', change: { peers: [BUSY, BUSY] }, is: null },
    {
      name: 'three schedulers, and looks for each',
      change: { peers: [BUSY, BUSY], ...remembers({ passed: 90 }) },
      is: 'queues-nothing',
    },
    {
      name: 'one of two peers takes as little: it is how they share',
      change: { peers: [BUSY, NONE], ...remembers({ passed: 90 }) },
      is: null,
    },
    {
      name: 'it was passed over as often before, and worked',
      change: remembers({ passedMost: 21 }),
      is: null,
    },
    { name: 'it was hardly ever seen to take work', change: remembers({ queued: 9 }), is: null },
    { name: 'it was never seen to', change: remembers({ queued: 0, queuedAt: null }), is: null },
    { name: 'it queued five minutes ago', change: remembers({ queuedAt: NOW - 5 * MINUTE }), is: null },
    { name: 'nothing waits: its peers take all there is in time', change: { progress: facts() }, is: null },
    {
      name: 'what waits has no room in its pool',
      change: { progress: facts({ pools: [aWaitingPool({ slots: 0 })] }) },
      is: null,
    },
    {
      name: 'what waits is of one DAG among many',
      change: { progress: facts({ pools: [aWaitingPool({ dags: 1 })] }) },
      is: null,
    },
    {
      name: 'its peer has stopped queueing, too',
      change: { peers: [hand({ state: 'running', newestQueuedSeconds: 400 })] },
      is: null,
    },
    { name: 'it has no peer', change: { peers: [] }, is: null },
  ])('$name: $is', ({ change, is }) => {
    expect(standstillOf({ ...idle, ...change })?.kind ?? null).toBe(is);
  });
});

describe('work that anybody could take', () => {
  test.each<{ readonly name: string; readonly pools: readonly PoolTasks[]; readonly is: string | null }>([
    { name: 'a pool with room', pools: [aWaitingPool()], is: 'default_pool' },
    { name: 'a pool without limit', pools: [aWaitingPool({ slots: -1 })], is: 'default_pool' },
    { name: 'a pool that is not in slot_pool', pools: [aWaitingPool({ slots: null })], is: null },
    { name: 'a pool of size 0', pools: [aWaitingPool({ slots: 0 })], is: null },
    {
      name: 'a pool whose slots are taken by what is queued and runs',
      pools: [
        aWaitingPool({ slots: 9 }),
        aWaitingPool({ state: 'running', slotsAsked: 5 }),
        aWaitingPool({ state: 'queued', slotsAsked: 4 }),
      ],
      is: null,
    },
    {
      name: 'room for a small task, not for the largest that it may be',
      pools: [
        aWaitingPool({ slots: 9, tasks: 3, slotsAsked: 6 }),
        aWaitingPool({ state: 'running', slotsAsked: 6 }),
      ],
      is: null,
    },
    { name: 'tasks that were scheduled just now', pools: [aWaitingPool({ oldestSeconds: 30 })], is: null },
    {
      name: 'a full pool beside one with room',
      pools: [aWaitingPool({ slots: 0, pool: 'narrow' }), aWaitingPool()],
      is: 'default_pool',
    },
  ])('$name: $is', ({ pools, is }) => {
    expect(openWork(facts({ pools }), 60)?.pool ?? null).toBe(is);
  });
});

describe('what is remembered of its tasks', () => {
  const seen = {
    own: NONE,
    peers: [hand({ newestQueuedSeconds: 20 })],
    isOvertaken: false,
    waits: true,
    isCalm: true,
    at: NOW,
  };

  test.each<{
    readonly name: string;
    readonly before?: Partial<HandMemory>;
    readonly look?: object;
    readonly is: Partial<HandMemory>;
  }>([
    { name: 'a peer took work and it did not: passed over', is: { passed: 1, countedAt: NOW } },
    { name: 'nothing waited for anybody', look: { waits: false }, is: { passed: 0, countedAt: NOW } },
    { name: 'it does not beat as always: its loops may be slow', look: { isCalm: false }, is: { passed: 0 } },
    {
      name: 'no peer took anything since the last look',
      look: { peers: [hand({ newestQueuedSeconds: 90 })] },
      is: { passed: 0 },
    },
    {
      name: 'a peer whose clock is ahead proves nothing',
      look: { peers: [hand({ newestQueuedSeconds: -200 })] },
      is: { passed: 0 },
    },
    {
      name: 'a second look of the same tick counts nothing',
      before: { countedAt: NOW - 3 * SECOND, passed: 5 },
      is: { passed: 5, countedAt: NOW - 3 * SECOND },
    },
    {
      name: 'the first look ever has nothing to compare with',
      before: { countedAt: null },
      is: { passed: 0, countedAt: NOW },
    },
    {
      name: 'it queued something: how often it was passed over until then is kept',
      before: { passed: 7 },
      look: { own: hand({}) },
      is: { passed: 0, passedMost: 7, queued: 41, queuedAt: NOW - 2 * SECOND },
    },
    {
      name: 'it still runs what it queued long ago',
      before: { passed: 7 },
      look: { own: hand({ state: 'running', newestQueuedSeconds: 900, newestStartSeconds: 890 }) },
      is: { passed: 0, queued: 40 },
    },
    {
      name: 'its tasks age and it has started none since',
      before: { startedAt: NOW - 12 * MINUTE },
      look: { own: hand(AGED) },
      is: { stuckSince: NOW },
    },
    {
      name: 'its tasks go on ageing',
      before: { startedAt: NOW - 12 * MINUTE, stuckSince: NOW - 3 * MINUTE },
      look: { own: hand(AGED), isOvertaken: true },
      is: { stuckSince: NOW - 3 * MINUTE, overtakenAt: NOW },
    },
    {
      name: 'one of its later tasks runs: its executor works',
      before: { stuckSince: NOW - 3 * MINUTE },
      look: { own: hand(AGED, { state: 'running', newestStartSeconds: 100 }) },
      is: { stuckSince: null, startedAt: NOW - 100 * SECOND },
    },
    {
      name: 'one of its later tasks ran in an earlier look',
      before: { startedAt: NOW - 2 * MINUTE, stuckSince: NOW - 3 * MINUTE },
      look: { own: hand(AGED) },
      is: { stuckSince: null },
    },
  ])('$name', ({ before, look, is }) => {
    expect(rememberHand(aHandMemory(before), { ...seen, ...look })).toMatchObject(is);
  });

  test('a life without a memory begins with nothing', () => {
    expect(rememberHand(null, seen)).toMatchObject({ queued: 0, passed: 0, queuedAt: null, countedAt: NOW });
  });
});

const seconds = fc.option(fc.integer({ min: 0, max: 4_000 }));
const anyGroup: fc.Arbitrary<WorkGroup> = fc
  .record({
    state: fc.constantFrom('queued' as const, 'running' as const),
    tasks: fc.integer({ min: 1, max: 40 }),
    oldest: fc.integer({ min: 0, max: 4_000 }),
    newest: fc.integer({ min: 0, max: 4_000 }),
    start: seconds,
    dags: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ state, tasks, oldest, newest, start, dags }) => {
    const [first, last] = [Math.max(oldest, newest), Math.min(oldest, newest)];
    const isAged = state === 'queued' && first >= 300;
    return aGroup({
      state,
      tasks,
      oldestQueuedSeconds: first,
      newestQueuedSeconds: last,
      newestStartSeconds: state === 'running' ? start : null,
      agedTasks: isAged ? tasks : 0,
      agedDags: isAged ? Math.max(1, dags) : 0,
      youngestAgedSeconds: isAged ? Math.max(300, last) : null,
    });
  });
const anyHand = fc.array(anyGroup, { maxLength: 4 }).map(inHand);
const anyMoment = fc.option(fc.integer({ min: 0, max: 200 }).map((ago) => NOW - ago * MINUTE));
const anyMemory: fc.Arbitrary<HandMemory> = fc.record({
  queuedAt: anyMoment,
  startedAt: anyMoment,
  queued: fc.integer({ min: 0, max: 100 }),
  passed: fc.integer({ min: 0, max: 500 }),
  passedMost: fc.integer({ min: 0, max: 100 }),
  countedAt: anyMoment,
  stuckSince: anyMoment,
  overtakenAt: anyMoment,
});
const anyBeside: fc.Arbitrary<Beside> = fc.record({
  memory: anyMemory,
  own: anyHand,
  peers: fc.array(anyHand, { maxLength: 4 }),
  progress: fc
    .record({ liveDags: fc.integer({ min: 1, max: 9 }), waits: fc.boolean() })
    .map(({ liveDags, waits }) => facts({ liveDags, pools: waits ? [aWaitingPool()] : [] })),
  policy: fc.constant(DEFAULT_POLICY),
  at: fc.constant(NOW),
});

describe('whatever is seen', () => {
  test('nobody is convicted without a peer', () => {
    fc.assert(fc.property(anyBeside, (beside) => standstillOf({ ...beside, peers: [] }) === null));
  });

  test('adding a peer that stands still as well convicts nobody, and acquits whoever was', () => {
    fc.assert(
      fc.property(anyBeside, fc.nat(4), (beside, at) => {
        expect(standstillOf({ ...beside, peers: beside.peers.toSpliced(at, 0, beside.own) })).toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });

  test('nobody is convicted while its own tasks start', () => {
    fc.assert(
      fc.property(anyBeside, fc.integer({ min: 0, max: 299 }), (beside, start) => {
        const own = inHand([aGroup(AGED), aGroup({ state: 'running', newestStartSeconds: start })]);
        const memory = rememberHand(beside.memory, {
          own,
          peers: beside.peers,
          isOvertaken: true,
          waits: true,
          isCalm: true,
          at: NOW,
        });
        expect(standstillOf({ ...beside, own, memory })).toBeNull();
      }),
    );
  });

  test('nobody is convicted of taking no work who has some, or just took some', () => {
    fc.assert(
      fc.property(anyBeside, (beside) => {
        const found = standstillOf(beside);
        if (found?.kind !== 'queues-nothing') return;
        expect(beside.own.tasks).toBe(0);
        expect(NOW - (beside.memory.queuedAt ?? NOW)).toBeGreaterThan(DEFAULT_POLICY.stallLimitMs);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a longer stall limit convicts nobody in addition', () => {
    fc.assert(
      fc.property(anyBeside, fc.integer({ min: 5, max: 100 }), (beside, minutes) => {
        const longer = { ...beside, policy: { ...DEFAULT_POLICY, stallLimitMs: minutes * MINUTE } };
        if (standstillOf(longer)?.kind !== 'queues-nothing') return;
        expect(standstillOf(beside)).not.toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });

  test('of two that share the work evenly none is ever passed over often enough, in two months of minutes', () => {
    // A fixed walk of coin tosses: who takes the work of this minute.
    let word = 12_345;
    const toss = () => {
      word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
      return word / 2 ** 32;
    };
    let memory = aHandMemory({ countedAt: NOW });
    let worst = 0;
    for (let minute = 1; minute <= 100_000; minute += 1) {
      const at = NOW + minute * MINUTE;
      const isMine = toss() < 0.5;
      memory = rememberHand(memory, {
        own: isMine ? hand({}) : NONE,
        peers: [isMine ? NONE : hand({ newestQueuedSeconds: 20 })],
        isOvertaken: false,
        waits: true,
        isCalm: true,
        at,
      });
      worst = Math.max(worst, memory.passed);
    }
    expect(worst).toBeLessThan(LIMITS.passedOverLooks);
  });
});
