import { type LedgerEntry, sentenceOf } from './ledger.ts';
import type { EpochMs } from './time.ts';

export interface StoryLine {
  readonly at: EpochMs;
  readonly kind: LedgerEntry['kind'];
  readonly text: string;
}

/** Tells one incident from the ledger, oldest first: what was decided, done, told and proved. Looks are its evidence, not its story. */
export function storyOf(entries: readonly LedgerEntry[], incident: string): readonly StoryLine[] {
  return entries
    .filter((entry) => incidentOf(entry) === incident)
    .toSorted((a, b) => a.at - b.at)
    .map((entry) => ({ at: entry.at, kind: entry.kind, text: sentenceOf(entry) }));
}

/** The incident that an entry belongs to, if any. */
function incidentOf(entry: LedgerEntry): string | null {
  switch (entry.kind) {
    case 'tick':
    case 'intent':
    case 'removal':
    case 'outcome':
    case 'told':
      return entry.body.incident;
    default:
      return null;
  }
}
