import { table } from 'table';
import { type LedgerEntry, sentenceOf } from '../core/ledger.ts';
import { isoOf } from '../core/time.ts';
import type { StateStore } from '../ports.ts';
import { emit, type Output } from './output.ts';

/** What happened, newest last: decisions, removals with their evidence, outcomes, pauses. */
export async function history(
  options: { readonly target: string | null; readonly limit: number },
  state: StateStore,
  output: Output,
): Promise<number> {
  const entries = await state.history({ ...options, without: 'looks' });
  if (output.json) {
    for (const { at, target, kind, body } of entries)
      emit(output, { at: isoOf(at), target, kind, ...body }, []);
    return 0;
  }
  if (entries.length === 0) {
    const of = options.target === null ? '' : ` for "${options.target}"`;
    output.write(`Nothing has happened yet${of}: healthy ticks leave no entry.`);
    return 0;
  }
  output.write(renderHistory(entries));
  return 0;
}

/** A table for people: when, which target, what, and the sentence that explains it. */
function renderHistory(entries: readonly LedgerEntry[]): string {
  const rows = entries.map((entry) => [
    isoOf(entry.at).slice(0, 19).replace('T', ' '),
    entry.target,
    entry.kind,
    sentenceOf(entry),
  ]);
  return table([['when (UTC)', 'target', 'what', 'why'], ...rows], {
    columns: { 3: { width: 70, wrapWord: true } },
    drawHorizontalLine: (line, count) => line <= 1 || line === count,
  }).trimEnd();
}
