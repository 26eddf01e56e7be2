import type { ParsingFacts, TriggerGroup, TriggersFacts } from '../../core/companions.ts';
import type { Row } from '../sql/session.ts';
import type { Visit } from '../sql/visit.ts';
import { FAILURES, IS_AIRFLOW_2, MOST_TRIGGERS, PARSING, TRIGGERS } from './companion-texts.ts';
import { type Reading, read, slowed } from './reading.ts';
import { number, numberOrNull, text } from './row.ts';

/** Which of several texts fitted a schema last. */
export interface Fitting {
  triggers: number;
  parsing: number;
}

export const NOTHING_FITTED: Fitting = { triggers: 0, parsing: 0 };

/** What triggerers have taken up, and what nobody has. A missing right makes this one look unreadable and no other. */
export async function readTriggers(open: Visit, fitting: Fitting): Promise<Reading<TriggersFacts>> {
  return fitted(
    open,
    TRIGGERS(open.engine),
    fitting.triggers,
    (at) => {
      fitting.triggers = at;
    },
    async (question) => triggersFrom(await open.query(question)),
  );
}

export async function readParsing(open: Visit, fitting: Fitting): Promise<Reading<ParsingFacts>> {
  return fitted(
    open,
    PARSING(open.engine),
    fitting.parsing,
    (at) => {
      fitting.parsing = at;
    },
    async (question) => {
      const bundles = (await open.query(question)).map((row) => ({
        bundle: text(row.bundle),
        dags: number(row, 'dags'),
        parsedAgoSeconds: numberOrNull(row, 'parsed_s'),
      }));
      // Without it a deployment whose files all fail would look like one that parses nothing: no answer, then.
      const [failures = {}] = await open.query(FAILURES(open.engine));
      return { bundles, failedAgoSeconds: numberOrNull(failures, 'failed_s') };
    },
  );
}

/** Asks as the schema was last found to be; where a column is not there, in the other ways. */
async function fitted<Facts extends object>(
  open: Visit,
  questions: readonly string[],
  last: number,
  fits: (at: number) => void,
  ask: (question: string) => Promise<Facts>,
): Promise<Reading<Facts>> {
  const order = [last, ...[...questions.keys()].filter((at) => at !== last)];
  let reading: Reading<Facts> | null = null;
  for (const at of order) {
    const question = questions[at];
    if (question === undefined) continue;
    reading = slowed(await read(open, () => ask(question)));
    if (reading.kind === 'answered') fits(at);
    if (reading.kind !== 'unreadable' || !(await isOtherSchema(open, reading.cause))) return reading;
  }
  if (reading === null) throw new Error('there is no question to ask');
  return reading;
}

/** MySQL refuses a column that is not there like one that is not granted; of Airflow 2 it is known that it has none of them. */
async function isOtherSchema(open: Visit, cause: string): Promise<boolean> {
  if (cause === 'unknown-schema') return true;
  if (open.engine !== 'mysql' || cause !== 'forbidden') return false;
  const asked = await read(open, async () => ({ rows: await open.query(IS_AIRFLOW_2) }));
  return asked.kind === 'answered';
}

function triggersFrom(rows: readonly Row[]): TriggersFacts {
  const groups = rows.map(
    (row): TriggerGroup => ({
      jobId: numberOrNull(row, 'job_id'),
      triggers: number(row, 'triggers'),
      waited: number(row, 'waited'),
      waitedForSeconds: numberOrNull(row, 'waited_s'),
      overdue: number(row, 'overdue'),
      overdueForSeconds: numberOrNull(row, 'overdue_s'),
    }),
  );
  const all = groups.reduce((sum, { triggers }) => sum + triggers, 0);
  return { groups, isCut: all > MOST_TRIGGERS };
}
