#!/usr/bin/env node
// The beginning of the packed command line. Plain JavaScript that old Nodes can read, so that they end with words.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const NEEDED = [22, 19];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  const what = `this is Node ${process.versions.node}, but Node ${NEEDED.join('.')} or newer is needed`;
  const notDone = 'nothing was done';
  const run = `Install Node ${NEEDED[0]} (${NEEDED.join('.')} or newer) or 24, such as from https://nodejs.org/.`;
  if (process.argv.includes('--json'))
    console.log(JSON.stringify({ error: { code: 'WD_USAGE', what, notDone, run } }));
  console.error(`WD_USAGE: ${what}; ${notDone}. ${run}`);
  process.exit(2);
}
// Node 22 calls its SQLite experimental with every command that keeps a state.
const { emitWarning } = process;
process.emitWarning = (/** @type {any} */ warning, /** @type {any[]} */ ...rest) => {
  if (!String(warning).startsWith('SQLite is an experimental')) emitWarning.call(process, warning, ...rest);
};
// Compiled once and not at every start; where the folder is read-only, at every start.
module.enableCompileCache(fileURLToPath(new URL('../.cache/scheduler-watchdog', import.meta.url)));
const { main } = await import('./dist/cli.mjs');
await main(process.argv.slice(2));
