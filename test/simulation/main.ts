// `npm run simulate`: the real flow and core in worlds as bad as production, under laws.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type BatchBreak, runBatch } from './batch.ts';
import { GREEN_TODAY } from './green-today.ts';
import { episodeLines, figuresOf, storyLines, summaryOf } from './print.ts';
import { writeProof } from './proof.ts';
import { type Ask, runWorld } from './run-world.ts';
import { shrink } from './shrink.ts';
import { newTally } from './tally.ts';
import type { Witnesses } from './world/draw-target.ts';
import { HOSTILE, type Hostility } from './world/draw-world.ts';
import { loadProgram } from './world/program.ts';

const USAGE = `npm run simulate -- [--ticks N] [--seed S] [--targets T] [--kinds A,B] [--stories K] [--proof]
                    [--functions DIR] [--world W [--keep 3,17]]
  --ticks      target-ticks to run, 200000
  --seed       of everything; a new one each time when left out
  --targets    in each world; drawn when left out
  --kinds      of episodes that may happen; all when left out
  --witnesses  database, pod-port, web, database+pod-port, everything: how targets are watched
  --clocks     same: all clocks agree
  --green      only what the program stands today (green-today.ts)
  --law        stories only of laws with this word
  --stories    of broken laws to shrink and print, 3
  --proof      writes docs/proof.md
  --functions  another copy of the program
  --world      only this one; --keep with these episodes only`;

const { values } = parseArgs({
  options: {
    ticks: { type: 'string', default: '200000' },
    seed: { type: 'string' },
    targets: { type: 'string' },
    kinds: { type: 'string' },
    witnesses: { type: 'string' },
    clocks: { type: 'string', default: 'differ' },
    green: { type: 'boolean', default: false },
    law: { type: 'string', default: '' },
    stories: { type: 'string', default: '3' },
    functions: { type: 'string' },
    world: { type: 'string' },
    keep: { type: 'string' },
    proof: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const ask: Omit<Ask, 'world' | 'keep'> = {
  seed,
  program: await loadProgram(values.functions === undefined ? undefined : resolve(values.functions)),
  hostility: values.green ? GREEN_TODAY : asked(),
  targets: values.targets === undefined ? null : Number(values.targets),
};

function asked(): Hostility {
  return {
    ...HOSTILE,
    kinds: values.kinds?.split(',') ?? null,
    clocksDiffer: values.clocks === 'differ',
    witnesses: (values.witnesses?.split(',') as readonly Witnesses[] | undefined) ?? HOSTILE.witnesses,
  };
}

function replayOf(world: number, keep: ReadonlySet<number> | null): string {
  const options = (['targets', 'kinds', 'functions', 'clocks', 'witnesses'] as const).flatMap((name) =>
    values[name] === undefined || values[name] === 'differ' ? [] : [`--${name} ${values[name]}`],
  );
  const green = values.green ? ['--green'] : [];
  const kept = keep === null ? [] : [`--keep ${[...keep].join(',') || 'none'}`];
  return ['npm run simulate --', `--seed ${seed}`, `--world ${world}`, ...kept, ...green, ...options].join(
    ' ',
  );
}

/** The same law in another plight is another story. */
async function tellStories(breaks: readonly BatchBreak[], most: number): Promise<void> {
  const told = new Set<string>();
  for (const one of breaks) {
    if (told.size >= most) return;
    if (!one.law.includes(values.law)) continue;
    const plight = `${one.law}: ${[...new Set(one.during)].toSorted().join(' ')}`;
    if (told.has(plight)) continue;
    told.add(plight);
    const shrunk = await shrink({ ...ask, world: one.world, keep: null }, one.law, one.target);
    console.log(`\n--- broken law ${told.size}`);
    for (const line of storyLines(shrunk, replayOf(one.world, shrunk.keep))) console.log(line);
  }
}

async function oneWorld(world: number): Promise<number> {
  const keep = values.keep === undefined ? null : new Set(values.keep.split(',').map(Number));
  const ran = await runWorld({ ...ask, world, keep, verbose: true }, newTally());
  const kept = new Set(ran.episodes.map(({ number }) => number));
  for (const found of ran.breaks)
    for (const line of storyLines({ ran, keep: kept, found }, replayOf(world, keep))) console.log(line);
  console.log(`${ran.breaks.length} break(s) of laws in world ${world} of seed ${seed}`);
  return ran.breaks.length;
}

async function manyWorlds(): Promise<number> {
  console.log(`seed ${seed}`);
  const batch = await runBatch(ask, Number(values.ticks));
  for (const [name, value] of figuresOf(batch)) console.log(`${name.padEnd(52)} ${value}`);
  if (!values.quiet) for (const line of ['episodes by kind', ...episodeLines(batch)]) console.log(line);
  for (const line of summaryOf(batch.breaks)) console.log(line);
  await tellStories(batch.breaks, Number(values.stories));
  if (values.proof) await writeProof(seed, batch);
  return batch.breaks.length;
}

if (values.help) console.log(USAGE);
else {
  const broken = values.world === undefined ? await manyWorlds() : await oneWorld(Number(values.world));
  process.exitCode = broken === 0 ? 0 : 1;
}
