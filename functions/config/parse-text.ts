import type { BadDocument, Problem, Target } from '../core/target.ts';
import { type DocumentOrigin, targetOf } from './parse.ts';
import { CHANNELS_ID, channelOf, channelsOf, type ParsedChannels } from './parse-channels.ts';
import { readText } from './read-text.ts';

/** Text → target, or everything that is wrong with it at once. */
export function parseTarget(text: string, origin: DocumentOrigin): Target | BadDocument {
  const read = readText(text, origin.format);
  if (read.kind === 'read') return targetOf(read.value, origin);
  return { id: origin.defaultId, source: origin.source, problems: read.problems };
}

/** A file with `channels:` → its channels by name. */
export function parseChannelFile(text: string, origin: Omit<DocumentOrigin, 'defaultId'>): ParsedChannels {
  const read = readText(text, origin.format);
  return read.kind === 'read' ? channelsOf(read.value, origin) : rejected(origin.source, read.problems);
}

/** One channel on its own: the name is the document's. */
export function parseChannel(text: string, origin: DocumentOrigin): ParsedChannels {
  const read = readText(text, origin.format);
  return read.kind === 'read' ? channelOf(read.value, origin) : rejected(origin.source, read.problems);
}

const rejected = (source: string, problems: readonly Problem[]): ParsedChannels => ({
  channels: [],
  bad: { id: CHANNELS_ID, source, problems },
});
