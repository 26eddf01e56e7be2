import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import {
  type LocalPostgres,
  type PostgresOptions,
  startPostgres,
} from '../../functions/demo/embedded-postgres.ts';

export interface TestPostgres extends LocalPostgres {
  /** As superuser; several statements in one text are fine. */
  run(database: string, sql: string): Promise<void>;
  /** A superuser connection that stays until `done`, for locks. */
  client(database: string): Promise<pg.Client>;
}

/** A real PostgreSQL for one test file: half a second to start, gone with `stop`. */
export async function startTestPostgres(settings: PostgresOptions['settings'] = {}): Promise<TestPostgres> {
  const dir = await mkdtemp(join(tmpdir(), 'scheduler-watchdog-pg-'));
  const server = await startPostgres({ dir, settings });
  const client = async (database: string) => {
    const opened = new pg.Client({ connectionString: server.url(database) });
    opened.on('error', () => {});
    await opened.connect();
    return opened;
  };
  return {
    ...server,
    client,
    async run(database, sql) {
      const opened = await client(database);
      try {
        await opened.query(sql);
      } finally {
        await opened.end();
      }
    },
  };
}
