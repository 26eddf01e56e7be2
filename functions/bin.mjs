#!/usr/bin/env node
// Starts the command line on a Node that runs TypeScript: this one, or the one that `npm ci` put beside us.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
const own = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  const { main } = await import('./cli.ts');
  await main(process.argv.slice(2));
} else if (existsSync(own)) {
  const child = spawn(own, [cli, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 130));
} else {
  console.error(
    `WD_USAGE: this is Node ${process.versions.node}, but Node ${NEEDED} or newer is needed; nothing was done. ` +
      'Run `npm ci` in the project, which brings its own, or install Node 24.',
  );
  process.exit(2);
}
