import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytesOf } from '../../../functions/adapters/k8s/quantity.ts';

test.each([
  { name: 'plain bytes', quantity: '134217728', bytes: 134_217_728 },
  { name: 'a number instead of a text', quantity: 1024, bytes: 1024 },
  { name: 'binary units', quantity: '512Mi', bytes: 512 * 2 ** 20 },
  { name: 'kibibytes, as metrics-server writes them', quantity: '3670016Ki', bytes: 3_670_016 * 1024 },
  { name: 'a fraction of a binary unit', quantity: '1.5Gi', bytes: 1.5 * 2 ** 30 },
  { name: 'decimal units', quantity: '2G', bytes: 2_000_000_000 },
  { name: 'small k', quantity: '10k', bytes: 10_000 },
  { name: 'milli-bytes, rounded up', quantity: '1500m', bytes: 2 },
  { name: 'an exponent', quantity: '1e9', bytes: 1_000_000_000 },
  { name: 'an exponent with a capital E and a sign', quantity: '12E+2', bytes: 1_200 },
  { name: 'E alone is exa', quantity: '1E', bytes: 1e18 },
  { name: 'a leading dot', quantity: '.5Ki', bytes: 512 },
  { name: 'zero', quantity: '0', bytes: 0 },
  { name: 'an unknown unit is none', quantity: '5MB', bytes: null },
  { name: 'a negative size is none', quantity: '-1Gi', bytes: null },
  { name: 'a sentence is none', quantity: 'two gigabytes', bytes: null },
  { name: 'an empty text is none', quantity: '', bytes: null },
  { name: 'nothing is none', quantity: undefined, bytes: null },
])('$name', ({ quantity, bytes }) => expect(bytesOf(quantity)).toBe(bytes));

test('whole numbers in every unit come back as written', () => {
  const units = { '': 1, k: 1e3, M: 1e6, G: 1e9, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };
  fc.assert(
    fc.property(fc.nat(9_999), fc.constantFrom(...Object.entries(units)), (amount, [unit, factor]) => {
      expect(bytesOf(`${amount}${unit}`)).toBe(amount * factor);
    }),
  );
});

test('no text makes it throw or yield something that is no size', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const bytes = bytesOf(text);
      expect(bytes === null || (Number.isInteger(bytes) && bytes >= 0)).toBe(true);
    }),
  );
});
