import * as z from 'zod';

// Compiling a schema takes longer than a run of ours that checks a thousand documents saves by it, and a verb checks a few.
z.config({ jitless: true });

/** What counts as a duration in documents; `parseDuration` reads exactly these. */
export const DURATION = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;
/** Ids and channel names: a label that is also safe in file names, parameter names and dedup keys. */
export const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** Where a secret lives. The name of an environment variable follows POSIX; the rest is up to the store. */
export const REFERENCE = /^(env:[A-Za-z_][A-Za-z0-9_]*|(file|ssm|secretsmanager):\S(.*\S)?)$/;

export const NAME_FORM = 'lower-case letters, digits and hyphens, at most 63, such as prod-airflow';
export const REFERENCE_FORM = 'env:NAME, file:PATH, ssm:NAME or secretsmanager:ARN';

/** A text of one form. In this folder the message of a schema is always the plain-words expectation. */
export function text(pattern: RegExp, expected: string): z.ZodString {
  return z.string({ error: expected }).regex(pattern, { error: expected });
}

export function integer(least: number, most: number, expected: string): z.ZodInt {
  const error = { error: expected };
  return z.int(error).min(least, error).max(most, error);
}

export function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: values.join(' or ') });
}

export function flag(): z.ZodBoolean {
  return z.boolean({ error: 'true or false' });
}

/** A map with no other keys. For an unknown key the message is the list of valid ones; `problems.ts` counts on that. */
export function map<T extends z.ZodRawShape>(shape: T, expected: string) {
  const keys = Object.keys(shape).filter((key) => !key.startsWith('$'));
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys.join(', ') : expected),
  });
}

/** True for an http(s) URL that carries no user or password (fetch refuses those, and logs would show them). */
export function isPlainUrl(found: string): boolean {
  if (!URL.canParse(found)) return false;
  const url = new URL(found);
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
