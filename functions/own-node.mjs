// Finds a Node that runs TypeScript and starts things with it. Plain JavaScript, so that every Node from 20 on can read it.
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const NEEDED = 24;

/** What only a launcher needs costs the others nothing. */
const require = createRequire(import.meta.url);

/** This Node, or the one that `npm ci` put beside us; null where there is neither. */
export function ownNode() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED) return process.execPath;
  try {
    // Not by node_modules/.bin/node: npm 10 takes that link away together with the package of the other platform.
    const manifest = require.resolve(`node-${process.platform}-${process.arch}/package.json`);
    return join(dirname(manifest), 'bin', 'node');
  } catch {
    return null;
  }
}

/**
 * Runs a command to its end, with the given Node in front of its path, and ends as it did. `sent` says what it is sent for a signal
 * that comes here; null for what a terminal has sent to it already. `lifeline` is for a child that calls `endWithLauncher`.
 */
export function run(command, args, node, sent, { lifeline = false } = {}) {
  const PATH = [dirname(node), process.env.PATH ?? ''].join(delimiter);
  const child = require('node:child_process').spawn(command, args, {
    stdio: ['inherit', 'inherit', 'inherit', ...(lifeline ? ['pipe'] : [])],
    env: { ...process.env, PATH, ...(lifeline ? { [LIFELINE]: '3' } : {}) },
  });
  for (const [signal, passedOn] of Object.entries(sent))
    process.on(signal, () => passedOn !== null && child.kill(passedOn));
  child.on('error', (error) => fail(`${command} does not start on this machine (${error.code})`));
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));
}

const LIFELINE = 'WATCHDOG_LIFELINE';
/** What is under way may end in order; a tick that hangs may not keep a watch alive that nobody holds any more. */
const LAST_WORDS_MS = 10_000;

/** Ends this process with the launcher that `run` it, however that ends: the pipe between them closes with it. */
export function endWithLauncher() {
  const fd = Number(process.env[LIFELINE]);
  delete process.env[LIFELINE];
  if (!(fd > 2)) return;
  const { Socket } = require('node:net');
  const pipe = new Socket({ fd, readable: true, writable: false });
  const end = () => {
    if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(143);
    setTimeout(() => process.exit(143), LAST_WORDS_MS).unref();
  };
  pipe
    .on('error', () => {})
    .on('close', end)
    .resume()
    .unref();
}

export function refuseThisNode() {
  fail(`this is Node ${process.versions.node}, but Node ${NEEDED} or newer is needed`);
}

/** The contract's form of an error, also for those who asked for JSON. */
function fail(what) {
  const isServed = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
  const cure = isServed
    ? `Run \`npm ci\` in the project (optional dependencies included), which brings its own, or install Node ${NEEDED}.`
    : `Install Node ${NEEDED} here; the project brings its own only for Linux on x64 and arm64.`;
  const notDone = 'nothing was done';
  if (process.argv.includes('--json'))
    console.log(JSON.stringify({ error: { code: 'WD_USAGE', what, notDone, run: cure } }));
  console.error(`WD_USAGE: ${what}; ${notDone}. ${cure}`);
  process.exit(2);
}
