import { CHANNEL_TYPES, formOf } from '../config/channel-schema.ts';
import { isBad } from '../config/parse.ts';
import { parseChannelFile, parseTarget } from '../config/parse-text.ts';
import { WatchdogError } from '../core/errors.ts';
import type { Output } from './output.ts';

/** Kinds of channels that one secret is enough for, with its key; the others have more to say than a question has room for. */
export function channelSecrets(): ReadonlyMap<string, string> {
  const found = CHANNEL_TYPES.flatMap((type) => {
    const keys = Object.keys(formOf(type)?.secrets ?? {});
    const key = keys.find((one) => wrongInChannel({ type, [one]: 'env:SECRET' }) === null);
    return key === undefined ? [] : [[type, key] as const];
  });
  return new Map(found);
}

export const NONE = 'none';

/** One thing that a document needs and no cluster tells. */
export interface Question {
  /** The option that answers it, too. */
  readonly option: string;
  readonly text: string;
  /** Taken for an empty answer; null: there is nothing to propose. */
  readonly proposal: string | null;
  /** What was expected; null where the answer will do. */
  readonly wrong: (answer: string) => string | null;
  /** Whoever misunderstands it answers with a secret, which is not repeated. */
  readonly isSecret?: boolean;
}

export interface Asking {
  /** null where there is nobody to ask. */
  readonly ask: ((question: string) => Promise<string>) | null;
  readonly output: Output;
}

const TRIES = 3;

/** By the option, else by a person; without both it is one of the missing. */
export async function answerTo(
  { option, text, proposal, wrong, isSecret = false }: Question,
  given: string | undefined,
  { ask, output }: Asking,
): Promise<string> {
  if (given !== undefined) {
    const expected = wrong(given);
    // A secret may have been written where its place belongs.
    const found = isSecret ? 'no reference' : `"${given}"`;
    if (expected !== null) throw unfit(`${option} is ${found}; expected ${expected}`);
    return given;
  }
  if (ask === null) throw unfit(`${option} is missing, and there is nobody to ask: ${text}`);
  for (let tried = 0; tried < TRIES; tried += 1) {
    const answer = (await ask(`${text}${proposal === null ? '' : ` [${proposal}]`} `)) || (proposal ?? '');
    const expected = wrong(answer);
    if (expected === null) return answer;
    output.note(`expected ${expected}`);
  }
  throw unfit(`no answer to "${text}" would do`);
}

/** What a document with these keys would be refused for; one of the shape of all, so that the rest of it is right. */
export function wrongInTarget(keys: object): string | null {
  const whole = { namespace: 'airflow', health: { podPort: 8974 }, ...keys };
  const parsed = parseTarget(JSON.stringify(whole), { format: 'json', source: 'answers', defaultId: 'a' });
  return isBad(parsed) ? (parsed.problems[0]?.expected ?? 'something else') : null;
}

export function wrongInChannel(channel: object): string | null {
  const { bad } = parseChannelFile(JSON.stringify({ channels: { oncall: channel } }), {
    format: 'json',
    source: 'answers',
  });
  return bad === null ? null : (bad.problems[0]?.expected ?? 'something else');
}

export const oneOf = (names: readonly string[]) => (answer: string) =>
  names.includes(answer) ? null : `one of ${names.join(', ')}`;

export function unfit(what: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_USAGE',
    what,
    notDone: 'nothing was written',
    run: 'Run `scheduler-watchdog init --help` for all options.',
  });
}
