import { createTwoFilesPatch } from 'diff';
import { documentLines } from '../config/print-document.ts';
import { WatchdogError } from '../core/errors.ts';
import { changesBetween, type DocumentChange } from '../flow/document-changes.ts';
import type { DocumentStore, StoredDocument } from '../ports.ts';
import { emit, type Output } from './output.ts';

export interface CopyOptions {
  readonly from: DocumentStore;
  readonly to: DocumentStore;
  /** The place copied to, for people. */
  readonly place: string;
  /** Removes what only the other side has; else it is kept. */
  readonly prune: boolean;
  /** Writes without asking. */
  readonly yes: boolean;
  /** Asks a person; null where there is none. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
}

/** `targets push` and `targets pull`: shows what would change there, asks, and changes exactly that. */
export async function copyDocuments(options: CopyOptions, output: Output): Promise<number> {
  const { from, to, place, prune } = options;
  const [here, there] = await Promise.all([from.list(), to.list()]);
  if (here.length === 0) throw nothingToCopy(place);
  const changes = changesBetween(here, there, { prune });
  refuseTooLarge(changes, to);
  for (const change of changes) show(change, to, output);
  const due = changes.filter(({ kind }) => kind === 'add' || kind === 'change' || kind === 'remove');
  if (due.length === 0) {
    emit(output, { place, written: 0, removed: 0 }, [`${place} says the same already; nothing to do.`]);
    return 0;
  }
  if (!(await agreed(options, due.length, output))) return 2;
  if (!sameDocuments(there, await to.list())) throw changedMeanwhile(place);
  for (const { name, after } of due) {
    if (after === null) await to.remove(name);
    else await to.put(after);
    output.note(output.style('dim', `${after === null ? 'removed' : 'written'}: ${to.placeOf(name)}`));
  }
  const removed = due.filter(({ after }) => after === null).length;
  const written = due.length - removed;
  emit(output, { place, written, removed }, [`${place}: ${written} written, ${removed} removed.`]);
  return 0;
}

const SIGNS = { add: '+', change: '~', remove: '-', keep: '?', same: '=' } as const;

function show(change: DocumentChange, to: DocumentStore, output: Output): void {
  const { kind, name, before, after } = change;
  const document = after ?? before;
  if (document === null) return;
  const bytes = Buffer.byteLength(document.text);
  const isCharged = kind !== 'keep' && to.limits !== null && bytes > to.limits.freeBytes;
  const facts = [
    document.secret ? 'encrypted' : null,
    `${bytes} bytes`,
    isCharged ? `above ${to.limits?.freeBytes}: AWS charges for it (Advanced tier)` : null,
    kind === 'same' ? 'the same' : null,
    kind === 'keep' ? 'only there; kept, --prune removes it' : null,
  ].filter((fact) => fact !== null);
  const difference = kind === 'same' || kind === 'keep' ? [] : differenceOf(change);
  const color = { add: 'green', change: 'yellow', remove: 'red', keep: 'dim', same: 'dim' } as const;
  emit(output, { document: name, change: kind, bytes, encrypted: document.secret, difference }, [
    `${output.style(color[kind], `${SIGNS[kind]} ${name}`)}  (${facts.join(', ')})`,
    ...difference.map((line) => `    ${painted(line, output)}`),
  ]);
}

/** Lines with `+`, `-` or a space in front; secrets are hidden in both. */
function differenceOf({ name, before, after }: DocumentChange): readonly string[] {
  const isSecret = name.startsWith('channels/') || before?.secret === true || after?.secret === true;
  const linesOf = (document: StoredDocument | null, other: StoredDocument | null) =>
    document === null ? '' : `${documentLines(document.text, isSecret, other?.text).join('\n')}\n`;
  const patch = createTwoFilesPatch('', '', linesOf(before, null), linesOf(after, before), '', '', {
    context: 2,
  });
  return patch.split('\n').filter((line) => /^[ +-]/.test(line) && !/^(---|\+\+\+)/.test(line));
}

function painted(line: string, output: Output): string {
  if (line.startsWith('+')) return output.style('green', line);
  return line.startsWith('-') ? output.style('red', line) : line;
}

async function agreed({ yes, confirm, place }: CopyOptions, due: number, output: Output): Promise<boolean> {
  if (yes) return true;
  if (confirm === null) {
    throw new WatchdogError({
      code: 'WD_USAGE',
      what: `${due} document(s) of ${place} would be changed, and there is nobody to ask`,
      notDone: 'nothing was written or removed',
      run: 'Look at the difference above, then run it again with --yes.',
    });
  }
  if (await confirm(`Change ${due} document(s) of ${place}?`)) return true;
  output.note('Nothing was written or removed.');
  return false;
}

function sameDocuments(one: readonly StoredDocument[], other: readonly StoredDocument[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Before anything is written: half a push is worse than none. */
function refuseTooLarge(changes: readonly DocumentChange[], to: DocumentStore): void {
  const most = to.limits?.mostBytes ?? Number.POSITIVE_INFINITY;
  const large = changes.flatMap(({ name, after, kind }) => {
    const bytes = Buffer.byteLength(after?.text ?? '');
    return kind !== 'keep' && bytes > most ? [`${to.placeOf(name)} (${bytes} bytes)`] : [];
  });
  if (large.length === 0) return;
  throw new WatchdogError({
    code: 'WD_TARGET_INVALID',
    what: `Too large for one parameter, which takes ${most} bytes: ${large.join(', ')}`,
    notDone: 'nothing was written or removed',
    run: 'Leave out policy keys that are at their default, or split the document in two targets.',
  });
}

function nothingToCopy(place: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_TARGETS_EMPTY',
    what: 'there is no document to copy',
    notDone: `nothing of ${place} was written or removed`,
    run: 'Name another place; docs/examples has documents to begin with.',
  });
}

function changedMeanwhile(place: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_TARGETS_CHANGED',
    what: `somebody else changed ${place} after the difference was shown`,
    notDone: 'nothing was written or removed',
    run: 'Run it again and look at the new difference.',
  });
}
