/** Two of these commands may run beside each other on one rig; what hurts all worlds waits until it is alone. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RIG_HOME, until } from '../rig/rig.ts';

const folder = join(RIG_HOME, 'run');
const fileOf = (pid: number) => join(folder, `matrix-${pid}`);

export function announce(): void {
  writeFileSync(fileOf(process.pid), '');
  process.once('exit', () => rmSync(fileOf(process.pid), { force: true }));
}

export async function waitAlone(): Promise<void> {
  await until(
    'the end of the other matrix on this rig',
    7_200,
    () => others().length === 0 || undefined,
    5_000,
  );
}

function others(): number[] {
  const pids = readdirSync(folder).flatMap((name) => /^matrix-(\d+)$/.exec(name)?.[1] ?? []);
  return pids.map(Number).filter((pid) => pid !== process.pid && existsSync(`/proc/${pid}`));
}
