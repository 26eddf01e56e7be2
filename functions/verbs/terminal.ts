import { createOutput, isColored, type Terminal } from '../commands/output.ts';
import type { SayOptions } from './options.ts';

/** stdout and stderr of this process as a command may use them. */
export function terminalOf({ json = false, color }: SayOptions): Terminal {
  const people = json ? process.stderr : process.stdout;
  return createOutput({
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    json,
    colored: color && isColored(process.env, people.isTTY === true),
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
    mark: () => crypto.getRandomValues(new Uint32Array(4)).join(''),
  });
}
