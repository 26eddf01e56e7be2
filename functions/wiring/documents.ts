import { createClock } from '../adapters/local/clock.ts';
import { createFileTargets } from '../adapters/local/file-targets.ts';
import { createFolderDocuments } from '../adapters/local/folder-documents.ts';
import { describeBadDocument, describeProblem } from '../config/describe.ts';
import { type Remote, remoteChannelProblems, remoteTargetProblems } from '../config/remote.ts';
import { WatchdogError } from '../core/errors.ts';
import type { DocumentStore, StoredDocument } from '../ports.ts';
import { type Settings, targetsRef, usage } from './settings.ts';

export interface Documents {
  readonly files: DocumentStore;
  readonly ssm: DocumentStore;
  /** Why the files are not fit for the function, one line each. */
  readonly problems: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** The two sides of `targets push` and `targets pull`. */
export async function openDocuments(
  places: { readonly files: string; readonly ssm: string },
  remote: Pick<Settings, 'channelHosts'>,
): Promise<Documents> {
  const files = targetsRef(places.files);
  const ssm = targetsRef(places.ssm);
  if (files.kind !== 'files')
    throw usage('--targets', places.files, 'a file or folder here; --ssm names the place in SSM');
  if (ssm.kind !== 'ssm') throw usage('--ssm', places.ssm, 'ssm:/PREFIX, such as ssm:/scheduler-watchdog');
  const { createAws } = await import('./aws.ts');
  const aws = createAws(createClock());
  const folder = createFolderDocuments(files.path);
  return {
    files: folder,
    ssm: aws.documents(ssm.prefix),
    async problems() {
      const { bad } = await createFileTargets(files.path).load();
      const documents = await folder.list().catch((error: unknown) => {
        // A file that cannot be read is among the bad ones already.
        if (bad.length === 0 || !(error instanceof WatchdogError)) throw error;
        return [];
      });
      return [...bad.map(describeBadDocument), ...documents.flatMap((one) => unfit(one, remote))];
    },
    close: () => aws.close(),
  };
}

/** What the function would refuse for where it comes from, though it is right in a file. */
function unfit({ name, text }: StoredDocument, remote: Remote): readonly string[] {
  const value: unknown = JSON.parse(text);
  const problems = name.startsWith('targets/')
    ? remoteTargetProblems(value)
    : remoteChannelProblems([], value, remote);
  return problems.map((problem) => `${name}: ${describeProblem(problem)}`);
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
