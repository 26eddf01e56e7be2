import type { LedgerEntry } from './ledger.ts';

/** The entries that tell one incident, oldest first: what was decided, done, told and proved. Looks are its evidence, not its story. */
export function storyOf(entries: readonly LedgerEntry[], incident: string): readonly LedgerEntry[] {
  return entries.filter((entry) => incidentOf(entry) === incident).toSorted((a, b) => a.at - b.at);
}

function incidentOf(entry: LedgerEntry): string | null {
  switch (entry.kind) {
    case 'tick':
    case 'intent':
    case 'removal':
    case 'outcome':
    case 'told':
    case 'undelivered':
    case 'acknowledgement':
      return entry.body.incident;
    default:
      return null;
  }
}
