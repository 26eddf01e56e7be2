// A child process of the demo that cleans up when the demo itself was killed (`kill -9`, out of memory, a closed terminal). A
// stopped process cannot notice that its parent is gone, and Postgres does not care; this one does both.
import { promises as fs } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** One line each: what to end, what needs no ending any more, and that all is done. */
export type KeeperLine =
  | { readonly watch: number }
  | { readonly forget: number }
  /** The postmaster's pid file and the demo's folder. */
  | { readonly postmaster: string }
  | { readonly folder: string }
  | { readonly done: true };

const pids = new Set<number>();
let postmaster: string | null = null;
let folder: string | null = null;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

for await (const line of createInterface(process.stdin)) {
  const order = JSON.parse(line) as KeeperLine;
  if ('watch' in order) pids.add(order.watch);
  if ('forget' in order) pids.delete(order.forget);
  if ('postmaster' in order) postmaster = order.postmaster;
  if ('folder' in order) folder = order.folder;
  if ('done' in order) process.exit(0);
}

// The pipe broke without a word: the demo is dead.
for (const pid of pids) kill(pid, 'SIGKILL');
if (postmaster !== null) await endPostgres(postmaster);
if (folder !== null) await fs.rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });

async function endPostgres(file: string): Promise<void> {
  const pid = Number((await fs.readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!(pid > 1)) return;
  // SIGQUIT: the postmaster ends its own children first.
  kill(pid, 'SIGQUIT');
  for (let waited = 0; waited < 5_000 && kill(pid, 0); waited += 100) await sleep(100);
}

function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
