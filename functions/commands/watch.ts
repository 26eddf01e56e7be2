import { describeProblems } from '../core/report.ts';
import { chosenFrom } from '../core/target.ts';
import type { DurationMs } from '../core/time.ts';
import type { Board, Ports, TargetList } from '../ports.ts';
import { warnOfChannels } from './channels.ts';
import { oneTick } from './check.ts';
import { emitError, explainedOf, type Output } from './output.ts';
import { mustKnow } from './unknown-target.ts';
import { banner, createTeller, type Loudness, type Surroundings } from './watch-words.ts';

export interface WatchOptions {
  readonly everyMs: DurationMs;
  readonly only: readonly string[];
  readonly signal: AbortSignal;
  /** Default `changes`. */
  readonly loudness?: Loudness;
  readonly surroundings: Surroundings;
  readonly board: Board | null;
  /** Told of each complete tick; resolves to why it may not know, or to null. null: nobody is told. */
  readonly deadMansSwitch: (() => Promise<string | null>) | null;
}

/** A state file that is busy or a disk that is full may pass; what does not is for whoever supervises the process. */
const FAILURES_IN_A_ROW = 5;

/** Ticks until it is told to stop; the tick under way is finished first. Ticks never overlap. */
export async function watch(options: WatchOptions, ports: Ports, output: Output): Promise<number> {
  const { everyMs, only, signal, loudness = 'changes' } = options;
  // A name that no document has would make every tick do nothing.
  await mustKnow(only, ports.targets, 'nothing was looked at');
  let isFirst = true;
  if (loudness !== 'quiet') await introduce(options, ports, output);
  const teller = createTeller(loudness, output);
  for (let failures = 0; !signal.aborted; ) {
    const scheduledAt = ports.clock.now();
    try {
      const tick = { act: true, only, scheduledAt, slotMs: everyMs, tell: teller.told };
      const report = await oneTick(tick, ports, output);
      failures = 0;
      if (isFirst)
        await warnOfChannels(
          ports.targets.lastChannels(),
          ports.notifiersOf(ports.targets.lastChannels()),
          output,
        );
      isFirst = false;
      const now = ports.clock.now();
      options.board?.ticked(report, now - scheduledAt);
      teller.ticked(report, now, scheduledAt + everyMs);
      if (describeProblems(report) === null) await tellSwitch(options, output);
    } catch (error) {
      failures += 1;
      options.board?.failed(ports.clock.now() - scheduledAt);
      if (failures >= FAILURES_IN_A_ROW) throw error;
      emitError(output, explainedOf(error, 'this tick was not finished; the next one tries again'));
    }
    const left = scheduledAt + everyMs - ports.clock.now();
    if (left > 0) await ports.clock.sleep(left, signal);
  }
  output.note('stopped; nothing is left undone');
  return 0;
}

/** What is watched, before anything is done. A list that cannot be read is the first tick's to tell. */
async function introduce(options: WatchOptions, ports: Ports, output: Output): Promise<void> {
  const list = await ports.targets.load().catch((): TargetList => ({ targets: [], channels: [], bad: [] }));
  const { only, everyMs, surroundings } = options;
  const targets = chosenFrom(list.targets, only);
  for (const line of banner({ ...list, targets }, everyMs, surroundings, output.style)) output.note(line);
}

async function tellSwitch({ deadMansSwitch }: WatchOptions, output: Output): Promise<void> {
  const untold = deadMansSwitch === null ? null : await deadMansSwitch();
  if (untold !== null) output.note(untold);
}
