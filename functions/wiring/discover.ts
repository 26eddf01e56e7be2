import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { boundedRequest } from '../adapters/http/request.ts';
import { createCatalog } from '../adapters/k8s/catalog.ts';
import { createSessions } from '../adapters/k8s/sessions.ts';
import { createClock } from '../adapters/local/clock.ts';
import { createDraftFolder } from '../adapters/local/draft-folder.ts';
import { WatchdogError } from '../core/errors.ts';
import type { FoundWorkload } from '../core/found-types.ts';
import { SECOND_MS } from '../core/time.ts';
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

/** The workloads of a cluster, or in words why it could not be searched; for who can go on without. */
export async function searchCluster(
  context: string | null,
  namespace: string | null,
): Promise<readonly FoundWorkload[] | string> {
  try {
    const look = await withCatalog({ context, out: '' }, (catalog) =>
      catalog.workloads(namespace, { deadlineMs: SEARCH_MS }),
    );
    return look.kind === 'answered' ? look.workloads : look.detail;
  } catch (error) {
    if (!(error instanceof WatchdogError)) throw error;
    return error.explained.what;
  }
}

const SEARCH_MS = 30 * SECOND_MS;

export const draftFolder = (path: string): DraftFolder => createDraftFolder(path);

/** A page or manifest of this version, in a clone as in the package. */
export function ownText(path: string): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const file = join(folder, path);
    if (existsSync(file)) return readFileSync(file, 'utf8');
    if (folder === dirname(folder)) throw new Error(`${path} is missing in this installation`);
  }
}
