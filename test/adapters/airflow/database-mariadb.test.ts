import { describe, test } from '@jest/globals';
import { noMariadb } from '../../support/mariadb.ts';
import { describeDatabase } from './database-suite.ts';
import { mysqlWorld } from './worlds.ts';

if (noMariadb === null) describe('MariaDB', () => describeDatabase(mysqlWorld));
else test.skip(`MariaDB: ${noMariadb}`, () => {});
