import type { Channel } from '../core/channel.ts';
import type { BadDocument, Problem } from '../core/target.ts';
import { literalOrReference, type ResolvePath } from './build.ts';
import type { ChannelForm } from './channel-form.ts';
import { CHANNEL_TYPES, formOf } from './channel-schema.ts';
import { isMap, NAME, NAME_FORM } from './form.ts';
import type { DocumentOrigin } from './parse.ts';
import { type MayShow, nearest, pathText, problemsOf, show, unknownKey } from './problems.ts';
import { type Remote, remoteChannelProblems } from './remote.ts';
import { ROUTING_KEYS, rulesOf } from './routing-schema.ts';

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
    else channels.push(buildChannel(name, value, origin.resolvePath ?? ((path) => path)));
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
  const form = formOf(value.type);
  if (form === null) return [...named, unknownType([...path, 'type'], value.type)];
  const parsed = form.schema.safeParse(value);
  const issues = parsed.success ? [] : parsed.error.issues;
  const placed = issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
  const formProblems = problemsOf(placed, { channels: { [name]: value } }, mayShow);
  const places = new Set(formProblems.map((one) => one.path));
  const further = remote === undefined ? [] : remoteChannelProblems(path, value, remote);
  return [...named, ...formProblems, ...further.filter((one) => !places.has(one.path))];
}

function unknownType(path: readonly string[], type: unknown): Problem {
  const expected = `one of ${CHANNEL_TYPES.join(', ')}`;
  const didYouMean = typeof type === 'string' ? nearest(type, CHANNEL_TYPES) : null;
  return { path: pathText(path), found: show(type, mayShow(path, type)), expected, didYouMean };
}

/** Nearly all of a channel is secret, and so is what stands in the wrong place of one; which alerts it takes is not. */
const mayShow: MayShow = (path, found) =>
  (path.at(-1) === 'type' && /^[a-z_-]{1,20}$/i.test(String(found))) ||
  ROUTING_KEYS.includes(String(path[2]));

function problem(path: readonly string[], found: unknown, expected: string, isWords = false): Problem {
  return {
    path: pathText(path),
    found: isWords ? String(found) : show(found, false),
    expected,
    didYouMean: null,
  };
}

/** `value` is right in form. */
function buildChannel(name: string, value: unknown, resolvePath: ResolvePath): Channel {
  const document = value as Readonly<Record<string, string | readonly string[]>>;
  const { type, endpoint } = document;
  const form = formOf(type);
  const own = Object.entries(document).filter(
    ([key]) => key !== 'type' && key !== 'endpoint' && !ROUTING_KEYS.includes(key),
  );
  const settings = own.map(([key, found]) => [key, settingOf(form, key, found, resolvePath)]);
  return {
    name,
    type: String(type),
    endpoint: typeof endpoint === 'string' ? endpoint : null,
    settings: Object.fromEntries(settings),
    rules: rulesOf(document as Parameters<typeof rulesOf>[0], form?.refreshEveryMs ?? null),
  };
}

/** Whether the document holds a secret itself, where a reference would only name its place. */
export function hasLiteralSecret({ type, settings }: Channel): boolean {
  return Object.keys(formOf(type)?.secrets ?? {}).some((key) => typeof settings[key] === 'string');
}

function settingOf(
  form: ChannelForm | null,
  key: string,
  found: string | readonly string[],
  resolvePath: ResolvePath,
) {
  const isSecret = form !== null && Object.hasOwn(form.secrets, key);
  return isSecret && typeof found === 'string' ? literalOrReference(found, resolvePath) : found;
}

function rejected(source: string, problems: readonly Problem[]): ParsedChannels {
  return { channels: [], bad: { id: CHANNELS_ID, source, problems } };
}
