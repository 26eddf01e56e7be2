import type { StoredDocument } from '../ports.ts';

/** What copying documents from one place to another would do to one of them there. */
export interface DocumentChange {
  readonly kind: 'add' | 'change' | 'same' | 'remove' | 'keep';
  readonly name: string;
  /** As it is there; null when it is not. */
  readonly before: StoredDocument | null;
  /** As it would be; null when it would be gone. */
  readonly after: StoredDocument | null;
}

/**
 * What makes `there` say what `here` says, in an order that is safe to stop in: channels before the targets that name them,
 * removals last. What is only there is kept unless `prune`; an encrypted document stays encrypted.
 */
export function changesBetween(
  here: readonly StoredDocument[],
  there: readonly StoredDocument[],
  { prune }: { readonly prune: boolean },
): readonly DocumentChange[] {
  const found = new Map(there.map((document) => [document.name, document]));
  const wanted = new Set(here.map(({ name }) => name));
  const written = here.map((document): DocumentChange => {
    const { name } = document;
    const before = found.get(name) ?? null;
    const after = { ...document, secret: document.secret || before?.secret === true };
    if (before === null) return { kind: 'add', name, before, after };
    const isSame = before.secret === after.secret && meaningOf(before.text) === meaningOf(after.text);
    return { kind: isSame ? 'same' : 'change', name, before, after };
  });
  const left = there
    .filter(({ name }) => !wanted.has(name))
    .map(
      (before): DocumentChange =>
        prune
          ? { kind: 'remove', name: before.name, before, after: null }
          : { kind: 'keep', name: before.name, before, after: before },
    );
  return [...written.toSorted(byName), ...left.toSorted(byName)];
}

/** `channels/…` sorts before `targets/…`. */
const byName = (a: DocumentChange, b: DocumentChange) => (a.name < b.name ? -1 : 1);

/** Spaces and the order of keys mean nothing. A text that is no JSON means itself. */
function meaningOf(text: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(text)));
  } catch {
    return text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
