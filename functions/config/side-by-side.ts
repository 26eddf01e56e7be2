import type { Channel } from '../core/channel.ts';
import type { BadDocument, Problem, Target } from '../core/target.ts';
import { CHANNELS_ID } from './parse-channels.ts';
import { nearest, show } from './problems.ts';

/** What one document gave. */
export interface Loaded {
  readonly targets: readonly { readonly target: Target; readonly source: string }[];
  readonly channels: readonly { readonly channel: Channel; readonly source: string }[];
  readonly bad: readonly BadDocument[];
}

interface List {
  readonly targets: readonly Target[];
  readonly channels: readonly Channel[];
  readonly bad: readonly BadDocument[];
}

/** What only shows when all documents lie side by side. */
export function listOf(documents: readonly Loaded[]): List {
  const targets = documents.flatMap((one) => one.targets);
  const channels = documents.flatMap((one) => one.channels);
  const bad = documents.flatMap((one) => one.bad);
  const sameId = ({ target }: Loaded['targets'][number]) =>
    targets.filter((other) => other.target.id === target.id);
  const sameName = ({ channel }: Loaded['channels'][number]) =>
    channels.filter((other) => other.channel.name === channel.name);
  const doubleTargets = targets.flatMap((one) =>
    sameId(one)
      .filter((other) => other !== one)
      .slice(0, 1)
      .map((other) => ({
        id: one.target.id,
        source: one.source,
        problems: [taken('id', one.target.id, other.source)],
      })),
  );
  const doubleChannels = channels.flatMap((one) =>
    sameName(one)
      .filter((other) => other !== one)
      .slice(0, 1)
      .map((other) => ({
        id: CHANNELS_ID,
        source: one.source,
        problems: [taken(`channels.${one.channel.name}`, one.channel.name, other.source)],
      })),
  );
  const names = channels.map(({ channel }) => channel.name);
  return {
    targets: targets.filter((one) => sameId(one).length === 1).map(({ target }) => target),
    channels: channels.filter((one) => sameName(one).length === 1).map(({ channel }) => channel),
    bad: [...bad, ...doubleTargets, ...doubleChannels, ...strangers(targets, names, bad)],
  };
}

const taken = (path: string, name: string, otherSource: string): Problem => ({
  path,
  found: `${show(name)}, which ${otherSource} has too`,
  expected: 'a name that no other document has',
  didYouMean: null,
});

/** A target goes on being watched when it names a channel that does not exist; but somebody has to be told. */
function strangers(
  targets: Loaded['targets'],
  names: readonly string[],
  bad: readonly BadDocument[],
): readonly BadDocument[] {
  // With a channel document in trouble its channels look missing, and that trouble is told already.
  if (bad.some(({ id }) => id === CHANNELS_ID)) return [];
  return targets.flatMap(({ target, source }) => {
    const unknown = (target.channels ?? []).filter((name) => !names.includes(name));
    const expected =
      names.length === 0 ? 'a channel; none is configured, see channels.yaml' : `one of ${names.join(', ')}`;
    const problems = unknown.map((name) => ({
      path: 'channels',
      found: show(name),
      expected,
      didYouMean: nearest(name, names),
    }));
    return problems.length === 0 ? [] : [{ id: CHANNELS_ID, source, problems }];
  });
}
