import { createClock } from '../adapters/local/clock.ts';
import type { Clock, StateStore, TargetSource } from '../ports.ts';
import type { Aws } from './aws.ts';
import { type Lazy, lazy } from './lazy.ts';
import type { Settings } from './settings.ts';

export interface World {
  readonly clock: Clock;
  /** Keeps the last good list of SSM; null keeps it in this process alone. */
  readonly state: StateStore | null;
  readonly aws: Lazy<Aws>;
}

/** Where the documents are read from: files, or SSM, which loads AWS. */
export async function openTargets(
  { targets, channelHosts }: Pick<Settings, 'targets' | 'channelHosts'>,
  { clock, state, aws }: World,
): Promise<TargetSource> {
  if (targets.kind === 'files') {
    const { createFileTargets } = await import('../adapters/local/file-targets.ts');
    return createFileTargets(targets.path);
  }
  const { createSsmTargets } = await import('../adapters/aws/ssm-targets.ts');
  return createSsmTargets({ documents: (await aws()).documents(targets.prefix), clock, state, channelHosts });
}

/** The documents alone, for commands that look at nothing else. */
export async function withTargets<T>(
  settings: Pick<Settings, 'targets' | 'channelHosts'>,
  work: (source: TargetSource) => Promise<T>,
): Promise<T> {
  const clock = createClock();
  const aws = lazy(async () => (await import('./aws.ts')).createAws(clock));
  try {
    return await work(await openTargets(settings, { clock, state: null, aws }));
  } finally {
    await aws.made()?.close();
  }
}
