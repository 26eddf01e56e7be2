import { distance } from 'fastest-levenshtein';
import { quote } from '../core/redact.ts';
import type { Problem } from '../core/target.ts';

/** The part of zod's issues that is read here. */
export interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

/** Tells from its path whether a value may be shown; secrets may not. */
export type MayShow = (path: readonly PropertyKey[], found: unknown) => boolean;

export const UNKNOWN_KEY = 'an unknown key';

const FOUND_CHARS = 60;
const KEY_CHARS = 40;

/** One problem per place and expectation, in the order of the document's schema. */
export function problemsOf(issues: readonly Issue[], document: unknown, mayShow: MayShow): Problem[] {
  const problems = issues.flatMap((issue) => problemsOfIssue(issue, document, mayShow));
  return problems.filter((one, at) => problems.findIndex((other) => other.path === one.path) === at);
}

function problemsOfIssue(issue: Issue, document: unknown, mayShow: MayShow): readonly Problem[] {
  const closest = closestBranch(issue);
  if (closest !== null) {
    return closest.flatMap((inner) =>
      problemsOfIssue({ ...inner, path: [...issue.path, ...inner.path] }, document, mayShow),
    );
  }
  if (issue.keys !== undefined) {
    const valid = issue.message.split(', ');
    return issue.keys.map((key) => unknownKey([...issue.path, key], valid));
  }
  const found = issue.path.reduce<unknown>(valueAt, document);
  return [
    {
      path: pathText(issue.path),
      found: show(found, mayShow(issue.path, found)),
      expected: issue.message,
      didYouMean: null,
    },
  ];
}

/** Of a union, the variant whose shape the value has; null when it has none of the shapes. */
function closestBranch(issue: Issue): readonly Issue[] | null {
  const ofShape = issue.errors?.filter((errors) =>
    errors.every((e) => e.path.length > 0 || e.code !== 'invalid_type'),
  );
  return ofShape?.[0] ?? null;
}

export function unknownKey(path: readonly PropertyKey[], valid: readonly string[]): Problem {
  return {
    path: pathText(path),
    // The value is not shown: under an unknown key it may well be a password.
    found: UNKNOWN_KEY,
    expected: valid.length === 1 ? `only ${valid[0]}` : `one of ${valid.join(', ')}`,
    didYouMean: nearest(String(path.at(-1)), valid),
  };
}

/** The candidate that a typo most likely meant: case and separators do not count, a third of its letters
 *  may differ, or it may be a part (`port` of `podPort`). */
export function nearest(typed: string, candidates: readonly string[]): string | null {
  const plain = (key: string) => key.toLowerCase().replace(/[-_ ]/g, '');
  const isPart = (part: string, whole: string) => part.length >= 4 && plain(whole).includes(plain(part));
  // A secret pasted as a key would make this slow and is no typo.
  if (typed.length > KEY_CHARS) return null;
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(plain(typed), plain(candidate)) }))
    .filter(
      ({ candidate, edits }) =>
        edits <= Math.max(1, Math.floor(candidate.length / 3)) || isPart(typed, candidate),
    )
    .sort((a, b) => a.edits - b.edits);
  return ranked[0]?.candidate ?? null;
}

/** `health[1].url` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const key = keyText(String(part));
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** A long or odd key may be a secret that slipped out of its place. */
function keyText(key: string): string {
  return /^[\w$.-]{1,24}$/.test(key) ? key : `${key.slice(0, 6).replace(/[^\w-]/g, '?')}…`;
}

/** A value in words: short, redacted, and of maps, lists and secrets only their kind. */
export function show(found: unknown, mayShow = true): string {
  if (found === undefined) return 'nothing';
  if (found === null) return 'no value';
  if (Array.isArray(found)) return found.length === 0 ? 'an empty list' : 'a list';
  if (typeof found === 'object') return Object.keys(found).length === 0 ? 'an empty map' : 'a map';
  if (!mayShow) return `a ${typeof found === 'string' ? 'text' : typeof found} (not shown, it may be secret)`;
  if (typeof found !== 'string') return String(found);
  // redact() knows user:password@ forms, but a password with @ or / in it slips through.
  if (/:\/\/[^?#]*@/.test(found)) return 'a URL with a user or password (not shown)';
  return `"${quote(found, FOUND_CHARS)}"`;
}

function valueAt(value: unknown, part: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
  return (value as Record<PropertyKey, unknown>)[part];
}
