import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Batch } from './batch.ts';
import { LAWS } from './laws/all.ts';
import { figuresOf } from './print.ts';

export const PROOF = join(resolve(import.meta.dirname, '../..'), 'docs/proof.md');
const HEAD = `# Proof: what was run, and what came out

Each section is written by the command that it names; nothing here is written by hand.
`;

/** Replaces one section of docs/proof.md, between its two marks, or adds it. */
export function writeSection(name: string, text: string): void {
  const before = existsSync(PROOF) ? readFileSync(PROOF, 'utf8') : HEAD;
  const [from, to] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const section = `${from}\n\n${text.trim()}\n\n${to}\n`;
  const [start, end] = [before.indexOf(from), before.indexOf(to)];
  const after =
    start === -1 || end === -1
      ? `${before}\n${section}`
      : before.slice(0, start) + section + before.slice(end + to.length + 1);
  writeFileSync(PROOF, after);
}

export async function writeProof(seed: number, batch: Batch): Promise<void> {
  const rows = figuresOf(batch).map(([name, value]) => `| ${name} | ${value} |`);
  const broken = new Set(batch.breaks.map(({ law }) => law));
  const laws = LAWS.map(
    ({ name }) =>
      `| ${name} | ${broken.has(name) ? batch.breaks.filter(({ law }) => law === name).length : 'held'} |`,
  );
  const kinds = Object.entries(batch.tally.episodes)
    .toSorted(([, a], [, b]) => b - a)
    .map(([kind, times]) => `${kind} ${times}`);
  writeSection(
    'simulator',
    [
      '## The simulator',
      '',
      'The real flow and the real core in simulated worlds, where all that is outside goes wrong by itself and at once',
      `(\`test/simulation/\`). Written by \`npm run simulate -- --ticks ${batch.tally.targetTicks} --seed ${seed} --proof\`.`,
      '',
      '| figure | value |',
      '|---|---|',
      ...rows,
      '',
      '| law | broken |',
      '|---|---|',
      ...laws,
      '',
      `Episodes by kind: ${kinds.join(', ')}.`,
    ].join('\n'),
  );
}
