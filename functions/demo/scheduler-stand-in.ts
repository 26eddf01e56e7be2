// A child process of the demo: the scheduler's main process, as far as its database and its signals go.
import { setTimeout as sleep } from 'node:timers/promises';
import { endOf, NEW_JOB, START, turnOf } from './airflow-sql.ts';
import { connect, liveWithParent, told } from './child.ts';

/** Airflow beats every 5 s; the demo is in a hurry. */
const BEAT_MS = 1_000;

liveWithParent();
const database = await connect('scheduler stand-in');
// Airflow's scheduler ends when it loses its database, too.
database.on('error', () => process.exit(1));
await database.query(START);
const made = await database.query<{ id: number }>(NEW_JOB, [told('DEMO_HOSTNAME')]);
const job = made.rows[0]?.id ?? 0;

process.on('SIGTERM', () => {
  log('SIGTERM: ending in order');
  void database.query(endOf(job)).finally(() => process.exit(0));
});

log(`scheduler started, job ${job}`);
for (;;) {
  const answers: unknown = await database.query(turnOf(job));
  const [counts] = (answers as { rows: { runs: number; done: number }[] }[]).at(-1)?.rows ?? [];
  log(`heartbeat; ${counts?.runs} DAG runs running, ${counts?.done} tasks done`);
  await sleep(BEAT_MS);
}

function log(text: string): void {
  process.stdout.write(`${new Date().toISOString()} INFO scheduler_job_runner: ${text}\n`);
}
