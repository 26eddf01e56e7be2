import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { boundedRequest } from '../adapters/http/request.ts';
import { createCatalog } from '../adapters/k8s/catalog.ts';
import { createSessions } from '../adapters/k8s/sessions.ts';
import { createClock } from '../adapters/local/clock.ts';
import { createDraftFolder } from '../adapters/local/draft-folder.ts';
import type { ClusterCatalog, DraftFolder } from '../ports.ts';

/** A cluster to search, and a folder for what is found. */
export async function withCatalog<T>(
  { context, out }: { readonly context: string | null; readonly out: string },
  work: (catalog: ClusterCatalog, folder: DraftFolder) => Promise<T>,
): Promise<T> {
  const clock = createClock();
  const sessions = createSessions({ clock, env: process.env, home: homedir() });
  try {
    const session = await sessions.open({ path: null, context });
    return await work(createCatalog({ session, clock, request: boundedRequest }), createDraftFolder(out));
  } finally {
    await sessions.close();
  }
}

/** A page or manifest of this version, in a clone as in the package. */
export function ownText(path: string): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const file = join(folder, path);
    if (existsSync(file)) return readFileSync(file, 'utf8');
    if (folder === dirname(folder)) throw new Error(`${path} is missing in this installation`);
  }
}
