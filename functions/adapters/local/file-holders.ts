import { realpathSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { quote } from '../../core/redact.ts';

/** The other processes of this machine that have a file open; null where the system does not tell (only Linux does). */
export async function holdersOf(path: string): Promise<readonly string[] | null> {
  let real: string;
  let ids: readonly string[];
  try {
    real = realpathSync(path);
    ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  } catch {
    return null;
  }
  if (ids.length === 0) return null;
  const held = await Promise.all(
    ids.map(async (id) => ((await hasOpen(id, real)) ? await nameOf(id) : null)),
  );
  return held.filter((name) => name !== null);
}

/** What belongs to somebody else, or ended meanwhile, tells nothing. */
async function hasOpen(id: string, path: string): Promise<boolean> {
  const folder = `/proc/${id}/fd`;
  const open = await readdir(folder).catch(() => []);
  const places = await Promise.all(open.map((one) => readlink(`${folder}/${one}`).catch(() => '')));
  return places.includes(path);
}

async function nameOf(id: string): Promise<string> {
  const words = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
  return `process ${id} (${quote(words.replaceAll('\0', ' '), 80)})`;
}
