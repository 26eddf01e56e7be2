import { createClock } from '../adapters/local/clock.ts';
import { createFileTargets } from '../adapters/local/file-targets.ts';
import { createFolderDocuments } from '../adapters/local/folder-documents.ts';
import { describeBadDocument } from '../config/describe.ts';
import { WatchdogError } from '../core/errors.ts';
import type { Target } from '../core/target.ts';
import type { DocumentStore } from '../ports.ts';
import { targetsRef, usage } from './settings.ts';

export interface Documents {
  readonly files: DocumentStore;
  readonly ssm: DocumentStore;
  /** Why the files are not fit for the function, one line each. */
  readonly problems: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** The two sides of `targets push` and `targets pull`. */
export async function openDocuments(places: {
  readonly files: string;
  readonly ssm: string;
}): Promise<Documents> {
  const files = targetsRef(places.files);
  const ssm = targetsRef(places.ssm);
  if (files.kind !== 'files')
    throw usage('--targets', places.files, 'a file or folder here; --ssm names the place in SSM');
  if (ssm.kind !== 'ssm') throw usage('--ssm', places.ssm, 'ssm:/PREFIX, such as ssm:/scheduler-watchdog');
  const { createAws } = await import('./aws.ts');
  const aws = createAws(createClock());
  return {
    files: createFolderDocuments(files.path),
    ssm: aws.documents(ssm.prefix),
    async problems() {
      const { targets, bad } = await createFileTargets(files.path).load();
      return [...bad.map(describeBadDocument), ...targets.flatMap(unfit)];
    },
    close: () => aws.close(),
  };
}

/** Files of this machine are not there for the function. */
function unfit({ id, cluster, database }: Target): readonly string[] {
  return [
    cluster.kind === 'kubeconfig' && `${id}: cluster is a kubeconfig; the function needs { eks, region }`,
    database?.secret.scheme === 'file' &&
      `${id}: database.secret is a file; the function needs ssm: or secretsmanager:`,
  ].filter((problem) => problem !== false);
}

/** One bad document stops a push as a whole: half a push is worse than none. */
export function refuseUnfit(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new WatchdogError({
    code: 'WD_TARGET_INVALID',
    what: `not fit for the function:\n${problems.join('\n')}\n`,
    notDone: 'nothing was written or removed',
    run: 'Mend them; `scheduler-watchdog targets validate` checks the rest.',
  });
}
