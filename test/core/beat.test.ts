import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BeatMemory, rememberBeat } from '../../functions/core/beat.ts';
import { LIMITS } from '../../functions/core/policy.ts';
import { beat, MINUTE, NOW, SECOND, silent } from './builders.ts';

/** A row as the database tells of it: its own clock may be off from the pod's, ours from both. */
interface Row {
  /** True times at which the pod wrote. */
  readonly beats: readonly number[];
  readonly clockOffMs: number;
}

function lookAt(row: Row, at: number, ours: number, before: BeatMemory | null): BeatMemory | null {
  const last = row.beats.findLast((one) => one <= at);
  const age = last === undefined ? null : (at - last - row.clockOffMs) / SECOND;
  const told = beat(age);
  const look = told.kind === 'answered' ? { ...told, at: ours, sourceNow: at } : told;
  return rememberBeat(before, look, ours);
}

/** Beats every few seconds for a quarter of an hour. */
const beats = (everyMs: number) =>
  Array.from({ length: Math.floor((20 * MINUTE) / everyMs) }, (_, n) => NOW + n * everyMs);
const arbitraryPace = fc.integer({ min: 5 * SECOND, max: 12 * SECOND });

test('a row that moves in each tick never makes its pod silent for longer than its own pace, whatever its clock', () => {
  fc.assert(
    fc.property(arbitraryPace, fc.integer({ min: -20 * MINUTE, max: 20 * MINUTE }), (pace, clockOffMs) => {
      const row = { beats: beats(pace), clockOffMs };
      let memory: BeatMemory | null = null;
      for (let tick = 1; tick < 10; tick += 1) {
        for (const within of [0, 3, 6, 9, 12, 15]) {
          const at = NOW + tick * MINUTE + within * SECOND;
          memory = lookAt(row, at, at, memory);
        }
        // By the end of the first tick the clock is told.
        expect(memory?.clockKnown).toBe(true);
        expect(memory?.silentMs).toBeLessThanOrEqual(pace + LIMITS.clockOffsetMs);
      }
    }),
  );
});

test('a living pod seems silent for no longer than it is, and the little that clocks may differ, though its loop is slow and its clock is set back far', () => {
  const arbitrarySlow = fc.integer({ min: 5 * SECOND, max: 55 * SECOND });
  // A smaller step between two ticks looks like a beat of a while ago, which it may be.
  const arbitraryStep = fc.oneof(fc.constant(0), fc.integer({ min: 76 * SECOND, max: 10 * MINUTE }));
  fc.assert(
    fc.property(arbitrarySlow, arbitraryStep, fc.nat(5 * MINUTE), (pace, stepMs, phase) => {
      const steppedAt = NOW + 6 * MINUTE + phase;
      let memory: BeatMemory | null = null;
      for (let at = NOW + MINUTE; at < NOW + 18 * MINUTE; at += MINUTE) {
        const written = beats(pace).findLast((one) => one <= at) ?? NOW;
        const clockOffMs = written > steppedAt ? -stepMs : 0;
        memory = lookAt({ beats: [written], clockOffMs }, at, at, memory);
        // The first look knows of no move, and a step may be as long as the beats between two looks.
        if (memory?.movedAt === at)
          expect(memory?.silentMs).toBeLessThanOrEqual(at - written + LIMITS.clockOffsetMs);
      }
    }),
  );
});

test('jumps of our own clock neither age nor revive a pod that the database tells of', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -20 * MINUTE, max: 20 * MINUTE }), { minLength: 3, maxLength: 10 }),
      (jumps) => {
        const row = { beats: [NOW], clockOffMs: 0 };
        let memory: BeatMemory | null = null;
        for (const [tick, jump] of jumps.entries()) {
          const at = NOW + SECOND + tick * MINUTE;
          memory = lookAt(row, at, at + jump, memory);
          expect(memory?.silentMs).toBe(at - NOW);
        }
      },
    ),
  );
});

test('a pod that stops is silent for as long as it has stopped, on a right clock exactly, on a wrong one by less than its pace more or less', () => {
  fc.assert(
    fc.property(arbitraryPace, fc.integer({ min: 0, max: 10 * MINUTE }), (pace, clockOffMs) => {
      const stopAt = NOW + 5 * MINUTE;
      const row = { beats: beats(pace).filter((one) => one <= stopAt), clockOffMs: -clockOffMs };
      const last = row.beats.at(-1) ?? NOW;
      let memory: BeatMemory | null = null;
      for (let tick = 1; tick < 10; tick += 1)
        for (const within of [0, 3, 6, 9, 12, 15]) {
          const at = NOW + tick * MINUTE + within * SECOND;
          memory = lookAt(row, at, at, memory);
        }
      const silentMs = memory?.silentMs ?? 0;
      const truth = NOW + 9 * MINUTE + 15 * SECOND - last;
      expect(Math.abs(silentMs - truth)).toBeLessThanOrEqual(LIMITS.clockOffsetMs + pace);
    }),
  );
});

describe('one look after another', () => {
  const memory = (change: Partial<BeatMemory> = {}): BeatMemory => ({
    source: 'database',
    at: NOW - 60 * SECOND,
    sourceNow: NOW - 58 * SECOND,
    lookedAt: NOW - 58 * SECOND,
    movedAt: NOW - 58 * SECOND,
    offsetMs: 0,
    clockKnown: true,
    unlistedAt: null,
    silentMs: 2 * SECOND,
    watchedSince: NOW - 58 * SECOND,
    silence: null,
    ...change,
  });

  test.each<{
    name: string;
    before: BeatMemory | null;
    look: Parameters<typeof rememberBeat>[1];
    after: object | null;
  }>([
    { name: 'no answer leaves all as it was', before: memory(), look: silent(), after: memory() },
    { name: 'no answer about nobody is nobody', before: null, look: silent(), after: null },
    { name: 'no row of a pod that never had one is nobody', before: null, look: beat(null), after: null },
    {
      name: 'a first young beat tells its clock',
      before: null,
      look: beat(4),
      after: { silentMs: 4_000, offsetMs: 0, clockKnown: true },
    },
    {
      name: 'a first old beat does not',
      before: null,
      look: beat(64),
      after: { silentMs: 64_000, offsetMs: 0, clockKnown: false },
    },
    {
      name: 'a first beat of the future is taken for a clock ahead',
      before: null,
      look: beat(-90),
      after: { silentMs: 0, offsetMs: -90_000, clockKnown: false },
    },
    {
      name: 'a beat that is the same ages',
      before: memory(),
      look: beat(60),
      after: { silentMs: 60_000, movedAt: NOW - 58 * SECOND },
    },
    {
      name: 'a beat in a list that went back from the future is a clock that was set right',
      before: memory({ source: 'web', at: NOW + 100 * SECOND, offsetMs: -160 * SECOND }),
      look: { ...beat(3, 'web'), sourceNow: null } as ReturnType<typeof beat>,
      after: { movedAt: NOW },
    },
    {
      name: 'a beat in a list that went back is another answer of the same server',
      before: memory({ source: 'web' }),
      look: { ...beat(120, 'web'), sourceNow: null } as ReturnType<typeof beat>,
      after: { movedAt: NOW - 58 * SECOND },
    },
    {
      name: 'who was not looked at for a while is watched from now on',
      before: memory(),
      look: beat(60),
      after: { watchedSince: NOW },
    },
    {
      name: 'who is looked at without a gap is watched since the first of these looks',
      before: memory({ lookedAt: NOW - 10 * SECOND, watchedSince: NOW - 14 * SECOND }),
      look: beat(60),
      after: { watchedSince: NOW - 14 * SECOND },
    },
    {
      name: 'who beats in between is watched for its next silence',
      before: memory({ lookedAt: NOW - 4 * SECOND, watchedSince: NOW - 14 * SECOND }),
      look: beat(3),
      after: { watchedSince: NOW },
    },
    {
      name: 'a clock of ours that went back ends a watch',
      before: memory({ lookedAt: NOW + SECOND, watchedSince: NOW - 14 * SECOND }),
      look: beat(60),
      after: { watchedSince: NOW },
    },
    {
      name: 'a row that is no longer read goes on ageing',
      before: memory(),
      look: beat(null),
      after: { silentMs: 60_000 },
    },
    {
      name: 'a beat that moved is life',
      before: memory(),
      look: beat(3),
      after: { silentMs: 3_000, movedAt: NOW },
    },
    {
      name: 'a beat after a long silence remembers when that began',
      before: memory({ at: NOW - 200 * SECOND, silentMs: 140 * SECOND, offsetMs: 2 * SECOND }),
      look: beat(3),
      after: { silentMs: 3_000, silence: { from: NOW - 198 * SECOND, endedAt: NOW } },
    },
    {
      name: 'a beat that went back is a clock that was set back',
      before: memory(),
      look: beat(120),
      after: { movedAt: NOW, offsetMs: 120_000, clockKnown: false, silentMs: 0 },
    },
    {
      name: 'who has left a list of instances may have beaten until 30 s before it was missed',
      before: memory({ source: 'web' }),
      look: beat(null, 'web'),
      after: { silentMs: 30_000, unlistedAt: NOW },
    },
    {
      name: 'and is silent for longer the longer it is missed',
      before: memory({ source: 'web', unlistedAt: NOW - 25 * SECOND }),
      look: beat(null, 'web'),
      after: { silentMs: 55_000 },
    },
    {
      name: 'another source begins anew',
      before: memory({ source: 'web' }),
      look: beat(61),
      after: { source: 'database', movedAt: null, clockKnown: false },
    },
  ])('$name', ({ before, look, after }) => {
    const got = rememberBeat(before, look, NOW);
    if (after === null) expect(got).toBeNull();
    else expect(got).toMatchObject(after);
  });

  test('a known offset does not shrink to the least that one look proves', () => {
    const known = memory({
      offsetMs: 60_300,
      at: NOW - 120 * SECOND,
      sourceNow: NOW - 48 * SECOND,
      lookedAt: NOW - 48 * SECOND,
    });
    expect(rememberBeat(known, beat(63.3), NOW)).toMatchObject({ offsetMs: 60_300, silentMs: 3_000 });
  });
});
