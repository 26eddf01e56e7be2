import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { changesBetween } from '../../functions/flow/document-changes.ts';
import type { StoredDocument } from '../../functions/ports.ts';

const documents = fc.uniqueArray(
  fc.record<StoredDocument>({
    name: fc
      .tuple(fc.constantFrom('targets', 'channels'), fc.constantFrom('a', 'b', 'c', 'd'))
      .map((parts) => parts.join('/')),
    text: fc.oneof(
      fc
        .dictionary(fc.constantFrom('x', 'y', 'z'), fc.integer({ max: 2, min: 0 }))
        .map((value) => JSON.stringify(value)),
      fc.constant('{broken'),
    ),
    secret: fc.boolean(),
  }),
  { selector: ({ name }) => name },
);

const textsOf = (all: readonly StoredDocument[]) =>
  Object.fromEntries(all.map(({ name, text }) => [name, text]));

function applied(here: readonly StoredDocument[], there: readonly StoredDocument[], prune: boolean) {
  const after = new Map(there.map((document) => [document.name, document]));
  for (const change of changesBetween(here, there, { prune })) {
    if (change.kind === 'remove') after.delete(change.name);
    else if (change.after !== null) after.set(change.name, change.after);
  }
  return [...after.values()];
}

test('after a copy everything that was here is there', () => {
  fc.assert(
    fc.property(documents, documents, fc.boolean(), (here, there, prune) => {
      expect(textsOf(applied(here, there, prune))).toMatchObject(textsOf(here));
    }),
  );
});

test('nothing that is only there is touched without prune, and nothing of it is left with prune', () => {
  fc.assert(
    fc.property(documents, documents, (here, there) => {
      expect(textsOf(applied(here, there, false))).toEqual({ ...textsOf(there), ...textsOf(here) });
      expect(textsOf(applied(here, there, true))).toEqual(textsOf(here));
    }),
  );
});

test('only what was listed there is ever removed', () => {
  fc.assert(
    fc.property(documents, documents, (here, there) => {
      const removed = changesBetween(here, there, { prune: true }).filter(({ kind }) => kind === 'remove');
      for (const { name, before } of removed)
        expect(there).toContainEqual(expect.objectContaining({ ...before, name }));
    }),
  );
});

test('a second copy changes nothing', () => {
  fc.assert(
    fc.property(documents, documents, fc.boolean(), (here, there, prune) => {
      const again = changesBetween(here, applied(here, there, prune), { prune });
      expect(again.filter(({ kind }) => kind !== 'same' && kind !== 'keep')).toEqual([]);
    }),
  );
});

test('an encrypted document is never written in the clear', () => {
  fc.assert(
    fc.property(documents, documents, (here, there) => {
      const secret = there.filter((document) => document.secret).map(({ name }) => name);
      for (const { name, after } of changesBetween(here, there, { prune: false }))
        if (secret.includes(name)) expect(after?.secret).toBe(true);
    }),
  );
});

test('channels come before the targets that name them, removals last', () => {
  const document = (name: string): StoredDocument => ({ name, text: '{}', secret: false });
  const changes = changesBetween(
    [document('targets/a'), document('channels/z')],
    [document('channels/old')],
    { prune: true },
  );
  expect(changes.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'add channels/z',
    'add targets/a',
    'remove channels/old',
  ]);
});
