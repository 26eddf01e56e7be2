import { promises as fs } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ReportStore } from '../../ports.ts';

/** Pages in a folder, each replaced at once, so that nobody reads half of one. */
export function createFolderReports(
  folder: string,
): Pick<ReportStore, 'put'> & { pathOf(name: string): string } {
  const pathOf = (name: string) => join(resolve(folder), safe(name));
  return {
    pathOf,
    async put(name, html) {
      const path = pathOf(name);
      await fs.mkdir(resolve(folder), { recursive: true, mode: 0o750 });
      const draft = `${path}.${process.pid}.new`;
      await fs.writeFile(draft, html, { mode: 0o640 });
      await fs.rename(draft, path);
    },
  };
}

/** Ids of targets are plain already; a name never leads out of the folder. */
const safe = (name: string): string => name.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_');
