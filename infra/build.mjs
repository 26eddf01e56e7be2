// Packs what the function runs into dist/: ESM, split so that drivers and parsers load only where they are used.
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { isMain } from './is-main.mjs';

/**
 * undici carries each of its parsers twice, for processors with and without SIMD. Every Lambda has it; without the second
 * copies the package is a seventh smaller.
 * @type {import('esbuild').Plugin}
 */
const withSimdOnly = {
  name: 'with-simd-only',
  setup({ onLoad }) {
    onLoad({ filter: /undici[\\/]lib[\\/](llhttp[\\/]llhttp-wasm|milo[\\/]no-simd)\.js$/ }, () => ({
      contents: 'module.exports = undefined;',
    }));
  },
};

/** @satisfies {import('esbuild').BuildOptions} */
export const packing = {
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: /** @type {const} */ ('esm'),
  mainFields: ['module', 'main'],
  external: ['pg-native'],
  plugins: [withSimdOnly],
  // CommonJS packages in the bundle ask for `require`.
  banner: {
    js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
  },
  logLevel: /** @type {const} */ ('warning'),
};

if (isMain(import.meta.url)) {
  await rm('dist', { recursive: true, force: true });
  const { metafile } = await build({
    ...packing,
    entryPoints: { check: 'functions/check.ts', slack: 'functions/slack.ts', reader: 'functions/reader.ts' },
    outdir: 'dist',
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
  });
  for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
    if (file.endsWith('.mjs')) console.log(`${String(Math.round(bytes / 1024)).padStart(6)} KB  ${file}`);
  }
}
