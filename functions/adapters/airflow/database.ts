import type { Companions } from '../../core/companions.ts';
import type { BlastRadius, JobsFacts, LocksFacts, Look, ProgressFacts } from '../../core/observation.ts';
import type { Target } from '../../core/target.ts';
import type { WorkFacts } from '../../core/work.ts';
import type { Clock, LookOptions, MetadataDatabase } from '../../ports.ts';
import { unreadable } from '../http/network-error.ts';
import { type Login, type Visit, visit } from '../sql/visit.ts';
import { type Fitting, NOTHING_FITTED, readParsing, readTriggers } from './companions.ts';
import { blastRadiusFrom, progressOf } from './facts.ts';
import { readJobs } from './jobs.ts';
import { readLocks } from './locks.ts';
import { type Reading, read, slowed } from './reading.ts';
import { detectSchema, type Schema } from './schema.ts';
import { blastRadiusOf, textsFor } from './sql.ts';
import { readWork } from './work.ts';

export interface MetadataDatabaseOptions extends Login {
  readonly clock: Clock;
}

/** Airflow's metadata database, asked read-only on a connection of its own per look. Ages are computed by the database. */
export function createMetadataDatabase({ clock, ...login }: MetadataDatabaseOptions): MetadataDatabase {
  /** Per target and secret; a migration shows itself as an unknown column or table and is then detected anew. */
  const schemas = new Map<string, Schema>();
  const fittings = new Map<string, Fitting>();
  const stopwatch = () => {
    const at = clock.now();
    return <Facts extends object>(reading: Reading<Facts>): Look<Facts> =>
      ({ at, tookMs: clock.now() - at, ...reading }) as Look<Facts>;
  };
  return {
    async look(target, { deadlineMs }: LookOptions) {
      const timed = stopwatch();
      const looks = await visit(login, target.database, deadlineMs, async (open) => {
        const jobs = timed(await readJobs(open));
        // A connection that broke has no second answer; a table that cannot be read says nothing about the others.
        if (jobs.kind === 'unreachable') return { jobs, progress: jobs, locks: jobs, work: jobs };
        // Before the progress, which may use the deadline up when there are locks: then this matters most.
        const locks = timed(await readLocks(open));
        const progress = timed(await readProgress(open, schemas, keyOf(target)));
        return {
          jobs,
          locks,
          progress,
          companions: await companionsOf(open, fittings, keyOf(target), timed),
          work: timed(await readWork(open)),
        };
      });
      return 'kind' in looks
        ? {
            jobs: timed<JobsFacts>(looks),
            progress: timed<ProgressFacts>(looks),
            locks: timed<LocksFacts>(looks),
            work: timed<WorkFacts>(looks),
          }
        : looks;
    },
    async blastRadius(target, jobId, { deadlineMs }: LookOptions) {
      const timed = stopwatch();
      if (!Number.isSafeInteger(jobId))
        return timed<BlastRadius>(unreadable('unexpected', 'a job id is a whole number'));
      const reading = await visit(login, target.database, deadlineMs, (open) =>
        read(open, async () => blastRadiusFrom(await open.query(blastRadiusOf(jobId)))),
      );
      return timed<BlastRadius>(reading);
    },
  };
}

/** Last, because they matter least. */
async function companionsOf(
  open: Visit,
  fittings: Map<string, Fitting>,
  key: string,
  timed: <Facts extends object>(reading: Reading<Facts>) => Look<Facts>,
): Promise<Companions> {
  const fitting = fittings.get(key) ?? { ...NOTHING_FITTED };
  fittings.set(key, fitting);
  return {
    triggers: timed(await readTriggers(open, fitting)),
    parsing: timed(await readParsing(open, fitting)),
  };
}

const keyOf = ({ id, database }: Target): string => JSON.stringify([id, database]);

/** The cached schema is tried first; when it does not fit any more, the look is made again with a fresh one. */
async function readProgress(
  open: Visit,
  schemas: Map<string, Schema>,
  key: string,
): Promise<Reading<ProgressFacts>> {
  const cached = schemas.get(key);
  if (cached !== undefined) {
    const reading = slowed(await read(open, () => askProgress(open, cached)));
    if (reading.kind !== 'unreadable' || !/^(unknown-schema|missing-table)$/.test(reading.cause))
      return reading;
    schemas.delete(key);
  }
  const detected = await read<Schema>(open, () => detectSchema(open.query, open.engine));
  if (detected.kind !== 'answered') return slowed(detected);
  const { kind: _, ...schema } = detected;
  const reading = slowed(await read(open, () => askProgress(open, schema)));
  if (reading.kind === 'answered') schemas.set(key, schema);
  return reading;
}

async function askProgress({ engine, query }: Visit, schema: Schema): Promise<ProgressFacts> {
  const texts = textsFor(engine, schema);
  const [row = {}] = await query(texts.progress);
  return progressOf(schema.version, row, await query(texts.tasks));
}
