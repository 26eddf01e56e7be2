import type { BadDocument, Problem, Target } from '../core/target.ts';
import { type DocumentOrigin, isBad, targetOf } from './parse.ts';
import { CHANNELS_ID, channelOf, channelsOf, type ParsedChannels } from './parse-channels.ts';
import { located } from './places.ts';
import { type Read, readText } from './read-text.ts';

/** Text → target, or everything that is wrong with it at once. */
export function parseTarget(text: string, origin: DocumentOrigin): Target | BadDocument {
  return targetIn(readText(text, origin.format), origin);
}

export function targetIn(read: Read, origin: DocumentOrigin): Target | BadDocument {
  if (read.kind === 'unreadable')
    return { id: origin.defaultId, source: origin.source, problems: read.problems };
  const target = targetOf(read.value, origin);
  return isBad(target) ? located(target, read.placeOf) : target;
}

/** A file with `channels:` → its channels by name. */
export function parseChannelFile(text: string, origin: Omit<DocumentOrigin, 'defaultId'>): ParsedChannels {
  return channelsIn(readText(text, origin.format), origin);
}

export function channelsIn(read: Read, origin: Omit<DocumentOrigin, 'defaultId'>): ParsedChannels {
  if (read.kind === 'unreadable') return rejected(origin.source, read.problems);
  const parsed = channelsOf(read.value, origin);
  return parsed.bad === null ? parsed : { ...parsed, bad: located(parsed.bad, read.placeOf) };
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
