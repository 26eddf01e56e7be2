// `npm run simulate:mutants`: plants each bug of the table in a copy of the program and asks which law notices.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runBatch } from '../batch.ts';
import { GREEN_TODAY, TARGETS } from '../green-today.ts';
import type { Break } from '../laws/law.ts';
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
const seed = Number(values.seed);
const ticks = Number(values.ticks);

interface Verdict {
  readonly mutant: Mutant;
  /** null: no law noticed. */
  readonly caught: Break | null;
  readonly afterTicks: number;
}

class Caught extends Error {}

/** Often enough that rare coincidences come about. */
const FOCUSED_PER_HOUR = 1;

function hostilityOf(focus: Mutant['focus']): Hostility {
  if (focus === undefined) return GREEN_TODAY;
  return { ...GREEN_TODAY, kinds: focus, episodesPerHour: [FOCUSED_PER_HOUR], components: 'schedulers' };
}

/** Stops at the first break. */
async function firstBreak(focus: Mutant['focus'], root?: string): Promise<Omit<Verdict, 'mutant'>> {
  let found: Omit<Verdict, 'mutant'> | null = null;
  const ask = { seed, program: await loadProgram(root), hostility: hostilityOf(focus), targets: TARGETS };
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

/** In worlds where the unharmed program breaks a law itself nothing could be said of a mutant. */
async function requireUnharmed(mutants: readonly Mutant[]): Promise<void> {
  for (const focus of new Map(mutants.map(({ focus }) => [focus?.join(), focus])).values()) {
    const { caught } = await firstBreak(focus);
    if (caught === null) continue;
    console.error(
      `the unharmed program breaks a law (${focus?.join() ?? 'all kinds'}): ${caught.law}: ${caught.what}`,
    );
    process.exit(2);
  }
}

function print({ mutant, caught, afterTicks }: Verdict): void {
  const verdict = caught === null ? 'NOT CAUGHT' : `caught by: ${caught.law}`;
  console.log(`${mutant.id.padEnd(24)} ${verdict} (within ${afterTicks} target-ticks)`);
  if (caught !== null) console.log(`${' '.repeat(24)} ${caught.what.slice(0, 160)}`);
}

const wanted = values.only?.split(',');
const verdicts: Verdict[] = [];
const mutants = MUTANTS.filter(({ id }) => wanted?.includes(id) ?? true);
await requireUnharmed(mutants);
for (const mutant of mutants) {
  const { root, remove } = copyOf(resolve(import.meta.dirname, '../../..'));
  try {
    plant(root, mutant);
    const verdict = { mutant, ...(await firstBreak(mutant.focus, root)) };
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
