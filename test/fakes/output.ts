import type { Output } from '../../functions/commands/output.ts';

/** Keeps what a command says: `out` for stdout, `err` for stderr. */
export function recordedOutput(json = false) {
  const out: string[] = [];
  const err: string[] = [];
  const output: Output = {
    write: (line) => out.push(line),
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
