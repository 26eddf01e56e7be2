// Fewer files in the packed command line: each costs a fifth of a millisecond at the start of a verb.
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** What runs nothing and opens nothing by being loaded. */
const PURE = /^functions\/(core|config|flow|commands)\//;

/**
 * esbuild makes a chunk of every set of entries that shares something, most of them a few lines long. What several verbs share is made
 * one chunk for each set of packages that it stands on, by letting every entry that needs a part of it need all of it. `main` stays as
 * it is: what help needs has to stay little. Does nothing until it has learned from a build.
 * @param {string} main
 */
export function fewerChunks(main) {
  /** @type {ReadonlyMap<string, readonly string[]>} */
  let added = new Map();
  /** @type {import('esbuild').Plugin} */
  const plugin = {
    name: 'fewer-chunks',
    setup({ onLoad, initialOptions: { absWorkingDir = '.' } }) {
      onLoad({ filter: /[\\/]functions[\\/].*\.ts$/ }, async ({ path }) => {
        const files = added.get(relative(absWorkingDir, path)) ?? [];
        if (files.length === 0) return undefined;
        const lines = files.map((file) => `import ${JSON.stringify(join(absWorkingDir, file))};\n`);
        return { contents: lines.join('') + (await readFile(path, 'utf8')), loader: 'ts' };
      });
    },
  };
  return {
    plugin,
    learn: (/** @type {import('esbuild').Metafile} */ metafile) => {
      added = additions(metafile, main);
    },
  };
}

/** What each entry has to import besides its own. */
function additions(
  /** @type {import('esbuild').Metafile} */ { inputs, outputs },
  /** @type {string} */ main,
) {
  const entries = new Set(Object.values(outputs).flatMap(({ entryPoint }) => entryPoint ?? []));
  const reach = reachIn(inputs);
  const always = reach(main);
  const shared = Object.values(outputs)
    .filter(({ entryPoint }) => entryPoint === undefined)
    .flatMap((output) => Object.keys(output.inputs))
    .filter((file) => PURE.test(file) && !always.has(file));
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const file of shared) {
    const packages = [...reach(file)].flatMap(
      (one) => /node_modules\/((@[^/]+\/)?[^/]+)/.exec(one)?.[1] ?? [],
    );
    const key = [...new Set(packages)].sort().join(' ');
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  const own = [...entries].filter((entry) => /^functions\/(?!demo\/)/.test(entry) && entry !== main);
  return new Map(
    own.map((entry) => {
      const needed = reach(entry);
      return [entry, [...groups.values()].filter((group) => group.some((file) => needed.has(file))).flat()];
    }),
  );
}

/** What a file brings when it is imported, itself among it. */
function reachIn(/** @type {import('esbuild').Metafile['inputs']} */ inputs) {
  return (/** @type {string} */ from) => {
    const seen = new Set([from]);
    for (const file of seen)
      for (const { path, kind } of inputs[file]?.imports ?? []) if (kind !== 'dynamic-import') seen.add(path);
    return seen;
  };
}
