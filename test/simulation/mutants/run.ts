// `npm run simulate:mutants`: plants each bug of the table in a copy of the program and asks which law notices.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { runBatch } from '../batch.ts';
import { GREEN_TODAY, TARGETS } from '../green-today.ts';
import { writeSection } from '../proof.ts';
import type { Hostility } from '../world/draw-world.ts';
import { loadProgram } from '../world/program.ts';
import { copyOf, plant } from './plant.ts';
import { MUTANTS, type Mutant } from './table.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    ticks: { type: 'string', default: '150000' },
    seed: { type: 'string', default: '1' },
    proof: { type: 'boolean', default: false },
  },
});
const PROJECT = resolve(import.meta.dirname, '../../..');
const seed = Number(values.seed);
const ticks = Number(values.ticks);

interface Verdict {
  readonly mutant: Mutant;
  /** Who noticed, and by what; null: nobody. */
  readonly caught: { readonly by: string; readonly what: string } | null;
}

class Caught extends Error {}

/** Often enough that rare coincidences come about. */
const FOCUSED_PER_HOUR = 1;

function hostilityOf(focus: Mutant['focus']): Hostility {
  if (focus === undefined) return GREEN_TODAY;
  return { ...GREEN_TODAY, kinds: focus, episodesPerHour: [FOCUSED_PER_HOUR], components: 'schedulers' };
}

/** Stops at the first break. */
async function firstBreak(focus: Mutant['focus'], root?: string): Promise<Verdict['caught']> {
  let found: Verdict['caught'] = null;
  const ask = { seed, program: await loadProgram(root), hostility: hostilityOf(focus), targets: TARGETS };
  try {
    await runBatch(ask, ticks, (_world, breaks, tally) => {
      const [caught] = breaks;
      if (caught === undefined) return;
      found = { by: caught.law, what: `${caught.what} (within ${tally.targetTicks} target-ticks)` };
      throw new Caught();
    });
  } catch (error) {
    if (!(error instanceof Caught)) throw error;
  }
  return found;
}

/** The first test that a trial fails. Jest is asked in the copy, whose tests import the program beside them. */
async function firstFailure(trial: string, root: string): Promise<Verdict['caught']> {
  const folder = dirname(root);
  const answers = join(folder, 'answers.json');
  const flags = ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules'];
  const jest = [join(folder, 'node_modules/jest/bin/jest.js'), '--json', '--outputFile', answers, trial];
  // Jest ends with 1 where a test failed; what it wrote tells that apart from a trial that could not run.
  await promisify(execFile)(process.execPath, [...flags, ...jest], { cwd: folder, maxBuffer: 64e6 }).catch(
    () => undefined,
  );
  const { numTotalTests, testResults } = JSON.parse(readFileSync(answers, 'utf8')) as JestAnswers;
  if (numTotalTests === 0) throw new Error(`${trial} ran no test in the copy`);
  const failed = testResults.flatMap((one) => one.assertionResults).find(({ status }) => status === 'failed');
  return failed === undefined ? null : { by: trial, what: failed.fullName };
}

interface JestAnswers {
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** In worlds where the unharmed program breaks a law itself nothing could be said of a mutant. */
async function requireUnharmed(mutants: readonly Mutant[]): Promise<void> {
  const simulated = mutants.filter(({ trial }) => trial === undefined);
  for (const focus of new Map(simulated.map(({ focus }) => [focus?.join(), focus])).values()) {
    const caught = await firstBreak(focus);
    if (caught === null) continue;
    console.error(
      `the unharmed program breaks a law (${focus?.join() ?? 'all kinds'}): ${caught.by}: ${caught.what}`,
    );
    process.exit(2);
  }
  const { root, remove } = copyOf(PROJECT);
  try {
    for (const trial of new Set(mutants.flatMap((one) => one.trial ?? []))) {
      const caught = await firstFailure(trial, root);
      if (caught === null) continue;
      console.error(`the unharmed program fails ${trial}: ${caught.what}`);
      process.exitCode = 2;
    }
  } finally {
    remove();
  }
  if (process.exitCode === 2) process.exit();
}

function print({ mutant, caught }: Verdict): void {
  const verdict = caught === null ? 'NOT CAUGHT' : `caught by: ${caught.by}`;
  console.log(`${mutant.id.padEnd(24)} ${verdict}`);
  if (caught !== null) console.log(`${' '.repeat(24)} ${caught.what.slice(0, 160)}`);
}

const wanted = values.only?.split(',');
const verdicts: Verdict[] = [];
const mutants = MUTANTS.filter(({ id }) => wanted?.includes(id) ?? true);
await requireUnharmed(mutants);
for (const mutant of mutants) {
  const { root, remove } = copyOf(PROJECT);
  try {
    plant(root, mutant);
    const { trial, focus } = mutant;
    const caught = await (trial === undefined ? firstBreak(focus, root) : firstFailure(trial, root));
    const verdict = { mutant, caught };
    verdicts.push(verdict);
    print(verdict);
  } finally {
    remove();
  }
}
const escaped = verdicts.filter(({ caught }) => caught === null);
console.log(`${verdicts.length - escaped.length} of ${verdicts.length} caught`);
if (values.proof) {
  const rows = verdicts.map(
    ({ mutant, caught }) => `| \`${mutant.id}\` | ${mutant.sentence} | ${caught?.by ?? '**nobody**'} |`,
  );
  writeSection(
    'mutants',
    [
      '## Mutants',
      '',
      'Bugs planted one by one in a copy of the program, and who noticed: a law in the simulated worlds, or a trial.',
      `Written by \`npm run simulate:mutants -- --ticks ${ticks} --seed ${seed} --proof\`.`,
      '',
      '| mutant | what would be wrong | noticed by |',
      '|---|---|---|',
      ...rows,
    ].join('\n'),
  );
}
process.exitCode = escaped.length === 0 ? 0 : 1;
