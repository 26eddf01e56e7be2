#!/usr/bin/env node
// Starts the command line on a Node that runs TypeScript: this one, or the one that `npm ci` put beside us.
import { fileURLToPath } from 'node:url';
import { ownNode, refuseThisNode, run } from './own-node.mjs';

const node = ownNode();
if (node === process.execPath) {
  const { main } = await import('./cli.ts');
  await main(process.argv.slice(2));
} else if (node === null) refuseThisNode();
else {
  // A signal of our own: a terminal and a supervisor send theirs to both of us, and the second one of a kind means "at once".
  run(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], node, () => 'SIGUSR2');
}
