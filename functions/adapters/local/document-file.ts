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

/** The bytes of a document, or in words why there are none. */
export type Content = Uint8Array | string;

/** Parses one document; whatever is wrong with the file is a problem of this document alone. */
export function parseDocument(path: string, content: Content): DocumentFile {
  const format = extname(path) === '.json' ? 'json' : 'yaml';
  const defaultId = basename(path, extname(path));
  const origin: DocumentOrigin = {
    format,
    source: path,
    defaultId,
    resolvePath: (inner) => resolveFrom(path, inner),
  };
  if (typeof content === 'string') return { path, origin, read: refused(content) };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    return { path, origin, read: readText(text, format) };
  } catch (error) {
    if (!Error.isError(error) || error.name !== 'TypeError') throw error;
    return { path, origin, read: refused('bytes that are not UTF-8 text') };
  }
}

export async function readContent(path: string): Promise<Content> {
  try {
    const facts = await fs.stat(path);
    // Opening a pipe or a device could wait for ever.
    if (!facts.isFile()) return 'something that is not a file';
    if (facts.size > DOCUMENT_MOST_BYTES) return `${Math.ceil(facts.size / 1024)} KB`;
    return await fs.readFile(path);
  } catch (error) {
    return `a file that cannot be read (${Error.isError(error) && 'code' in error ? error.code : 'unknown reason'})`;
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
