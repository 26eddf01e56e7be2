import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { type DocumentOrigin, isBad, targetOf } from '../../config/parse.ts';
import { channelOf, hasLiteralSecret, type ParsedChannels } from '../../config/parse-channels.ts';
import type { Remote } from '../../config/remote.ts';
import { type Loaded, listOf } from '../../config/side-by-side.ts';
import type { Channel } from '../../core/channel.ts';
import { WatchdogError } from '../../core/errors.ts';
import type { BadDocument, Target } from '../../core/target.ts';
import { type EpochMs, HOUR_MS } from '../../core/time.ts';
import type {
  Clock,
  DocumentStore,
  StaleList,
  StateStore,
  StoredDocument,
  TargetList,
  TargetSource,
} from '../../ports.ts';

/** Beside the documents of targets and fleet; target ids begin with a letter or digit, so they never meet. */
export const LAST_GOOD_KEY = '#target-list';
/** An unchanged list is confirmed this often, so that its age means something and a tick seldom writes. */
const CONFIRM_EVERY_MS = HOUR_MS;
/** An older list is no list: whoever cannot read SSM for a day has lost the right to, not the connection. */
const STALE_MOST_MS = 24 * HOUR_MS;

export interface SsmTargetsOptions extends Remote {
  readonly documents: DocumentStore;
  readonly clock: Pick<Clock, 'now'>;
  /** Where the last good list is kept for the next cold start; null keeps it in this process alone. */
  readonly state: Pick<StateStore, 'load' | 'save'> | null;
}

interface LastGood {
  readonly readAt: EpochMs;
  readonly documents: readonly StoredDocument[];
}

/** Targets and channels from SSM; when SSM cannot be read, the last list that could, marked as stale. */
export function createSsmTargets({ documents, clock, state, channelHosts }: SsmTargetsOptions): TargetSource {
  let lastGood: LastGood | null = null;
  let kept: { readonly json: string; readonly at: EpochMs } | null = null;
  const parsed = new Map<string, { readonly text: string; readonly loaded: Loaded }>();

  /** Only what has changed is parsed anew. */
  async function loadedFrom(document: StoredDocument): Promise<Loaded> {
    const known = parsed.get(document.name);
    if (known?.text === document.text) return known.loaded;
    const loaded = await loadDocument(document, documents.placeOf(document.name), { channelHosts });
    parsed.set(document.name, { text: document.text, loaded });
    return loaded;
  }

  /** What cannot be kept now is kept by the next tick; a list that was read is worth more than its copy. */
  async function keep(list: LastGood): Promise<void> {
    if (state === null) return;
    const keepable: StoredDocument[] = [];
    for (const document of list.documents) if (mayBeKept(await loadedFrom(document))) keepable.push(document);
    const json = JSON.stringify(keepable);
    if (kept?.json === json && clock.now() - kept.at < CONFIRM_EVERY_MS) return;
    try {
      const stored = await state.load(LAST_GOOD_KEY);
      const text = (await promisify(gzip)(json)).toString('base64');
      await state.save(LAST_GOOD_KEY, { schema: 1, readAt: list.readAt, text }, stored?.version ?? 0);
      kept = { json, at: clock.now() };
    } catch (error) {
      if (!(error instanceof WatchdogError)) throw error;
    }
  }

  async function fallback(error: unknown): Promise<TargetList> {
    if (!(error instanceof WatchdogError)) throw error;
    lastGood ??= state === null ? null : await restore(state);
    const ageMs = lastGood === null ? Number.POSITIVE_INFINITY : clock.now() - lastGood.readAt;
    if (lastGood === null || ageMs > STALE_MOST_MS) throw error;
    const stale: StaleList = { readAt: lastGood.readAt, why: error.explained.what };
    return { ...listOf(await Promise.all(lastGood.documents.map(loadedFrom))), stale };
  }

  let channels: readonly Channel[] = [];
  const remembered = (list: TargetList): TargetList => {
    if (list.channels.length > 0) channels = list.channels;
    return list;
  };
  return {
    lastChannels: () => channels,
    async load() {
      let read: readonly StoredDocument[];
      try {
        read = await documents.list();
      } catch (error) {
        return remembered(await fallback(error));
      }
      lastGood = { readAt: clock.now(), documents: read };
      // An empty list is refused by the flow; it must not replace the memory of a full one.
      if (read.length > 0) await keep(lastGood);
      return remembered(listOf(await Promise.all(read.map(loadedFrom))));
    },
  };
}

async function restore(state: Pick<StateStore, 'load'>): Promise<LastGood | null> {
  const stored = await state.load(LAST_GOOD_KEY);
  const body = stored?.body as { schema?: number; readAt?: number; text?: string } | undefined;
  if (body?.schema !== 1 || typeof body.text !== 'string' || typeof body.readAt !== 'number') return null;
  const json = (await promisify(gunzip)(Buffer.from(body.text, 'base64'))).toString('utf8');
  return { readAt: body.readAt, documents: JSON.parse(json) };
}

async function loadDocument({ name, text }: StoredDocument, source: string, remote: Remote): Promise<Loaded> {
  const at = name.indexOf('/');
  const origin = { format: 'json' as const, source, defaultId: name.slice(at + 1), remote };
  const value = plainJson(text);
  const isChannel = name.slice(0, at) === 'channels';
  if (value === undefined) return loadOther(text, isChannel, origin);
  return isChannel
    ? loadedChannel(channelOf(value, origin), source)
    : loadedTarget(targetOf(value, origin), source);
}

/** For what is no plain JSON: the YAML parser, a large part of a cold start, loads only here; it knows what is wrong, and where. */
async function loadOther(text: string, isChannel: boolean, origin: DocumentOrigin): Promise<Loaded> {
  const { parseChannel, parseTarget } = await import('../../config/parse-text.ts');
  const format = text.trimStart().startsWith('{') ? 'json' : 'yaml';
  return isChannel
    ? loadedChannel(parseChannel(text, { ...origin, format }), origin.source)
    : loadedTarget(parseTarget(text, { ...origin, format }), origin.source);
}

/** The value of a JSON text in which no key stands twice; JSON.parse takes the last of two without a word. */
function plainJson(text: string): unknown {
  let keys = 0;
  try {
    const value = JSON.parse(text, function count(this: unknown, key, inner) {
      if (!Array.isArray(this) && key !== '') keys += 1;
      return inner;
    });
    const colons = text.replace(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;
    return keys === colons ? value : undefined;
  } catch {
    return undefined;
  }
}

const loadedChannel = ({ channels, bad }: ParsedChannels, source: string): Loaded => ({
  targets: [],
  channels: channels.map((channel) => ({ channel, source })),
  bad: bad === null ? [] : [bad],
});

const loadedTarget = (parsed: Target | BadDocument, source: string): Loaded =>
  isBad(parsed)
    ? { targets: [], channels: [], bad: [parsed] }
    : { targets: [{ target: parsed, source }], channels: [], bad: [] };

/** The table never gets a secret: no channel with a literal one, and no document that may hide one in a wrong place. */
function mayBeKept({ channels, bad }: Loaded): boolean {
  if (bad.length > 0) return false;
  return !channels.some(({ channel }) => hasLiteralSecret(channel));
}
