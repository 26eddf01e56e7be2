import { stringify } from 'yaml';
import { redact } from '../core/redact.ts';
import { REFERENCE } from './form.ts';
import type { Format } from './read-text.ts';

/** A document as a file of its format. */
export function printDocument(value: unknown, format: Format): string {
  return format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : stringify(value, { lineWidth: 0 });
}

/**
 * A stored document as lines for people, without secrets. With `isSecret` every text in it is hidden but types and references,
 * and one that is not as in `before` says so.
 */
export function documentLines(text: string, isSecret: boolean, before: string | null = null): string[] {
  const value = jsonOf(text);
  if (value === undefined) return [`(${Buffer.byteLength(text)} bytes that are not JSON)`];
  return printDocument(shown(value, jsonOf(before ?? text), isSecret, ''), 'yaml')
    .trimEnd()
    .split('\n');
}

function shown(value: unknown, before: unknown, isSecret: boolean, key: string): unknown {
  if (typeof value === 'string') {
    if (REFERENCE.test(value) || (isSecret && key === 'type' && /^[a-z_-]{1,20}$/.test(value))) return value;
    if (!isSecret) return redact(value);
    return value === before ? '(hidden)' : '(hidden, another value)';
  }
  if (Array.isArray(value)) {
    const old = Array.isArray(before) ? before : [];
    return value.map((inner, at) => shown(inner, old[at], isSecret, key));
  }
  if (typeof value !== 'object' || value === null) return value;
  const old = (typeof before === 'object' && before !== null ? before : {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, shown(inner, old[name], isSecret, name)]),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
