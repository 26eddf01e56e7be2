import { dirname, join } from 'node:path';
import { textOf } from './tree.ts';

export interface Import {
  /** The file that is imported, from the root; packages and Node's own modules are left out. */
  readonly file: string;
  /** What is taken from it; null is all of it. */
  readonly names: readonly string[] | null;
  /** At once, or only when the code gets there. */
  readonly when: 'load' | 'run';
}

const AT_LOAD =
  /^(?:import|export)\s+(?:type\s+)?(?:\{(?<names>[^}]*)\}|\*(?:\s+as\s+\w+)?)\s+from\s+'(?<from>\.[^']+)'|^import\s+'(?<bare>\.[^']+)'/gm;
const AT_RUN =
  /(?:\{(?<names>[^{}]*)\}\s*=\s*await\s+|(?<member>\(await\s+))?\bimport\('(?<from>\.[^']+)'\)(?:\)\.(?<name>\w+))?/g;

/** The relative imports of one file, as Biome formats them; the gate's test sees to it that none is computed. */
export function importsOf(file: string): readonly Import[] {
  const text = textOf(file);
  const path = (from: string) => join(dirname(file), from);
  const atLoad = [...text.matchAll(AT_LOAD)].map(({ groups = {} }): Import => {
    const { names, from, bare } = groups;
    return {
      file: path(from ?? bare ?? ''),
      names: names === undefined ? null : listOf(names),
      when: 'load',
    };
  });
  const atRun = [...text.matchAll(AT_RUN)].map(({ groups = {} }): Import => {
    const { names, member, name, from } = groups;
    const taken =
      names !== undefined ? listOf(names) : member !== undefined && name !== undefined ? [name] : null;
    return { file: path(from ?? ''), names: taken, when: 'run' };
  });
  return [...atLoad, ...atRun];
}

/** `a, type B, c as d, e: f` are a, B, c and e. */
function listOf(names: string): string[] {
  return names.split(',').flatMap((one) => /^\s*(?:type\s+)?(\w+)/.exec(one)?.[1] ?? []);
}

/** Everything that comes with a file, itself included. */
export function closureOf(file: string, when: readonly Import['when'][]): ReadonlySet<string> {
  const known = new Set<string>();
  const visit = (one: string) => {
    if (known.has(one)) return;
    known.add(one);
    for (const next of importsOf(one)) if (when.includes(next.when)) visit(next.file);
  };
  visit(file);
  return known;
}
