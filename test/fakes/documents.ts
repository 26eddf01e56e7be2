import type { DocumentStore, StoredDocument } from '../../functions/ports.ts';

/** A place for documents in memory that counts what is done to it. */
export function memoryDocuments(
  place: string,
  given: readonly StoredDocument[] = [],
  limits: DocumentStore['limits'] = null,
) {
  const held = new Map(given.map((document) => [document.name, document]));
  const done: string[] = [];
  const store: DocumentStore = {
    limits,
    placeOf: (name) => `${place}/${name}`,
    list: async () => [...held.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    async put(document) {
      done.push(`put ${document.name}`);
      held.set(document.name, document);
    },
    async remove(name) {
      done.push(`remove ${name}`);
      held.delete(name);
    },
  };
  return { store, held, done };
}
