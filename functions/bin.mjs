#!/usr/bin/env node
// Starts the command line on a Node that runs TypeScript: this one, or the one that `npm ci` put beside us.
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { endWithLauncher, ownNode, refuseThisNode, run } from './own-node.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const node = ownNode();
if (node === process.execPath) {
  endWithLauncher();
  // Types are stripped once and not at every start; where the folder is read-only, at every start.
  module.enableCompileCache(here('../node_modules/.cache/scheduler-watchdog'));
  const { main } = await import('./cli.ts');
  await main(process.argv.slice(2));
} else if (node === null) refuseThisNode();
else {
  // A signal of our own: a terminal and a supervisor send theirs to both of us, and the second one of a kind means "at once".
  const sent = { SIGINT: 'SIGUSR2', SIGTERM: 'SIGUSR2', SIGHUP: 'SIGHUP' };
  run(node, [here('./bin.mjs'), ...process.argv.slice(2)], node, sent, { lifeline: true });
}
