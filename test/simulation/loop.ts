import type { EpochMs } from '../../functions/core/time.ts';

/** Virtual time: what is due happens in the order of its time, then of its request; between two moments no time passes at all. */
export interface Loop {
  now(): EpochMs;
  /** Does something at a moment; at once if that is past. */
  at(moment: EpochMs, run: () => void): void;
  /** Must be called by whoever lets the program go on, so that it gets its turn before time moves. */
  touch(): void;
  /** Lets everything happen that is due until then. */
  runUntil(moment: EpochMs): Promise<void>;
}

interface Due {
  readonly at: EpochMs;
  readonly number: number;
  readonly run: () => void;
}

export function createLoop(start: EpochMs): Loop {
  const heap: Due[] = [];
  let now = start;
  let made = 0;
  let touched = false;
  const goOn = (until: EpochMs): boolean => {
    for (;;) {
      const first = heap[0];
      if (first === undefined || first.at > until) {
        now = Math.max(now, until);
        return true;
      }
      now = first.at;
      while (heap[0] !== undefined && heap[0].at <= now) pop(heap)?.run();
      if (touched) return false;
    }
  };
  return {
    now: () => now,
    at(moment, run) {
      made += 1;
      push(heap, { at: Math.max(moment, now), number: made, run });
    },
    touch() {
      touched = true;
    },
    runUntil: (until) =>
      new Promise((resolve, reject) => {
        const step = () => {
          try {
            touched = false;
            if (goOn(until)) resolve();
            // The program's promises are all served before this comes back.
            else setImmediate(step);
          } catch (error) {
            reject(error);
          }
        };
        setImmediate(step);
      }),
  };
}

const isBefore = (a: Due, b: Due) => a.at < b.at || (a.at === b.at && a.number < b.number);

function push(heap: Due[], due: Due): void {
  let place = heap.length;
  heap.push(due);
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const above = heap[parent] as Due;
    if (!isBefore(due, above)) break;
    heap[place] = above;
    place = parent;
  }
  heap[place] = due;
}

function pop(heap: Due[]): Due | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child += 1;
    const below = heap[child] as Due;
    if (!isBefore(below, last)) break;
    heap[place] = below;
    place = child;
  }
  heap[place] = last;
  return top;
}
