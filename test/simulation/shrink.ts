import { MINUTE_MS } from '../../functions/core/time.ts';
import type { Break } from './laws/law.ts';
import { type Ask, type Ran, runWorld } from './run-world.ts';
import { newTally } from './tally.ts';

export interface Shrunk {
  readonly ran: Ran;
  readonly keep: ReadonlySet<number>;
  /** Null: the same run does not break the law again, which would be a defect of the simulator. */
  readonly found: Break | null;
}

/** The found break is met again soon after its time, or not at all. */
const LONGER_MS = 5 * MINUTE_MS;

/** Leaves out episodes as long as the same law still breaks, at most so many worlds long. */
export async function shrink(ask: Ask, law: string, target: number | null, mostRuns = 60): Promise<Shrunk> {
  let runs = 0;
  const foundIn = ({ breaks }: Ran) => breaks.find((one) => one.law === law && one.target === target) ?? null;
  const first = await runWorld(ask, newTally());
  const until = (foundIn(first)?.at ?? Infinity) + LONGER_MS;
  const attempt = async (numbers: readonly number[]) => {
    runs += 1;
    const ran = await runWorld({ ...ask, keep: new Set(numbers), until, verbose: true }, newTally());
    return { ran, found: foundIn(ran) };
  };
  const all = first.episodes;
  let kept = all.map(({ number }) => number);
  let best = { ran: first, found: foundIn(first) };
  const tryOut = async (numbers: readonly number[]) => {
    if (numbers.length >= kept.length || runs >= mostRuns) return false;
    const tried = await attempt(numbers);
    if (tried.found === null) return false;
    kept = [...numbers];
    best = tried;
    return true;
  };
  // Most often only what happened to the target itself matters.
  const own = all
    .filter((one) => one.scope === 'target' && one.target === target)
    .map(({ number }) => number);
  if (!(await tryOut(own)))
    await tryOut(
      all.filter((one) => one.scope !== 'target' || one.target === target).map(({ number }) => number),
    );
  for (let size = Math.ceil(kept.length / 2); size >= 1 && runs < mostRuns; ) {
    let shrunk = false;
    for (let from = 0; from < kept.length && runs < mostRuns; ) {
      const without = kept.filter((_, at) => at < from || at >= from + size);
      if (await tryOut(without)) shrunk = true;
      else from += size;
    }
    if (!shrunk || size > kept.length) {
      if (size === 1) break;
      size = Math.ceil(size / 2);
    }
  }
  return { ran: best.ran, keep: new Set(kept), found: best.found };
}
