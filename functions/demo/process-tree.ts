import { execFile } from 'node:child_process';
import { promises as fs } from 'node:fs';
import { promisify } from 'node:util';

/** The ids of all processes below this one. */
export async function descendants(root: number): Promise<readonly number[]> {
  const parents = process.platform === 'linux' ? await parentsFromProc() : await parentsFromPs();
  const below: number[] = [root];
  // The list grows while it is walked: children are appended behind their parent.
  for (const pid of below) {
    for (const [child, parent] of parents) if (parent === pid) below.push(child);
  }
  return below.slice(1);
}

/** Slim containers have no `ps`. */
async function parentsFromProc(): Promise<readonly (readonly [number, number])[]> {
  const pids = (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid): Promise<readonly [number, number] | null> => {
      // A process that ended meanwhile has no parent any more.
      const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // `pid (name) state ppid …`; the name may hold spaces and parentheses.
      const parent = /^\d+ \(.*\) \S (\d+)/s.exec(stat)?.[1];
      return parent === undefined ? null : [Number(pid), Number(parent)];
    }),
  );
  return found.filter((pair) => pair !== null);
}

async function parentsFromPs(): Promise<readonly (readonly [number, number])[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0]) => [pid, parent] as const);
}
