import { describeDatabase } from './database-suite.ts';
import { postgresWorld } from './worlds.ts';

describeDatabase(postgresWorld);
