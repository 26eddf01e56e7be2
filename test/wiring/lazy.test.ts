import { expect, test } from '@jest/globals';
import { lazy } from '../../functions/wiring/lazy.ts';

test('what could not be made once is made when it is asked for again, and what was made is kept', async () => {
  let asked = 0;
  const thing = lazy(async () => {
    asked += 1;
    if (asked === 1) throw new Error('not yet');
    return asked;
  });
  await expect(thing()).rejects.toThrow('not yet');
  expect(await thing()).toBe(2);
  expect(await thing()).toBe(2);
});
