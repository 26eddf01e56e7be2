import { LineCounter, parseAllDocuments } from 'yaml';
import type { Problem } from '../core/target.ts';
import { type PlaceOf, placesIn } from './places.ts';

export type Format = 'yaml' | 'json';

/** What a text says, or why it says nothing. Messages of the parsers are not passed on: they quote the text around. */
export type Read =
  | { readonly kind: 'read'; readonly value: unknown; readonly placeOf: PlaceOf }
  | { readonly kind: 'unreadable'; readonly problems: readonly Problem[] };

/** Honest documents repeat an anchor a few times; a bomb needs thousands of repeats. */
const ALIASES_MOST = 100;

/** What the mistakes people make are called here: found, expected. */
const MISTAKES: Readonly<Record<string, readonly [string, string]>> = {
  DUPLICATE_KEY: ['the same key a second time', 'each key once'],
  TAB_AS_INDENT: ['a tab as indentation', 'spaces'],
  TAG_RESOLVE_FAILED: ['a tag (!…)', 'plain values without tags'],
  MISSING_CHAR: ['a quote or bracket that is not closed', 'its closing sign'],
  BLOCK_AS_IMPLICIT_KEY: ['a second ": " in one line', 'quotes around a value that holds ": "'],
  BAD_SCALAR_START: ['a value that starts with a sign YAML keeps for itself', 'quotes around the value'],
  BAD_INDENT: ['wrong indentation, or a bracket that is not closed', 'keys of one map in one column'],
  NON_STRING_KEY: ['a key that is not a text', 'plain keys'],
  BAD_ALIAS: ['an alias (*name) without its anchor (&name)', 'the anchor first'],
  RESOURCE_EXHAUSTION: ['maps or lists nested too deep', 'a target document'],
};

const problem = (found: string, expected: string, line: number | null): Problem => ({
  path: line === null ? '' : `line ${line}`,
  found,
  expected,
  didYouMean: null,
});

export function readText(text: string, format: Format): Read {
  return format === 'json' ? readJson(text) : readYaml(text);
}

function readYaml(text: string): Read {
  const lines = new LineCounter();
  const documents = parse(text, lines, 'core').filter(
    (document) => document.contents !== null || document.errors.length > 0,
  );
  const [first, second] = documents;
  if (first === undefined) return unreadable([problem('nothing', 'a document', null)]);
  if (second !== undefined) {
    const line = lines.linePos(second.range[0]).line;
    return unreadable([problem(`a second document (---)`, 'one document per file', line)]);
  }
  const mistakes = [...first.errors, ...first.warnings].map((error) => {
    const [found, expected] = MISTAKES[error.code] ?? ['something that is not YAML', 'valid YAML'];
    return problem(found, expected, lines.linePos(error.pos[0]).line);
  });
  // One slip often makes several errors on its line; the first one names it.
  const perLine = mistakes.filter((one, at) => mistakes.findIndex((m) => m.path === one.path) === at);
  return perLine.length > 0 ? unreadable(perLine) : contentOf(first, lines);
}

function contentOf(document: Parsed, lines: LineCounter): Read {
  try {
    const value: unknown = document.toJS({ maxAliasCount: ALIASES_MOST });
    return { kind: 'read', value, placeOf: placesIn(document.contents, lines) };
  } catch (error) {
    if (error instanceof ReferenceError && error.message.startsWith('Excessive')) {
      return unreadable([problem('aliases (*name) that unfold to a huge document', 'plain values', null)]);
    }
    const [found, expected] =
      MISTAKES[error instanceof ReferenceError ? 'BAD_ALIAS' : 'RESOURCE_EXHAUSTION'] ?? [];
    if (found === undefined || expected === undefined) throw error;
    return unreadable([problem(found, expected, null)]);
  }
}

/** JSON is parsed by the engine; the YAML parser beside it knows lines and sees duplicate keys, which JSON.parse merges. */
function readJson(text: string): Read {
  const lines = new LineCounter();
  const documents = parse(text, lines, 'json');
  const errors = documents.flatMap((document) => document.errors);
  try {
    const value: unknown = JSON.parse(text);
    const doubles = errors.filter(({ code }) => code === 'DUPLICATE_KEY');
    if (doubles.length === 0)
      return { kind: 'read', value, placeOf: placesIn(documents[0]?.contents, lines) };
    return unreadable(
      doubles.map(({ pos }) =>
        problem('the same key a second time', 'each key once', lines.linePos(pos[0]).line),
      ),
    );
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const line = /\(line (\d+) /.exec(error.message)?.[1];
    const guess = errors[0] === undefined ? null : lines.linePos(errors[0].pos[0]).line;
    return unreadable([
      problem('something that is not JSON', 'valid JSON', line === undefined ? guess : Number(line)),
    ]);
  }
}

function parse(text: string, lineCounter: LineCounter, schema: 'core' | 'json') {
  // Without `prettyErrors: false` the messages carry lines of the document, and with them secrets.
  const documents = parseAllDocuments(text, {
    lineCounter,
    schema,
    prettyErrors: false,
    stringKeys: true,
    resolveKnownTags: false,
    logLevel: 'silent',
  });
  return [...documents];
}

type Parsed = ReturnType<typeof parse>[number];

const unreadable = (problems: readonly Problem[]): Read => ({ kind: 'unreadable', problems });
