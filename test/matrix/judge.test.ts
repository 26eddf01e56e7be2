import { expect, test } from '@jest/globals';
import type { Expectation, Seen } from './case.ts';
import { CASES } from './cases/all.ts';
import { judge } from './judge.ts';

const NOTHING: Seen = {
  removals: [],
  expectedUid: 'sick',
  cause: null,
  provedSeconds: null,
  told: [],
  causes: [],
  holds: [],
  restarts: 0,
  restartSeconds: null,
  watchedSeconds: 100,
};
const removal = (uid: string, seconds = 60) => ({ uid, pod: `pod-of-${uid}`, seconds });
const told = (cause: string, seconds = 60) => ({ cause, seconds, change: 'opened', severity: 'critical' });
const RIGHT: Seen = {
  ...NOTHING,
  removals: [removal('sick')],
  cause: 'dead',
  provedSeconds: 90,
  told: [told('dead')],
};

const removed: Expectation = { kind: 'removed', cause: 'dead', within: 120 };
const toldDown: Expectation = {
  kind: 'told',
  cause: 'database-down',
  within: 100,
  watched: 200,
  also: ['blind'],
};
const quiet: Expectation = { kind: 'quiet', watched: 100 };

test.each<[string, Expectation, Seen, RegExp]>([
  ['the sick pod stays', removed, { ...RIGHT, removals: [] }, /the sick pod was not removed/],
  [
    'another pod goes',
    removed,
    { ...RIGHT, removals: [removal('well')] },
    /pod-of-well should have been left/,
  ],
  [
    'another pod goes, too',
    removed,
    { ...RIGHT, removals: [removal('sick'), removal('well')] },
    /pod-of-well/,
  ],
  ['it goes twice', removed, { ...RIGHT, removals: [removal('sick'), removal('sick')] }, /more than once/],
  ['too late', removed, { ...RIGHT, removals: [removal('sick', 121)] }, /too late/],
  ['for another cause', removed, { ...RIGHT, cause: 'stalled' }, /not as `dead`/],
  ['nobody hears of it', removed, { ...RIGHT, told: [] }, /nobody was told/],
  ['no proof', removed, { ...RIGHT, provedSeconds: null }, /not proved/],
  ['silence where a word was due', toldDown, NOTHING, /nobody was told `database-down`/],
  ['a late word', toldDown, { ...NOTHING, told: [told('database-down', 101)] }, /told too late/],
  [
    'another word',
    toldDown,
    { ...NOTHING, told: [told('database-down'), told('dead')] },
    /`dead` should not/,
  ],
  ['a removal', toldDown, { ...RIGHT, told: [told('database-down')] }, /left alone/],
  ['a word where none was due', quiet, { ...NOTHING, told: [told('blind')] }, /`blind` should not/],
  ['a removal where nothing was wrong', quiet, RIGHT, /pod-of-sick should have been left alone/],
])('wrong: %s', (_, expected, seen, words) => {
  const judgement = judge(expected, seen);
  expect(judgement.isRight).toBe(false);
  expect(judgement.words).toMatch(words);
});

test.each<[string, Expectation, Seen]>([
  ['removed, told and proved', removed, RIGHT],
  [
    'held afterwards, where nothing can be proved',
    { ...removed, thenHeldFor: 300 },
    { ...RIGHT, provedSeconds: null },
  ],
  ['told in time', toldDown, { ...NOTHING, told: [told('blind', 20), told('database-down')] }],
  ['nothing at all', quiet, NOTHING],
  ['what may be told', { ...quiet, also: ['blind'] }, { ...NOTHING, told: [told('blind')] }],
])('right: %s', (_, expected, seen) => {
  expect(judge(expected, seen).isRight).toBe(true);
});

test('every case has a name of its own for its results', () => {
  const ids = CASES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
