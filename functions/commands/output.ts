import { type Explained, WatchdogError } from '../core/errors.ts';
import { plainJson, plainText } from './plain-text.ts';

/** Where a command may write. `write` is stdout, `note` stderr; both take one line without its end. */
export interface Output {
  readonly write: (line: string) => void;
  readonly note: (line: string) => void;
  readonly json: boolean;
  /** Columns of the terminal that `write` goes to; absent where it is none. */
  readonly width?: number;
  readonly style: (style: Style, text: string) => string;
}

export type Style = keyof typeof STYLES;

/** Select Graphic Rendition (ECMA-48): how each begins and ends. */
const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

export interface OutputOptions {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly json: boolean;
  readonly colored: boolean;
  readonly width?: number | undefined;
  /** Makes what marks our own styles on their way through, asked for where there are any; nobody outside this process can know it. */
  readonly mark: () => string;
}

/** An output that also takes lines which were painted elsewhere. */
export interface Terminal extends Output {
  /** Colors that another part of this program has set become our own. */
  readonly adopt: (line: string) => string;
}

/** The one way to a terminal: whatever came from outside is made harmless here, and only our own styles are kept. */
export function createOutput({ out, err, json, colored, width, ...options }: OutputOptions): Terminal {
  const mark = colored ? options.mark() : '';
  // Looks like a style to whoever measures the width of a line, and like none that exists.
  const marked = (code: number | string) => `\u001b[${mark};${code}m`;
  const ours = new RegExp(`\\u001b\\[${mark};(\\d+)m`);
  const painted = (line: string) =>
    line
      .split(ours)
      .map((part, at) => (at % 2 === 0 ? plainText(part) : `\u001b[${part}m`))
      .join('');
  const forPeople = colored ? painted : plainText;
  return {
    write: (line) => out(json ? plainJson(line) : forPeople(line)),
    note: (line) => err(forPeople(line)),
    json,
    ...(width === undefined ? {} : { width }),
    style: (style, text) =>
      colored ? `${marked(STYLES[style][0])}${text}${marked(STYLES[style][1])}` : text,
    adopt: (line) => (colored ? line.replace(PAINT, (_, code: string) => marked(code)) : line),
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one.
const PAINT = /\x1b\[(\d{1,2})m/g;

/**
 * Whether to paint: FORCE_COLOR says yes where nothing can be seen of a terminal (CI), and `0` no; NO_COLOR (no-color.org), which
 * wins, and a terminal that calls itself dumb say no.
 */
export function isColored(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: not, TERM: term } = env;
  if (not) return false;
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return term !== 'dumb' && isTerminal;
}

/** One result: a JSON line for machines, or the given lines for people. */
export function emit(output: Output, value: unknown, lines: readonly string[]): void {
  if (output.json) output.write(JSON.stringify(value));
  else for (const line of lines) output.write(line);
}

/** What nobody explained is a defect of ours. */
export function explainedOf(error: unknown, notDone: string): Explained {
  if (error instanceof WatchdogError) return error.explained;
  const what = Error.isError(error) ? (error.stack ?? error.message) : String(error);
  return { code: 'WD_INTERNAL', what, notDone, run: 'Please report it with the output of --version.' };
}

export function emitError(output: Output, { code, what, notDone, run }: Explained): void {
  if (output.json) output.write(JSON.stringify({ error: { code, what, notDone, run } }));
  output.note(`${output.style('red', code)}: ${what}; ${notDone}.`);
  output.note(run);
}
