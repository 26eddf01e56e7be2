/** A seeded stream of numbers; the same seed yields the same stream on every machine. */
export interface Random {
  /** At least 0, below 1. */
  unit(): number;
  between(low: number, high: number): number;
  /** A whole number, both ends included. */
  whole(low: number, high: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** As many of them between 1 and 10 as between 10 and 100. */
  spread(low: number, high: number): number;
  /** Time to the next of events that come by themselves, so many apart on average. */
  gap(mean: number): number;
}

export function randomOf(seed: number): Random {
  let state = seed | 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const random: Random = {
    unit,
    between: (low, high) => low + unit() * (high - low),
    whole: (low, high) => low + Math.floor(unit() * (high - low + 1)),
    chance: (share) => unit() < share,
    pick: (list) => list[Math.floor(unit() * list.length)] as (typeof list)[number],
    spread: (low, high) => low * (high / low) ** unit(),
    gap: (mean) => -Math.log(1 - unit()) * mean,
  };
  return random;
}

/** One seed out of several numbers, so that each part of a world has a stream of its own. */
export function mixed(...numbers: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const number of numbers) {
    hash = Math.imul(hash ^ (number | 0), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash | 0;
}

/** Picks by weight. */
export function weighted<T extends { readonly weight: number }>(list: readonly T[], random: Random): T {
  const total = list.reduce((sum, one) => sum + one.weight, 0);
  let left = random.unit() * total;
  for (const one of list) {
    left -= one.weight;
    if (left < 0) return one;
  }
  return list.at(-1) as T;
}
