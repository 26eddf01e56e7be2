import { table } from 'table';
import { isoOf } from '../core/time.ts';
import type { LedgerEntry, StateStore } from '../ports.ts';
import { emit, type Output } from './output.ts';

/** What happened, newest last: decisions, removals with their evidence, outcomes, pauses. */
export async function history(
  options: { readonly target: string | null; readonly limit: number },
  state: StateStore,
  output: Output,
): Promise<number> {
  const entries = await state.history(options);
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
  const rows = entries.map(({ at, target, kind, body }) => [
    isoOf(at).slice(0, 19).replace('T', ' '),
    target,
    kind,
    sentenceOf(kind, body),
  ]);
  return table([['when (UTC)', 'target', 'what', 'why'], ...rows], {
    columns: { 3: { width: 70, wrapWord: true } },
    drawHorizontalLine: (line, count) => line <= 1 || line === count,
  }).trimEnd();
}

type Body = LedgerEntry['body'];

function sentenceOf(kind: string, body: Body): string {
  switch (kind) {
    case 'intent':
      return `${text(body.pod)} is ${text(body.cause)}: ${text(body.why)}`;
    case 'removal':
      return `${text(body.pod)}: ${text(record(body.answer).kind)} (${text(record(body.answer).detail)})`;
    case 'outcome':
      return `${text(body.pod)}: ${text(record(body.outcome).kind)}, ${text(record(body.outcome).detail)}`;
    case 'tick': {
      const decision = record(body.decision);
      if (decision.kind === 'hold') return `held (${text(decision.code)}): ${text(decision.why)}`;
      if (body.incident === null) return 'all is well';
      return `incident ${text(body.incident)} is ${body.isOver === true ? 'over' : 'open'}`;
    }
    case 'pause':
      return `by ${text(body.by)} until ${text(body.until)}: ${text(body.reason)}`;
    case 'resume':
      return `by ${text(body.by)}`;
    default:
      return JSON.stringify(body);
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
