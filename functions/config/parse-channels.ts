import type { BadDocument, Channel, Problem } from '../core/target.ts';
import { literalOrReference, type ResolvePath } from './build.ts';
import {
  CHANNEL_SCHEMAS,
  CHANNEL_TYPES,
  type ChannelDocument,
  PLANNED_CHANNEL_TYPES,
} from './channel-schema.ts';
import { isMap, NAME, NAME_FORM } from './form.ts';
import type { DocumentOrigin } from './parse.ts';
import { type MayShow, nearest, pathText, problemsOf, show, unknownKey } from './problems.ts';
import { type Remote, remoteChannelProblems } from './remote.ts';

/** Every channel document that cannot be used carries this id. */
export const CHANNELS_ID = 'channels';

export interface ParsedChannels {
  readonly channels: readonly Channel[];
  /** Null when nothing is wrong. One bad channel never loses the others. */
  readonly bad: BadDocument | null;
}

/** One channel on its own, as SSM holds it: the name is the parameter's. */
export function channelOf(value: unknown, origin: DocumentOrigin): ParsedChannels {
  return channelsOf({ channels: { [origin.defaultId]: value } }, origin);
}

/** True for a document whose only key is `channels` and holds a map: a list there belongs to a target. */
export function isChannelFile(document: unknown): boolean {
  if (!isMap(document)) return false;
  const keys = Object.keys(document).filter((key) => key !== '$schema');
  return keys.length === 1 && isMap(document.channels);
}

export function channelsOf(document: unknown, origin: Omit<DocumentOrigin, 'defaultId'>): ParsedChannels {
  const byName = isMap(document) ? document.channels : document;
  if (!isMap(document) || !isMap(byName)) {
    return rejected(origin.source, [
      problem(isMap(document) ? ['channels'] : [], byName, 'a map of channels by name'),
    ]);
  }
  const strangers = Object.keys(document).filter((key) => key !== 'channels' && key !== '$schema');
  const problems = strangers.map((key) => unknownKey([key], ['channels']));
  const channels: Channel[] = [];
  for (const [name, value] of Object.entries(byName)) {
    const found = problemsOfChannel(name, value, origin.remote);
    if (found.length > 0) problems.push(...found);
    else channels.push(buildChannel(name, value as ChannelDocument, origin.resolvePath ?? ((path) => path)));
  }
  return {
    channels,
    bad: problems.length === 0 ? null : { id: CHANNELS_ID, source: origin.source, problems },
  };
}

function problemsOfChannel(name: string, value: unknown, remote: Remote | undefined): readonly Problem[] {
  const path = ['channels', name];
  const named = NAME.test(name) ? [] : [problem(path, 'a name of another form', NAME_FORM, true)];
  if (!isMap(value))
    return [...named, problem(path, value, 'a map such as { type: slack, webhook: env:SLACK_WEBHOOK }')];
  const type = CHANNEL_TYPES.find((one) => one === value.type);
  if (type === undefined) return [...named, unknownType([...path, 'type'], value.type)];
  const parsed = CHANNEL_SCHEMAS[type].safeParse(value);
  const issues = parsed.success ? [] : parsed.error.issues;
  const placed = issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
  const formProblems = problemsOf(placed, { channels: { [name]: value } }, mayShow);
  const places = new Set(formProblems.map((one) => one.path));
  const further = remote === undefined ? [] : remoteChannelProblems(path, value, remote);
  return [...named, ...formProblems, ...further.filter((one) => !places.has(one.path))];
}

function unknownType(path: readonly string[], type: unknown): Problem {
  const isPlanned = PLANNED_CHANNEL_TYPES.some((planned) => planned === type);
  const expected = `${CHANNEL_TYPES.join(' or ')}${isPlanned ? `; ${type} is known in the contract but not built yet` : ''}`;
  const didYouMean = typeof type === 'string' && !isPlanned ? nearest(type, CHANNEL_TYPES) : null;
  return { path: pathText(path), found: show(type, mayShow(path, type)), expected, didYouMean };
}

/** Nearly all of a channel is secret, and so is what stands in the wrong place of one. */
const mayShow: MayShow = (path, found) => path.at(-1) === 'type' && /^[a-z_-]{1,20}$/i.test(String(found));

function problem(path: readonly string[], found: unknown, expected: string, isWords = false): Problem {
  return {
    path: pathText(path),
    found: isWords ? String(found) : show(found, false),
    expected,
    didYouMean: null,
  };
}

function buildChannel(name: string, document: ChannelDocument, resolvePath: ResolvePath): Channel {
  const endpoint = document.endpoint ?? null;
  return document.type === 'slack'
    ? { name, type: 'slack', webhook: literalOrReference(document.webhook, resolvePath), endpoint }
    : { name, type: 'pagerduty', routingKey: literalOrReference(document.routingKey, resolvePath), endpoint };
}

function rejected(source: string, problems: readonly Problem[]): ParsedChannels {
  return { channels: [], bad: { id: CHANNELS_ID, source, problems } };
}
