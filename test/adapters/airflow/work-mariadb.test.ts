import { afterAll, beforeAll, describe } from '@jest/globals';
import { noMariadb } from '../../support/mariadb.ts';
import { describeWork } from './work-suite.ts';
import { mysqlWorld, type World } from './worlds.ts';

(noMariadb === null ? describe : describe.skip)(`MariaDB (${noMariadb ?? 'in Karachi'})`, () => {
  let world: World;
  beforeAll(async () => {
    // Five hours from UTC: a moment taken for UTC would be told five hours wrong.
    world = await mysqlWorld([], 'Asia/Karachi');
  }, 60_000);
  afterAll(() => world?.stop(), 30_000);
  describe('and who has what in hand', () => describeWork(() => world));
});
