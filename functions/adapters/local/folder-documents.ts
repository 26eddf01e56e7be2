import { promises as fs } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { isMap, NAME, NAME_FORM, REFERENCE } from '../../config/form.ts';
import { isChannelFile } from '../../config/parse-channels.ts';
import { printDocument } from '../../config/print-document.ts';
import { WatchdogError } from '../../core/errors.ts';
import type { DocumentStore, StoredDocument } from '../../ports.ts';
import { parseDocument, readContent } from './document-file.ts';
import { documentFilesOf } from './file-targets.ts';

/** One file as it was read: a target, or channels by name. */
interface Held {
  readonly file: string;
  readonly documents: readonly string[];
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * The documents of one file or folder as SSM would hold them: a target is `targets/ID`, each channel of a channel file
 * `channels/NAME`. A changed document is written to the file that has it, a new one to `ID.yaml` or `channels.yaml`.
 */
export function createFolderDocuments(path: string): DocumentStore {
  async function held(): Promise<readonly Held[]> {
    const files = await documentFilesOf(path).catch((error: unknown) => {
      if (error instanceof WatchdogError && isAbsent(error.cause)) return [];
      throw error;
    });
    return Promise.all(files.map(heldIn));
  }
  const holding = async (name: string) => (await held()).find(({ documents }) => documents.includes(name));

  return {
    placeOf: (name) => `${path}: ${name}`,
    limits: null,
    async list() {
      return (await held()).flatMap(documentsOf).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async put({ name, text }) {
      const id = idOf(name);
      // A parameter's name becomes a file's: it must not lead out of the folder.
      if (!NAME.test(id)) throw notWritten(name, 'its name', NAME_FORM);
      const value = jsonOf(text);
      if (!isMap(value)) throw notWritten(name, 'its text', 'a JSON object');
      await fs.mkdir(path, { recursive: true });
      const known = await holding(name);
      if (name.startsWith('targets/')) {
        const same = known?.file ?? join(path, `${id}.yaml`);
        const hasOtherName = basename(same, extname(same)) !== id;
        await write(same, hasOtherName ? { id, ...value } : value);
        return;
      }
      const file = known?.file ?? (await held()).find(({ value: { channels } }) => isMap(channels))?.file;
      const before = file === undefined ? {} : ((await heldIn(file)).value.channels as object);
      await write(file ?? join(path, 'channels.yaml'), { channels: { ...before, [id]: value } });
    },
    async remove(name) {
      const known = await holding(name);
      if (known === undefined) return;
      if (known.documents.length === 1) return fs.rm(known.file);
      const channels = Object.entries(known.value.channels as object).filter(([one]) => one !== idOf(name));
      await write(known.file, { channels: Object.fromEntries(channels) });
    },
  };
}

const idOf = (name: string) => name.slice(name.indexOf('/') + 1);

/** What cannot be read is never replaced. */
async function heldIn(file: string): Promise<Held> {
  const { read, origin } = parseDocument(file, await readContent(file));
  if (read.kind === 'unreadable' || !isMap(read.value)) throw broken(file);
  const { $schema: _, ...value } = read.value;
  if (isChannelFile(value)) {
    const names = Object.keys(value.channels as object);
    return { file, value, documents: names.map((name) => `channels/${name}`) };
  }
  const id = typeof value.id === 'string' ? value.id : origin.defaultId;
  return { file, value, documents: [`targets/${id}`] };
}

function documentsOf({ documents, value }: Held): readonly StoredDocument[] {
  const { id: _, ...target } = value;
  return documents.map((name) => {
    const body = name.startsWith('targets/')
      ? target
      : (value.channels as Record<string, unknown>)[idOf(name)];
    return { name, text: JSON.stringify(body), secret: name.startsWith('channels/') && hasLiteral(body) };
  });
}

/** True where a text stands in the channel that may be a secret: all but its type and references to a secret's place. Keys
 *  that are not known yet count, too, since encrypting one text too many costs nothing. */
function hasLiteral(value: unknown, key = ''): boolean {
  if (typeof value === 'string') return key !== 'type' && !REFERENCE.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => hasLiteral(inner, Array.isArray(value) ? key : name));
}

/** Whole or not at all; a channel may be a secret. */
async function write(file: string, value: unknown): Promise<void> {
  const aside = `${file}.${process.pid}.tmp`;
  const text = printDocument(value, extname(file) === '.json' ? 'json' : 'yaml');
  await fs.writeFile(aside, text, { mode: isChannelFile(value) ? 0o600 : 0o644 });
  await fs.rename(aside, file);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isAbsent = (cause: unknown) => Error.isError(cause) && 'code' in cause && cause.code === 'ENOENT';

function notWritten(name: string, what: string, expected: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_TARGET_INVALID',
    what: `${name} cannot become a file: ${what} is not ${expected}`,
    notDone: 'it was not written; those named before it are',
    run: 'Mend the parameter, or remove it, and run it again.',
  });
}

function broken(file: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_TARGET_INVALID',
    what: `${file} cannot be read as a document`,
    notDone: 'nothing was written, there or anywhere else',
    run: 'Mend it first: `scheduler-watchdog targets validate` says what is wrong with it.',
  });
}
