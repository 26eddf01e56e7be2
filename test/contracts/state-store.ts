import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LedgerKind } from '../../functions/core/ledger.ts';
import type { LedgerEntry, StateStore } from '../../functions/ports.ts';

/** What the flow relies on, whatever holds the state. `open` gives an empty store each time. */
export function describeStateStore(name: string, open: () => Promise<StateStore>): void {
  describe(`${name} as a state store`, () => {
    let store: StateStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    describe('documents', () => {
      test('a key that was never saved is null', async () => {
        expect(await store.load('target/prod')).toBeNull();
      });

      test('the first save makes version 1', async () => {
        expect(await store.save('target/prod', { streak: 1 }, 0)).toBe('saved');
        expect(await store.load('target/prod')).toEqual({ version: 1, body: { streak: 1 } });
      });

      test('a first save onto an existing document is a conflict and changes nothing', async () => {
        await store.save('k', 'mine', 0);
        expect(await store.save('k', 'theirs', 0)).toBe('conflict');
        expect(await store.load('k')).toEqual({ version: 1, body: 'mine' });
      });

      test('a save onto a missing document is a conflict and makes none', async () => {
        expect(await store.save('k', 'late', 3)).toBe('conflict');
        expect(await store.load('k')).toBeNull();
      });

      test.each([1, 3])('a save with version %d over version 2 is a conflict', async (expectedVersion) => {
        await store.save('k', 'one', 0);
        await store.save('k', 'two', 1);
        expect(await store.save('k', 'stray', expectedVersion)).toBe('conflict');
        expect(await store.load('k')).toEqual({ version: 2, body: 'two' });
      });

      test('versions grow by one', async () => {
        for (let version = 0; version < 20; version++) {
          expect(await store.save('k', { version }, version)).toBe('saved');
          expect(await store.load('k')).toEqual({ version: version + 1, body: { version } });
        }
      });

      test('keys do not touch each other, and are told apart by case', async () => {
        await store.save('a', 1, 0);
        await store.save('A', 2, 0);
        await store.save('a/b', 3, 0);
        const bodies = await Promise.all(['a', 'A', 'a/b'].map(async (key) => (await store.load(key))?.body));
        expect(bodies).toEqual([1, 2, 3]);
      });

      test('of 50 writers with the same version exactly one wins, and its body is kept', async () => {
        const writers = Array.from({ length: 50 }, (_, writer) => writer);
        for (const expectedVersion of [0, 1, 2]) {
          const answers = await Promise.all(
            writers.map((writer) => store.save('k', { writer }, expectedVersion)),
          );
          const winners = writers.filter((writer) => answers[writer] === 'saved');
          expect(winners).toHaveLength(1);
          expect(await store.load('k')).toEqual({
            version: expectedVersion + 1,
            body: { writer: winners[0] },
          });
        }
      });

      test.each([
        { name: 'nested', body: { a: [{ b: [1, -2.5, 1e21, 0, true, false, null, ''] }], c: {} } },
        { name: 'unusual text', body: { 'ключ "\\': 'quote \' " ; -- \u0000 \u2028 🦉\n\t' } },
        {
          name: 'a large',
          body: { lines: Array.from({ length: 2_000 }, (_, at) => `line ${at} of the log`) },
        },
        { name: 'a null', body: null },
      ])('$name body comes back equal', async ({ body }) => {
        await store.save('k', body, 0);
        expect(await store.load('k')).toEqual({ version: 1, body });
      });

      test('what is changed after saving or after loading does not change what is stored', async () => {
        const body = { list: [1] };
        await store.save('k', body, 0);
        body.list.push(2);
        const loaded = (await store.load('k'))?.body as { list: number[] };
        loaded.list.push(3);
        expect((await store.load('k'))?.body).toEqual({ list: [1] });
      });
    });

    describe('ledger', () => {
      // A store takes any body: what it holds is not its business.
      const entry = (target: string, at: number, kind: LedgerKind = 'tick', body = {}) =>
        ({ target, at, kind, body }) as LedgerEntry;
      const appendAll = async (entries: readonly LedgerEntry[]) => {
        for (const one of entries) await store.append(one);
      };
      // Recent, because stores forget old entries.
      const now = Date.now();

      test('is empty at first', async () => {
        expect(await store.history({ target: null, limit: 10 })).toEqual([]);
      });

      test('gives the newest last, by the moment and not by the order of arrival', async () => {
        const entries = [entry('a', now + 2), entry('a', now), entry('a', now + 1)];
        await appendAll(entries);
        expect(await store.history({ target: 'a', limit: 10 })).toEqual([entries[1], entries[2], entries[0]]);
      });

      test('leaves out one kind, and fills the limit with the others', async () => {
        const looks = Array.from({ length: 9 }, (_, at) => entry('a', now + at, 'looks'));
        await appendAll([entry('a', now - 2), entry('a', now - 1), ...looks]);
        const found = await store.history({ target: 'a', limit: 2, without: 'looks' });
        expect(found.map(({ kind }) => kind)).toEqual(['tick', 'tick']);
      });

      test('keeps the order of arrival within one moment', async () => {
        const entries = (['intent', 'removal', 'outcome'] as const).map((kind) => entry('a', now, kind));
        await appendAll(entries);
        expect(await store.history({ target: 'a', limit: 10 })).toEqual(entries);
      });

      test('a limit keeps the newest', async () => {
        const entries = Array.from({ length: 30 }, (_, at) => entry('a', now + at));
        await appendAll(entries);
        expect(await store.history({ target: 'a', limit: 7 })).toEqual(entries.slice(-7));
        expect(await store.history({ target: 'a', limit: 0 })).toEqual([]);
        expect(await store.history({ target: 'a', limit: Number.POSITIVE_INFINITY })).toHaveLength(30);
      });

      test('asks for one target, one kind, both or neither', async () => {
        const [aTick, bTick, aPause, bPause] = [
          entry('a', now),
          entry('b', now + 1),
          entry('a', now + 2, 'pause'),
          entry('b', now + 3, 'pause'),
        ] as const;
        await appendAll([aTick, bTick, aPause, bPause]);
        expect(await store.history({ target: null, limit: 10 })).toEqual([aTick, bTick, aPause, bPause]);
        expect(await store.history({ target: 'b', limit: 10 })).toEqual([bTick, bPause]);
        expect(await store.history({ target: null, limit: 10, kind: 'pause' })).toEqual([aPause, bPause]);
        expect(await store.history({ target: 'a', limit: 10, kind: 'tick' })).toEqual([aTick]);
        expect(await store.history({ target: 'a', limit: 1, kind: 'pause' })).toEqual([aPause]);
        expect(await store.history({ target: 'c', limit: 10 })).toEqual([]);
      });

      test('bodies come back equal', async () => {
        const body = { pod: { uid: 'x', ages: [1.5, null] }, why: 'heartbeat 94 s old; "quoted"' };
        await store.append(entry('a', now, 'intent', body));
        expect(await store.history({ target: 'a', limit: 1 })).toEqual([entry('a', now, 'intent', body)]);
      });

      test('documents and ledger do not mix', async () => {
        await store.save('a', { document: true }, 0);
        expect(await store.history({ target: null, limit: 10 })).toEqual([]);
      });
    });

    test('closing twice is once', async () => {
      await store.close();
      await expect(store.close()).resolves.toBeUndefined();
    });
  });
}
