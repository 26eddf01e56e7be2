/** Whether what was seen is what was expected, and both in words. */
import type { Expectation, Seen } from './case.ts';

export interface Judgement {
  readonly isRight: boolean;
  readonly words: string;
}

const bare = (seconds: number) => `${Math.round(seconds)} s`;

/** A replacement that is not proved by then counts as not proved. */
export const PROOF_SECONDS = 240;

export function inWords(expected: Expectation): string {
  switch (expected.kind) {
    case 'removed':
      return `removed as \`${expected.cause}\` within ${expected.within} s, ${expected.thenHeldFor === undefined ? 'recovery proved' : `nothing more in ${expected.thenHeldFor} s`}`;
    case 'told':
      return `not removed in ${expected.watched} s; told as \`${expected.cause}\` within ${expected.within} s`;
    case 'quiet':
      return `not removed in ${expected.watched} s, ${expected.also === undefined ? 'nothing told' : `nothing told but ${list(expected.also)}`}`;
  }
}

export function judge(expected: Expectation, seen: Seen): Judgement {
  const faults = faultsOf(expected, seen);
  const words = said(seen);
  return {
    isRight: faults.length === 0,
    words: faults.length === 0 ? words : `${words}; ${faults.join('; ')}`,
  };
}

function faultsOf(expected: Expectation, seen: Seen): string[] {
  const wrongly = seen.removals.filter(({ uid }) => expected.kind !== 'removed' || uid !== seen.expectedUid);
  const faults = wrongly.map(({ pod }) => `${pod} should have been left alone`);
  switch (expected.kind) {
    case 'removed':
      return [...faults, ...faultsOfRemoval(expected, seen)];
    case 'told': {
      const first = seen.told.find(({ cause }) => cause === expected.cause);
      if (first === undefined) faults.push(`nobody was told \`${expected.cause}\``);
      else if (first.seconds > expected.within) faults.push(`told too late`);
      return [...faults, ...others(seen, [expected.cause, ...(expected.also ?? [])])];
    }
    case 'quiet':
      return [...faults, ...others(seen, expected.also ?? [])];
  }
}

function faultsOfRemoval(expected: Extract<Expectation, { kind: 'removed' }>, seen: Seen): string[] {
  const own = seen.removals.filter(({ uid }) => uid === seen.expectedUid);
  const [first] = own;
  if (first === undefined) return ['the sick pod was not removed'];
  return [
    ...(own.length > 1 ? ['removed more than once'] : []),
    ...(first.seconds > expected.within ? ['too late'] : []),
    ...(causeOf(seen) !== expected.cause ? [`not as \`${expected.cause}\``] : []),
    ...(seen.told.length === 0 ? ['nobody was told'] : []),
    ...(expected.thenHeldFor === undefined && seen.provedSeconds === null
      ? ['the recovery was not proved']
      : []),
  ];
}

/** Where another watchdog has removed it, what people were told by then. */
const causeOf = ({ cause, told, removals: [first] }: Seen) =>
  cause ?? told.find(({ seconds }) => first !== undefined && seconds <= first.seconds + 2)?.cause ?? null;

function others(seen: Seen, allowed: readonly string[]): string[] {
  const wrong = new Set(seen.told.map(({ cause }) => cause).filter((cause) => !allowed.includes(cause)));
  return [...wrong].map((cause) => `\`${cause}\` should not have been told`);
}

function said(seen: Seen): string {
  const [first] = seen.removals;
  if (first !== undefined) {
    const proof = seen.provedSeconds === null ? '' : `, proved after ${bare(seen.provedSeconds)}`;
    return `removed as \`${causeOf(seen)}\` after ${bare(first.seconds)}${proof}`;
  }
  const firsts = seen.told.filter(
    ({ cause }, index) => seen.told.findIndex((one) => one.cause === cause) === index,
  );
  if (firsts.length === 0) return 'not removed, nothing told';
  return `not removed; told ${firsts.map(({ cause, seconds }) => `\`${cause}\` after ${bare(seconds)}`).join(', ')}`;
}

const list = (causes: readonly string[]) => causes.map((cause) => `\`${cause}\``).join(', ');
