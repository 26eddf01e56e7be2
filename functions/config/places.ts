import { isMap, isScalar, isSeq, type LineCounter } from 'yaml';
import type { BadDocument, Problem } from '../core/target.ts';
import { pathText } from './problems.ts';

/** Where something stands in a text, both counted from 1. */
export type Place = NonNullable<Problem['at']>;

/** Finds the key or list item of a problem's path; of what is missing, the map that lacks it; null: nowhere in particular. */
export type PlaceOf = (path: string) => Place | null;

/** The places of all keys and items of a parsed document, looked for when the first problem asks. */
export function placesIn(contents: unknown, lines: LineCounter): PlaceOf {
  let known: ReadonlyMap<string, Place> | null = null;
  return (path) => {
    known ??= new Map(placed(contents, [], lines));
    for (let at = path; at !== ''; at = at.replace(/(?:^|\.)[^.[]*$|\[\d+\]$/, '')) {
      const place = known.get(at);
      if (place !== undefined) return place;
    }
    return null;
  };
}

function placed(node: unknown, path: readonly PropertyKey[], lines: LineCounter): [string, Place][] {
  if (isMap(node))
    return node.items.flatMap(({ key, value }) => {
      if (!isScalar(key)) return [];
      const below = [...path, String(key.value)];
      return [...placeAt(key.range, below, lines), ...placed(value, below, lines)];
    });
  if (isSeq(node))
    return node.items.flatMap((item, index) => {
      const below = [...path, index];
      const range = (item as { readonly range?: readonly number[] | null } | null)?.range;
      return [...placeAt(range, below, lines), ...placed(item, below, lines)];
    });
  return [];
}

function placeAt(
  range: readonly number[] | null | undefined,
  path: readonly PropertyKey[],
  lines: LineCounter,
): [string, Place][] {
  if (range?.[0] === undefined) return [];
  const { line, col } = lines.linePos(range[0]);
  return [[pathText(path), { line, column: col }]];
}

/** The same document with the place of each problem that has one. */
export function located<Bad extends BadDocument>(bad: Bad, placeOf: PlaceOf): Bad {
  const problems = bad.problems.map((problem) => {
    const at = placeOf(problem.path);
    return at === null ? problem : { ...problem, at };
  });
  return { ...bad, problems };
}
