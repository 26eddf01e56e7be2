// `npm run simulate:mutants`: plants each bug of the table in a copy of the program and asks which law notices.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runBatch } from '../batch.ts';
import { GREEN_TODAY, TARGETS } from '../green-today.ts';
import type { Break } from '../laws/law.ts';
import { writeSection } from '../proof.ts';
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
const seed = Number(values.seed);
const ticks = Number(values.ticks);

interface Verdict {
  readonly mutant: Mutant;
  /** null: no law noticed. */
  readonly caught: Break | null;
  readonly afterTicks: number;
}

class Caught extends Error {}

/** Stops at the first break: the unharmed program breaks no law in these worlds. */
async function firstBreak(
  root?: string,
): Promise<{ readonly caught: Break | null; readonly afterTicks: number }> {
  let found: { readonly caught: Break; readonly afterTicks: number } | null = null;
  const ask = { seed, program: await loadProgram(root), hostility: GREEN_TODAY, targets: TARGETS };
  try {
    await runBatch(ask, ticks, (_world, breaks, tally) => {
      const [caught] = breaks;
      if (caught === undefined) return;
      found = { caught, afterTicks: tally.targetTicks };
      throw new Caught();
    });
  } catch (error) {
    if (!(error instanceof Caught)) throw error;
  }
  return found ?? { caught: null, afterTicks: ticks };
}

function print({ mutant, caught, afterTicks }: Verdict): void {
  const verdict = caught === null ? 'NOT CAUGHT' : `caught by: ${caught.law}`;
  console.log(`${mutant.id.padEnd(24)} ${verdict} (within ${afterTicks} target-ticks)`);
  if (caught !== null) console.log(`${' '.repeat(24)} ${caught.what.slice(0, 160)}`);
}

const unharmed = await firstBreak();
if (unharmed.caught !== null) {
  console.error(
    `the unharmed program breaks a law in these worlds: ${unharmed.caught.law}: ${unharmed.caught.what}`,
  );
  process.exit(2);
}
const wanted = values.only?.split(',');
const verdicts: Verdict[] = [];
for (const mutant of MUTANTS.filter(({ id }) => wanted?.includes(id) ?? true)) {
  const { root, remove } = copyOf(resolve(import.meta.dirname, '../../..'));
  try {
    plant(root, mutant);
    const verdict = { mutant, ...(await firstBreak(root)) };
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
    ({ mutant, caught }) => `| \`${mutant.id}\` | ${mutant.sentence} | ${caught?.law ?? '**nobody**'} |`,
  );
  writeSection(
    'mutants',
    [
      '## Mutants',
      '',
      'Bugs planted one by one in a copy of the program, and the law that noticed in the simulated worlds.',
      `Written by \`npm run simulate:mutants -- --ticks ${ticks} --seed ${seed} --proof\`.`,
      '',
      '| mutant | what would be wrong | noticed by |',
      '|---|---|---|',
      ...rows,
    ].join('\n'),
  );
}
process.exitCode = escaped.length === 0 ? 0 : 1;
