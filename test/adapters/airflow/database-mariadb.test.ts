import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { noMariadb } from '../../support/mariadb.ts';
import { describeFailures } from './database-failures.ts';
import { describeDatabase } from './database-suite.ts';
import { describeLocks } from './locks-suite.ts';
import { mysqlWorld, type World } from './worlds.ts';

if (noMariadb === null) {
  let world: World;
  beforeAll(async () => {
    world = await mysqlWorld();
  }, 60_000);
  afterAll(() => world?.stop(), 30_000);
  describe('MariaDB answers', () => describeDatabase(() => world));
  describe('MariaDB and locks', () => describeLocks(() => world));
  describe('MariaDB fails', () => describeFailures(() => world));
} else {
  test.skip(`MariaDB: ${noMariadb}`, () => {});
}
