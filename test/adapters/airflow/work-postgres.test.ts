import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeWork } from './work-suite.ts';
import { type PostgresWorld, postgresWorld } from './worlds.ts';

let world: PostgresWorld;
beforeAll(async () => {
  world = await postgresWorld();
}, 60_000);
afterAll(() => world?.stop(), 30_000);

describe('PostgreSQL and who has what in hand', () => describeWork(() => world));
