/**
 * `npm run test:matrix -- [--only ID,…] [--group act|not] [--version 2.11|3.3] [--probes] [--times N] [--again] [--worlds N] [--first-world N] [--page]`
 *
 * Runs every case that has no result of the present code, several worlds side by side, and writes the table into docs/proof.md.
 * `--first-world N` lets two such commands run beside each other, each with worlds of its own.
 * `--again` runs it in any case, `--times N` until it has N runs, `--probes` measures the two probes alone, `--page` only writes.
 * Exit code 1 when any case is wrong.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureUp, isUp, type Version, worldOf } from '../rig/rig.ts';
import { announce, waitAlone } from './beside.ts';
import type { By, Case } from './case.ts';
import { CASES } from './cases/all.ts';
import { judge } from './judge.ts';
import { writePage } from './page.ts';
import { addRun, codeVersion, current, type Key, readResult } from './results.ts';
import { runCase } from './run-case.ts';
import { removeWorld } from './world.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    group: { type: 'string' },
    version: { type: 'string' },
    probes: { type: 'boolean', default: false },
    times: { type: 'string', default: '1' },
    again: { type: 'boolean', default: false },
    worlds: { type: 'string', default: '4' },
    'first-world': { type: 'string', default: '1' },
    results: { type: 'string', default: join(import.meta.dirname, 'results') },
    page: { type: 'boolean', default: false },
  },
});
const folder = values.results;
const began = Date.now();

interface Job extends Key {
  readonly one: Case;
}

const say = (words: string) => {
  const minutes = Math.floor((Date.now() - began) / 60_000);
  process.stderr.write(`matrix: ${minutes} min: ${words}\n`);
};

function jobs(): Job[] {
  const only = values.only?.split(',');
  const actors: readonly By[] = values.probes ? ['exec probe', 'http probe'] : ['watchdog'];
  const group = values.group === undefined ? undefined : values.group === 'act' ? 'must act' : 'must not act';
  return CASES.filter((one) => only === undefined || only.includes(one.id))
    .filter((one) => group === undefined || one.group === group)
    .filter((one) => !values.probes || one.probes === true)
    .flatMap((one) =>
      one.versions
        .filter((version) => values.version === undefined || version === values.version)
        .flatMap((version) => actors.map((by): Job => ({ id: one.id, version, by, one }))),
    )
    .flatMap((job) => Array.from({ length: missing(job) }, () => job));
}

function missing(key: Key): number {
  const wanted = Number(values.times);
  if (values.again) return wanted;
  const code = codeVersion();
  const runs = current(readResult(folder, key)).filter((run) => run.code === code);
  return Math.max(0, wanted - runs.length);
}

async function run({ id, version, by, one }: Job, world: number): Promise<void> {
  const name = `${id} on ${version} by ${by} in world ${world}`;
  say(`${name} begins`);
  const at = new Date().toISOString();
  const code = codeVersion();
  const key = { id, version, by };
  try {
    const seen = await runCase(one, worldOf(version as Version, world), by);
    const { isRight, words } = by === 'watchdog' ? judge(one.expected, seen) : byProbe(seen);
    addRun(folder, key, { code, at, isRight, words, seen });
    say(`${name}: ${isRight ? 'right' : 'WRONG'}: ${words}`);
  } catch (error) {
    // What the rig could not do says nothing about the product, and is no result.
    say(`${name}: NOT RUN: ${String(error).slice(0, 2_000)}`);
    notRun.push(name);
  }
}

const byProbe = ({
  restartSeconds,
  watchedSeconds,
}: {
  restartSeconds: number | null;
  watchedSeconds: number;
}) => ({
  isRight: true,
  words:
    restartSeconds === null
      ? `not restarted in ${Math.round(watchedSeconds)} s`
      : `restarted after ${Math.round(restartSeconds)} s`,
});

const notRun: string[] = [];

async function workOff(queue: Job[], worlds: number): Promise<void> {
  const worker = async (world: number) => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      await run(job, world);
      writePage(folder);
    }
    await removeWorld(worldOf('3.3', world)).catch(() => undefined);
  };
  await Promise.all(
    Array.from({ length: worlds }, (_, index) => worker(Number(values['first-world']) + index)),
  );
}

if (!values.page) {
  if (!isUp()) await ensureUp();
  announce();
  const all = jobs();
  say(`${all.length} runs of code ${codeVersion()}`);
  await workOff(
    all.filter(({ one }) => one.alone !== true),
    Number(values.worlds),
  );
  const alone = all.filter(({ one }) => one.alone === true);
  if (alone.length > 0) await waitAlone();
  await workOff(alone, 1);
}
const wrong = writePage(folder);
say(`docs/proof.md is written; ${wrong.length} wrong, ${notRun.length} not run`);
for (const name of [...wrong, ...notRun]) process.stderr.write(`matrix:   ${name}\n`);
process.exit(wrong.length + notRun.length > 0 ? 1 : 0);
