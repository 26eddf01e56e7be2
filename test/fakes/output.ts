import type { Output } from '../../functions/commands/output.ts';
import { OUTPUT_LINES, type Printing } from '../../functions/config/output-schema.ts';

/**
 * Keeps what a command says: `out` for stdout, `err` for stderr.
 * @param verb whose JSON lines are printed; each has to be one that docs/output.schema.json knows. `made-up`: a test made the
 * half of an entry that it needs. null: words for people
 */
export function recordedOutput(verb: Printing | 'made-up' | null = null) {
  const json = verb !== null;
  const out: string[] = [];
  const err: string[] = [];
  const output: Output = {
    write: (line) => {
      if (json && verb !== 'made-up' && !OUTPUT_LINES[verb].safeParse(JSON.parse(line)).success)
        throw new Error(`no line of ${verb} that docs/output.schema.json knows: ${line}`);
      out.push(line);
    },
    note: (line) => err.push(line),
    json,
    style: (_, text) => text,
  };
  return {
    output,
    out,
    err,
    text: () => out.map((line) => `${line}\n`).join(''),
    lines: () => out.map((line): unknown => JSON.parse(line)),
  };
}
