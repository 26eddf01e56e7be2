import type { BuildOptions } from 'esbuild';

/** How everything that runs packed is packed. */
export declare const packing: BuildOptions;
