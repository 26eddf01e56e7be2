import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  advanceFleet,
  type FleetPicture,
  fleetHolds,
  isMuted,
  isStorm,
  madeGood,
  repairsFailing,
  reserve,
  type TargetStanding,
} from '../../functions/core/fleet.ts';
import { LIMITS } from '../../functions/core/policy.ts';
import { type FleetState, NEW_FLEET, NEW_STATE } from '../../functions/core/state.ts';
import { aRemediation, MINUTE, NOW, SECOND } from './builders.ts';

type Health = TargetStanding['health'];
/** So many targets `t0 …`; the first of them stand as given. */
function pictureOf(total: number, standings: readonly (Health | readonly [Health, number])[]): FleetPicture {
  return new Map(
    Array.from({ length: total }, (_, at): [string, TargetStanding] => {
      const given = standings[at] ?? 'well';
      const [health, agoMs] = typeof given === 'string' ? [given, null] : given;
      return [`t${at}`, { id: `t${at}`, health, sickSince: agoMs === null ? null : NOW - agoMs }];
    }),
  );
}
const holds = (picture: FleetPicture, state: Partial<FleetState> = {}, target = 't0') =>
  fleetHolds(picture, { ...NEW_FLEET, ...state }, { target, workload: `w-${target}`, now: NOW });
const storm = { since: NOW - MINUTE, grewAt: NOW - MINUTE, members: ['t0', 't1', 't2'] };
const LONG: readonly [Health, number] = ['sick', LIMITS.newlySickMs];

describe('a storm', () => {
  test.each([
    { name: 'nobody is sick', picture: pictureOf(10, []), held: false },
    { name: 'three of ten', picture: pictureOf(10, ['sick', 'sick', 'sick']), held: false },
    { name: 'four of ten', picture: pictureOf(10, ['sick', 'sick', 'sick', 'sick']), held: true },
    {
      name: 'suspects and those who could not be looked at count',
      picture: pictureOf(10, ['sick', 'suspect', 'suspect', 'unseen']),
      held: true,
    },
    { name: 'two of two are too few', picture: pictureOf(2, ['sick', 'sick']), held: false },
    {
      name: 'long-standing trouble does not count',
      picture: pictureOf(10, ['sick', 'sick', LONG, LONG, LONG]),
      held: false,
    },
    {
      name: 'nor does it make the fleet look larger',
      picture: pictureOf(10, ['sick', 'sick', 'sick', LONG, LONG, LONG]),
      held: true,
    },
    {
      name: 'what fell sick since a clock jumped ahead is new',
      picture: pictureOf(10, [['sick', -MINUTE], ['sick', 0], 'sick', 'sick']),
      held: true,
    },
  ])('$name: $held', ({ picture, held }) => {
    expect(holds(picture).storm !== null).toBe(held);
  });

  test('holds its members while half of them are sick, and nobody else', () => {
    const picture = pictureOf(10, [LONG, LONG]);
    expect(holds(picture, { storm }, 't0').storm).toMatch(/fell sick together with 2 others/);
    expect(holds(picture, { storm }, 't9').storm).toBeNull();
  });

  test('holds everybody for a while after it, and not for ever when our clock was ahead', () => {
    const picture = pictureOf(10, ['sick']);
    expect(holds(picture, { stormUntil: NOW + SECOND }).storm).toMatch(/cool-down until/);
    expect(holds(picture, { stormUntil: NOW }).storm).toBeNull();
    expect(holds(picture, { stormUntil: NOW + LIMITS.stormCooldownMs + 1 }).storm).toBeNull();
  });

  const advance = (state: Partial<FleetState>, picture: FleetPicture) =>
    advanceFleet({ ...NEW_FLEET, ...state }, picture, [], NOW);

  test('begins, grows, and ends with a cool-down once most of its members are well', () => {
    const four = pictureOf(10, ['sick', 'sick', 'sick', 'sick']);
    expect(advance({}, four).storm).toEqual({ since: NOW, grewAt: NOW, members: ['t0', 't1', 't2', 't3'] });
    expect(advance({ storm }, four).storm).toMatchObject({
      since: storm.since,
      grewAt: NOW,
      members: ['t0', 't1', 't2', 't3'],
    });
    expect(advance({ storm }, pictureOf(10, ['sick', 'sick'])).storm).toEqual(storm);
    expect(advance({ storm }, pictureOf(10, ['sick']))).toMatchObject({
      storm: null,
      stormUntil: NOW + LIMITS.stormCooldownMs,
    });
  });

  test('members that were not part of the run are as they were', () => {
    expect(advance({ storm }, new Map()).storm).toEqual(storm);
  });

  test('mutes its members at first, and nobody else', () => {
    const picture = pictureOf(10, []);
    const muted = (id: string, since: number) =>
      isMuted(picture, { ...NEW_FLEET, storm: { ...storm, since } }, id, NOW);
    expect(muted('t0', NOW - MINUTE)).toBe(true);
    expect(muted('t0', NOW - LIMITS.stormMuteMs)).toBe(false);
    expect(muted('t9', NOW - MINUTE)).toBe(false);
  });

  test('one that is just beginning mutes those who fall sick in it', () => {
    const picture = pictureOf(10, ['sick', 'sick', 'sick', 'sick', LONG]);
    expect(isMuted(picture, NEW_FLEET, 't0', NOW)).toBe(true);
    expect(isMuted(picture, NEW_FLEET, 't4', NOW)).toBe(false);
    expect(isMuted(picture, NEW_FLEET, 't9', NOW)).toBe(false);
  });
});

describe('the budget of a slot', () => {
  const removal = (at: number, agoMs = SECOND) => ({ target: `x${at}`, workload: `w${at}`, at: NOW - agoMs });

  test.each([
    { name: 'a lone wedge waits for nobody', total: 1, sick: 1, removals: 0, held: false },
    { name: 'of a small fleet one goes', total: 10, sick: 2, removals: 1, held: true },
    { name: 'of fifty five may', total: 50, sick: 1, removals: 3, held: false },
    { name: 'of fifty no more than a tenth', total: 50, sick: 1, removals: 5, held: true },
    { name: 'the more are sick the fewer may', total: 50, sick: 25, removals: 2, held: true },
  ])('$name: held $held', ({ total, sick, removals, held }) => {
    const picture = pictureOf(
      total,
      Array.from({ length: sick }, () => LONG),
    );
    expect(
      holds(picture, { removals: Array.from({ length: removals }, (_, at) => removal(at)) }).budget !== null,
    ).toBe(held);
  });

  test('never two of one workload, whichever documents speak of it', () => {
    const removals = [{ target: 'other', workload: 'w-t0', at: NOW - SECOND }];
    expect(holds(pictureOf(100, ['sick']), { removals }).budget).toMatch(/same workload was removed/);
  });

  test('is whole again in the next slot', () => {
    expect(
      holds(pictureOf(10, ['sick']), { removals: [removal(0, LIMITS.fleetBudgetWindowMs)] }).budget,
    ).toBeNull();
  });

  test('the book keeps the removals of the slot only', () => {
    const state = { ...NEW_FLEET, removals: [removal(0, 10 * MINUTE), removal(1)] };
    const after = reserve(state, { target: 't0', workload: 'w', now: NOW });
    expect(after.removals.map(({ target }) => target)).toEqual(['x1', 't0']);
  });

  test('however many ask in one slot, no more than a tenth are let go, and never two of one workload', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.nat(30), { maxLength: 60 }),
        (total, asks) => {
          const picture = pictureOf(total, []);
          let state = NEW_FLEET;
          for (const at of asks) {
            const ask = { target: `t${at}`, workload: `w${at}`, now: NOW };
            if (fleetHolds(picture, state, ask).budget === null) state = reserve(state, ask);
          }
          expect(state.removals.length).toBeLessThanOrEqual(
            Math.max(1, Math.floor(total * LIMITS.fleetBudgetShare)),
          );
          expect(new Set(state.removals.map(({ workload }) => workload)).size).toBe(state.removals.length);
        },
      ),
    );
  });
});

describe('repairs that cure nothing', () => {
  const repairs = (...ended: readonly (readonly [string, boolean, number?])[]) => ({
    ...NEW_FLEET,
    repairs: ended.map(([target, ok, agoMs = MINUTE]) => ({ target, ok, at: NOW - agoMs })),
  });

  test.each([
    { name: 'none', state: repairs(), held: false },
    { name: 'two of two', state: repairs(['a', false], ['b', false]), held: false },
    { name: 'three of three', state: repairs(['a', false], ['b', false], ['c', false]), held: true },
    {
      name: 'three of six',
      state: repairs(['a', false], ['b', true], ['c', false], ['d', true], ['e', false], ['f', true]),
      held: true,
    },
    {
      name: 'three of the last seven',
      state: repairs(
        ['a', false],
        ['b', true],
        ['c', false],
        ['d', true],
        ['e', false],
        ['f', true],
        ['g', true],
      ),
      held: false,
    },
    { name: 'three of one target', state: repairs(['a', false], ['a', false], ['a', false]), held: false },
    {
      name: 'one that succeeded at last',
      state: repairs(['a', false], ['b', false], ['c', false], ['c', true]),
      held: false,
    },
    {
      name: 'three of yesterday',
      state: repairs(
        ['a', false, LIMITS.repairsRememberedMs],
        ['b', false, LIMITS.repairsRememberedMs],
        ['c', false, LIMITS.repairsRememberedMs],
      ),
      held: false,
    },
  ])('$name: held $held', ({ state, held }) => {
    expect(repairsFailing(state, NOW) !== null).toBe(held);
  });

  test('are made good by a late recovery or by a person, once', () => {
    const state = repairs(['a', false]);
    const uncured = aRemediation({
      outcome: { kind: 'not-recovered', at: NOW - MINUTE, detail: '', replacement: null },
    });
    const good = (change: object) => madeGood(state, 'a', { ...NEW_STATE, ...change });
    expect(good({ remediations: [uncured] })).toBeNull();
    expect(good({ remediations: [{ ...uncured, curedAt: NOW }] })).toEqual({
      at: NOW,
      target: 'a',
      ok: true,
    });
    expect(good({ resumedAt: NOW })).toEqual({ at: NOW, target: 'a', ok: true });
    expect(good({ resumedAt: NOW - 2 * MINUTE })).toBeNull();
    expect(madeGood(repairs(['a', false], ['a', true]), 'a', { ...NEW_STATE, resumedAt: NOW })).toBeNull();
    expect(madeGood(state, 'b', { ...NEW_STATE, resumedAt: NOW })).toBeNull();
  });

  test('are remembered in bounded room', () => {
    const many = Array.from({ length: 500 }, (_, at) => ({ at: NOW, target: `t${at}`, ok: false }));
    expect(advanceFleet(NEW_FLEET, pictureOf(3, []), many, NOW).repairs.length).toBeLessThanOrEqual(
      4 * LIMITS.repairsLookedAt,
    );
  });
});

test('more sick targets never turn a storm into none', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(200), fc.nat(200), (total, sick, more) => {
      if (isStorm(sick, total)) expect(isStorm(sick + more, total)).toBe(true);
    }),
  );
});
