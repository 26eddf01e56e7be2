import { type ChannelAtWork, MARK } from './channels-at-work.ts';
import type { Life } from './life.ts';

/** What one channel's other side has seen of all that was told. */
export interface Row {
  readonly channel: string;
  readonly told: number;
  readonly lost: number;
  readonly superseded: number;
  readonly outOfOrder: number;
  readonly ofCrashes: number;
  readonly ofUnknown: number;
  readonly unexplained: number;
  readonly blocked: number;
  readonly troubles: number;
}

export function judged({ name, stub, seen }: ChannelAtWork, life: Life): Row {
  const arrivals = new Map<string, number[]>();
  for (const [at, text] of stub.accepted.entries()) {
    const mark = MARK.exec(text)?.[0];
    // What tells of another channel quotes the mark of what that one did not get.
    if (mark === undefined || /does not get alerts|refuses alerts/.test(text)) continue;
    arrivals.set(mark, [...(arrivals.get(mark) ?? []), at]);
  }
  // Of which it was not known that it had arrived, it could not be known to have been too early.
  const isCertain = (mark: string) => !seen.unknown.has(mark) && !life.inFlight.has(`${name} ${mark}`);
  const sum = { told: 0, lost: 0, superseded: 0, outOfOrder: 0, ofCrashes: 0, ofUnknown: 0, unexplained: 0 };
  for (const marks of life.stories.values()) {
    const firsts = marks.map((mark) => arrivals.get(mark)?.[0] ?? null);
    for (const [at, mark] of marks.entries()) {
      sum.told += 1;
      const first = firsts[at] ?? null;
      const later = firsts.slice(at + 1).filter((one) => one !== null);
      if (first === null) sum[later.length > 0 ? 'superseded' : 'lost'] += 1;
      else if (marks.slice(at + 1).some((one) => isCertain(one) && (arrivals.get(one)?.[0] ?? first) < first))
        sum.outOfOrder += 1;
      let doubles = Math.max(0, (arrivals.get(mark)?.length ?? 0) - 1);
      const ofCrashes = Math.min(doubles, life.inFlight.get(`${name} ${mark}`) ?? 0);
      doubles -= ofCrashes;
      const ofUnknown = Math.min(doubles, seen.unknown.get(mark) ?? 0);
      sum.ofCrashes += ofCrashes;
      sum.ofUnknown += ofUnknown;
      sum.unexplained += doubles - ofUnknown;
    }
  }
  return { channel: name, ...sum, blocked: life.blocked.get(name) ?? 0, troubles: seen.troubles };
}
