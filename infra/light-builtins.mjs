// Node's own modules in the packed command line.
import { isBuiltin } from 'node:module';

/** As esbuild prints them without white space: a default or a namespace, names, or both. */
const IMPORT = /\bimport(?: ([\w$]+)|\*as ([\w$]+))?,?(?:\{([^}]*)\})?(?: ?from)?"([^"]+)";/g;

/**
 * An imported builtin has every export of it read, lazy ones too: node:util alone then loads its decoders, node:fs its streams. Asked
 * for in this way it gives what is used, which takes milliseconds off the start of each verb.
 * @param {string} code of one output
 * @param {readonly { readonly path: string, readonly kind: string, readonly external?: boolean }[]} imports of it, by the metafile
 */
export function withLightBuiltins(code, imports) {
  const wanted = new Set(
    imports
      .filter(({ path, kind }) => kind === 'import-statement' && isBuiltin(path))
      .map(({ path }) => path),
  );
  const seen = new Set();
  /** @type {string[]} */
  const asked = [];
  const rest = code.replaceAll(IMPORT, (statement, whole, star, names, from) => {
    if (!wanted.has(from)) return statement;
    seen.add(from);
    const builtin = `process.getBuiltinModule(${JSON.stringify(from)})`;
    for (const name of [whole, star]) if (name !== undefined) asked.push(`const ${name}=${builtin};`);
    if (names !== undefined) asked.push(`const{${names.replaceAll(' as ', ':')}}=${builtin};`);
    return '';
  });
  const missed = [...wanted].filter((path) => !seen.has(path));
  if (missed.length > 0) throw new Error(`the form of an import is new: ${missed.join(', ')}`);
  if (asked.some((line) => /[{,]default:/.test(line))) throw new Error('a default export asked for by name');
  // First of all, as imports are.
  const end = rest.indexOf('\n') + 1;
  return rest.slice(0, end) + asked.join('') + rest.slice(end);
}
