import { promises as fs } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type DocumentOrigin, isBad } from '../../config/parse.ts';
import { isChannelFile, type ParsedChannels } from '../../config/parse-channels.ts';
import { channelsIn, targetIn } from '../../config/parse-text.ts';
import { type Loaded, listOf } from '../../config/side-by-side.ts';
import type { Channel } from '../../core/channel.ts';
import { WatchdogError } from '../../core/errors.ts';
import type { TargetSource } from '../../ports.ts';
import { type Content, type DocumentFile, parseDocument, readContent } from './document-file.ts';

const CHANNEL_FILES = ['channels.json', 'channels.yaml', 'channels.yml'];
/** Names with a dot in front are editors' and Kubernetes' own. */
const DOCUMENT_FILE = /^[^.].*\.(ya?ml|json)$/;

/**
 * Targets and channels from one file, or from the *.yaml, *.yml and *.json of one folder. Read anew at every load; only
 * what has changed is parsed anew, since a thousand documents cost as much as a thousand polls.
 */
export function createFileTargets(path: string): TargetSource {
  const parsed = new Map<string, { readonly content: Content; readonly loaded: Loaded }>();
  async function loadedFrom(file: string): Promise<Loaded> {
    const content = await readContent(file);
    const known = parsed.get(file);
    if (known !== undefined && isSame(known.content, content)) return known.loaded;
    const loaded = loadDocument(parseDocument(file, content));
    parsed.set(file, { content, loaded });
    return loaded;
  }
  let channels: readonly Channel[] = [];
  return {
    async load() {
      const list = listOf(await Promise.all((await documentFilesOf(path)).map(loadedFrom)));
      if (list.channels.length > 0) channels = list.channels;
      return list;
    },
    lastChannels: () => channels,
  };
}

function isSame(one: Content, other: Content): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return Buffer.compare(one, other) === 0;
}

/** The files to read, sorted. Beside a single file, the channel file of its folder counts too. */
export async function documentFilesOf(path: string): Promise<readonly string[]> {
  try {
    const facts = await fs.stat(path);
    return facts.isDirectory() ? await filesInFolder(path) : [path, ...(await channelFilesBeside(path))];
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function filesInFolder(folder: string): Promise<readonly string[]> {
  const names = (await fs.readdir(folder)).filter((name) => DOCUMENT_FILE.test(name)).sort();
  const kinds = await Promise.all(names.map((name) => kindOf(join(folder, name))));
  return names.filter((_, at) => kinds[at] !== 'folder').map((name) => join(folder, name));
}

async function channelFilesBeside(path: string): Promise<readonly string[]> {
  const files = CHANNEL_FILES.map((name) => join(dirname(path), name)).filter((file) => file !== join(path));
  const kinds = await Promise.all(files.map(kindOf));
  return files.filter((_, at) => kinds[at] === 'other');
}

/** A link that leads nowhere is `absent`; reading it then says so. */
function kindOf(path: string): Promise<'folder' | 'other' | 'absent'> {
  return fs.stat(path).then(
    (facts) => (facts.isDirectory() ? 'folder' : 'other'),
    () => 'absent',
  );
}

function loadDocument({ path, origin, read }: DocumentFile): Loaded {
  if (CHANNEL_FILES.includes(basename(path)) || (read.kind === 'read' && isChannelFile(read.value)))
    return loadedChannels(channelsIn(read, origin), origin);
  const parsed = targetIn(read, origin);
  if (isBad(parsed)) return { targets: [], channels: [], bad: [parsed] };
  return { targets: [{ target: parsed, source: path }], channels: [], bad: [] };
}

function loadedChannels({ channels, bad }: ParsedChannels, { source }: DocumentOrigin): Loaded {
  return {
    targets: [],
    channels: channels.map((channel) => ({ channel, source })),
    bad: bad === null ? [] : [bad],
  };
}

function unreadable(path: string, cause: unknown): WatchdogError {
  const why = Error.isError(cause) && 'code' in cause ? String(cause.code) : 'unknown reason';
  return new WatchdogError(
    {
      code: 'WD_TARGETS_UNREADABLE',
      what: `The targets in ${path} cannot be read (${why})`,
      notDone: 'no target was looked at',
      run: 'Name a file or folder with `--targets`; docs/examples has documents to begin with.',
    },
    { cause },
  );
}
