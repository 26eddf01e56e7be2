import { promises as fs } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, extname, resolve } from 'node:path';
import type { DocumentOrigin } from '../../config/parse.ts';
import { type Read, readText } from '../../config/read-text.ts';

/** SSM takes 8 KB at most, so no honest document is near this. */
const DOCUMENT_MOST_BYTES = 64 * 1024;

export interface DocumentFile {
  readonly path: string;
  readonly origin: DocumentOrigin;
  readonly read: Read;
}

/** Reads one document; whatever is wrong with the file is a problem of this document alone. */
export async function readDocument(path: string): Promise<DocumentFile> {
  const format = extname(path) === '.json' ? 'json' : 'yaml';
  const defaultId = basename(path, extname(path));
  const origin: DocumentOrigin = {
    format,
    source: path,
    defaultId,
    resolvePath: (inner) => resolveFrom(path, inner),
  };
  const bytes = await bytesOf(path);
  if (typeof bytes === 'string') return { path, origin, read: refused(bytes) };
  try {
    return { path, origin, read: readText(new TextDecoder('utf-8', { fatal: true }).decode(bytes), format) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { path, origin, read: refused('bytes that are not UTF-8 text') };
  }
}

/** The content, or in words why there is none. */
async function bytesOf(path: string): Promise<Uint8Array | string> {
  try {
    const facts = await fs.stat(path);
    // Opening a pipe or a device could wait for ever.
    if (!facts.isFile()) return 'something that is not a file';
    if (facts.size > DOCUMENT_MOST_BYTES) return `${Math.ceil(facts.size / 1024)} KB`;
    return await fs.readFile(path);
  } catch (error) {
    return `a file that cannot be read (${error instanceof Error && 'code' in error ? error.code : 'unknown reason'})`;
  }
}

function refused(found: string): Read {
  const expected = 'a readable file of UTF-8 text, at most 64 KB';
  return { kind: 'unreadable', problems: [{ path: '', found, expected, didYouMean: null }] };
}

/** Paths in a document start in its folder, wherever the watchdog was started; `~/` is the home folder. */
function resolveFrom(document: string, inner: string): string {
  return inner.startsWith('~/') ? resolve(homedir(), inner.slice(2)) : resolve(dirname(document), inner);
}
