import { countLevels, type Level, type Line, markOf } from '../core/check-up.ts';
import { doctor as examine } from '../flow/doctor.ts';
import type { Clock, Examiners, Ports } from '../ports.ts';
import { emit, type Output, type Style } from './output.ts';
import { mustKnow } from './unknown-target.ts';

export interface DoctorOptions {
  readonly only: readonly string[];
  readonly send: boolean;
}

/** Proves the set-up, one line per prerequisite; 0 nothing is red, 1 something is, 2 nothing could be examined. */
export async function doctor(
  { only, send }: DoctorOptions,
  ports: Ports,
  examiners: Examiners,
  output: Output,
): Promise<number> {
  if (only.length > 0) await mustKnow(only, ports.targets, 'nothing was examined');
  const waiting = new Set<string>();
  const done = new AbortController();
  const telling = tellProgress(waiting, ports.clock, output, done.signal);
  try {
    const lines = await examine(
      {
        only,
        send,
        onLines: (some) => printLines(some, output),
        onPart: (part, begins) => void (begins ? waiting.add(part) : waiting.delete(part)),
      },
      ports,
      examiners,
    );
    return summarize(lines, output);
  } finally {
    done.abort();
    await telling;
  }
}

const TELL_EVERY_MS = 2_000;

/** Whoever waits longer than that is told for whom. */
async function tellProgress(
  waiting: ReadonlySet<string>,
  clock: Clock,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(TELL_EVERY_MS, signal);
    if (!signal.aborted && waiting.size > 0)
      output.note(output.style('dim', `still asking: ${[...waiting].slice(0, 5).join(', ')} …`));
  }
}

const STYLES: Readonly<Record<Level, Style>> = { ok: 'green', warn: 'yellow', fail: 'red', skipped: 'dim' };

/** Lines of one target, or of what all share, under their heading. */
export function printLines(lines: readonly Line[], output: Output): void {
  const [first] = lines;
  if (first === undefined) return;
  if (!output.json) output.write(output.style('bold', first.target ?? 'for all targets'));
  let cureBefore: string | null = null;
  for (const line of lines) {
    emit(output, line, textOf(line, cureBefore, output));
    cureBefore = line.cure ?? cureBefore;
  }
}

function textOf(
  { level, prerequisite, about, says, costs, cure }: Line,
  cureBefore: string | null,
  { style }: Output,
): readonly string[] {
  const what = about === null ? prerequisite : `${prerequisite} ${about}`;
  const isWell = level === 'ok' || level === 'skipped';
  const said = style(isWell ? 'dim' : STYLES[level], says);
  const lines = [`  ${style(STYLES[level], markOf(level))} ${what}: ${said}`];
  if (costs !== null) lines.push(`      costs: ${costs}`);
  if (cure !== null) lines.push(`      mend:  ${cure === cureBefore ? 'the same' : cure}`);
  return lines;
}

/** The last line, and the exit code. */
export function summarize(lines: readonly Line[], output: Output): number {
  const counts = countLevels(lines);
  emit(output, { doctor: counts }, [
    `${counts.ok} ok, ${counts.warn} to look at, ${counts.fail} wrong, ${counts.skipped} skipped`,
  ]);
  const isUnread = lines.some(
    ({ target, prerequisite, level }) => target === null && prerequisite === 'documents' && level === 'fail',
  );
  if (isUnread && lines.every(({ target }) => target === null)) return 2;
  return counts.fail > 0 ? 1 : 0;
}
