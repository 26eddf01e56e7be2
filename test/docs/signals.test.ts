import { expect, test } from '@jest/globals';
import { WITNESSES } from '../../functions/core/witnesses.ts';
import { textOf } from '../architecture/tree.ts';

test('every look that a round is made of is a witness with its row, and no other is', () => {
  const [, body = ''] =
    /export interface TargetLooks \{([\s\S]*?)\n\}/.exec(textOf('functions/core/patient.ts')) ?? [];
  const looks = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name = '']) => name);
  expect(Object.keys(WITNESSES).toSorted()).toEqual(
    looks.filter((name) => name !== 'at' && name !== 'serverNow').toSorted(),
  );
});

test.each(Object.entries(WITNESSES))('the row of %s says all of it', (_id, row) => {
  for (const cell of Object.values(row)) expect(cell.length).toBeGreaterThan(4);
});
