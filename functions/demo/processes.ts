import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KeeperLine } from './keeper.ts';

/** Every process of the demo, by pid: whatever is started here is ended here, by id and never by name. */
export interface Processes {
  /** A program of this folder, with its standard input as its lifeline. */
  start(program: string, env: Readonly<Record<string, string>>): ChildProcess;
  /** A process that somebody else starts and ends, counted in the end. */
  count(pid: number): void;
  /** What is to go even if this process is killed. */
  entrust(line: KeeperLine): void;
  /** Ends what still runs, at once; resolves when the kernel has said so. */
  endAll(): Promise<void>;
  /** Every pid there ever was. */
  readonly pids: readonly number[];
  /** The pids that are still there. */
  left(): readonly number[];
}

/** Programs lie beside this file, as TypeScript in a clone and bundled in the package. */
const pathOf = (program: string) =>
  fileURLToPath(new URL(`./${program}${extname(import.meta.filename)}`, import.meta.url));

export function createProcesses(): Processes {
  const pids: number[] = [];
  const running = new Set<ChildProcess>();
  const keeper = spawn(process.execPath, [pathOf('keeper')], {
    // A group of its own: Ctrl-C and a closed terminal must not take it away first.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  keeper.stdin.on('error', () => {});
  if (keeper.pid !== undefined) pids.push(keeper.pid);
  const entrust = (line: KeeperLine) => void keeper.stdin.write(`${JSON.stringify(line)}\n`);

  return {
    pids,
    entrust,
    start(program, env) {
      const child = spawn(process.execPath, [pathOf(program)], {
        env: { ...env, NODE_NO_WARNINGS: '1' },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      child.stdin.on('error', () => {});
      running.add(child);
      child.once('exit', () => running.delete(child));
      if (child.pid !== undefined) {
        const { pid } = child;
        pids.push(pid);
        entrust({ watch: pid });
        child.once('exit', () => entrust({ forget: pid }));
      }
      return child;
    },
    count: (pid) => void pids.push(pid),
    async endAll() {
      await Promise.all([...running].map((child) => end(child, 'SIGKILL')));
      entrust({ done: true });
      if (keeper.exitCode === null && keeper.signalCode === null) await once(keeper, 'exit');
    },
    left: () => pids.filter(isAlive),
  };
}

/** SIGKILL reaches a stopped process, too; every other signal waits until it goes on. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, but somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
