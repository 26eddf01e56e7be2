import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Tells the story twice: in lines for people, in JSON lines for machines. */
export interface Teller {
  /** A line with the seconds since the start before it. */
  say(text: string, style?: Style | undefined): void;
  /** A line as it is. */
  plain(text: string, style?: Style): void;
  /** One step of the story, for machines only. */
  event(event: string, facts: Readonly<Record<string, unknown>>): void;
  /** A line of the public contract, for machines only. */
  json(value: unknown): void;
  seconds(): number;
}

export interface TellerOptions {
  readonly json: boolean;
  readonly color: boolean;
  readonly write: (line: string) => void;
  readonly note: (line: string) => void;
}

/** With `--json` stdout is for machines and stderr for people; else stdout is for people. */
export function createTeller({ json, color, write, note }: TellerOptions): Teller {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1_000;
  const isTerminal = (json ? process.stderr : process.stdout).isTTY === true;
  const isColored = color && isTerminal && !process.env.NO_COLOR;
  const paint = (text: string, style: Style) =>
    isColored ? styleText(style, text, { validateStream: false }) : text;
  const plain = (text: string, style?: Style) =>
    (json ? note : write)(style === undefined ? text : paint(text, style));
  const machine = (value: unknown) => {
    if (json) write(JSON.stringify(value));
  };
  return {
    say: (text, style) =>
      plain(
        `${paint(`${seconds().toFixed(1).padStart(6)} s`, 'dim')}  ${style === undefined ? text : paint(text, style)}`,
      ),
    plain,
    event: (event, facts) => machine({ event, atSeconds: Math.round(seconds() * 10) / 10, ...facts }),
    json: machine,
    seconds,
  };
}
