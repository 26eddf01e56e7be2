import { afterAll, beforeAll } from '@jest/globals';
import { describeCompanions } from './companions-suite.ts';
import { type PostgresWorld, postgresWorld } from './worlds.ts';

let world: PostgresWorld;
beforeAll(async () => {
  world = await postgresWorld();
}, 60_000);
afterAll(() => world?.stop(), 30_000);

describeCompanions(() => world);
