import type { LedgerEntry, StateStore } from '../../ports.ts';

/** The reference store: it forgets everything with the process. Bodies pass through JSON, as in every other store. */
export function createMemoryState(): StateStore {
  const documents = new Map<string, { readonly version: number; readonly json: string }>();
  const ledger: string[] = [];
  return {
    load: async (key) => {
      const found = documents.get(key);
      return found === undefined ? null : { version: found.version, body: JSON.parse(found.json) };
    },
    save: async (key, body, expectedVersion) => {
      if ((documents.get(key)?.version ?? 0) !== expectedVersion) return 'conflict';
      documents.set(key, { version: expectedVersion + 1, json: JSON.stringify(body) });
      return 'saved';
    },
    append: async (entry) => {
      ledger.push(JSON.stringify(entry));
    },
    history: async ({ target, limit, kind, without }) => {
      const wanted = ledger
        .map((json): LedgerEntry => JSON.parse(json))
        .filter(
          (entry) =>
            (target === null || entry.target === target) &&
            (kind === undefined || entry.kind === kind) &&
            entry.kind !== without,
        )
        .sort((a, b) => a.at - b.at);
      return wanted.slice(Math.max(0, wanted.length - limit));
    },
    close: async () => {},
  };
}
