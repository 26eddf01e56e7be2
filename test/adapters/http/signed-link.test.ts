import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { signedQuery, signedUntil } from '../../../functions/adapters/http/signed-link.ts';

const KEY = 'k'.repeat(40);
const NAME = 'prod-airflow-2026-11-23T03-13-00Z.html';
const UNTIL = Date.UTC(2026, 11, 23);

function claimsOf(name: string, query: string) {
  const asked = new URLSearchParams(query);
  return { name, until: asked.get('until') ?? '', signature: asked.get('signature') ?? '' };
}

const made = () => claimsOf(NAME, signedQuery(NAME, UNTIL, KEY));

test('a link is good until the moment it was made for', () => {
  expect(signedUntil(made(), KEY)).toBe(UNTIL);
});

test.each([
  { name: 'another page', claims: () => ({ ...made(), name: 'prod-airflow-2026-11-24T03-13-00Z.html' }) },
  { name: 'a later end', claims: () => ({ ...made(), until: `${UNTIL / 1_000 + 1}` }) },
  { name: 'a signature that is cut', claims: () => ({ ...made(), signature: made().signature.slice(1) }) },
  { name: 'no signature', claims: () => ({ ...made(), signature: '' }) },
  { name: 'an end that is no number', claims: () => ({ ...made(), until: '1e99' }) },
  {
    name: 'a line break that moves the border between end and name',
    claims: () => {
      const [first, rest] = [`${UNTIL / 1_000}`.slice(0, 3), `${UNTIL / 1_000}`.slice(3)];
      return { ...made(), until: first, name: `${rest}\n${NAME}` };
    },
  },
])('$name is none of ours', ({ claims }) => {
  expect(signedUntil(claims(), KEY)).toBeNull();
});

test('no other key, name or moment opens a page', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string({ minLength: 1 }),
      fc.nat({ max: 10 ** 12 - 1 }),
      (name, otherKey, seconds) => {
        const { signature } = made();
        if (name !== NAME || seconds !== UNTIL / 1_000)
          expect(signedUntil({ name, until: `${seconds}`, signature }, KEY)).toBeNull();
        if (otherKey !== KEY) expect(signedUntil(made(), otherKey)).toBeNull();
      },
    ),
  );
});
