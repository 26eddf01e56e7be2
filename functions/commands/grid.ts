import { table } from 'table';

/** Narrower columns are no columns any more: each row becomes a list of its cells. */
const LEAST = 8;

/**
 * A table that fits its terminal: the widest columns are wrapped first, and where that is not enough each row is a list. The first row
 * is the head.
 * @param width of the terminal; null where there is none, and columns are as wide as `most` says or their text asks
 */
export function grid(
  rows: readonly (readonly string[])[],
  width: number | null,
  most: Readonly<Record<number, number>> = {},
): string {
  const [head = []] = rows;
  const natural = head.map((_, at) => Math.max(...rows.map((row) => longestLine(row[at] ?? ''))));
  const widths =
    width === null ? natural.map((one, at) => Math.min(one, most[at] ?? one)) : fitted(natural, width);
  if (widths === null) return listOf(rows);
  return table(
    rows.map((row) => [...row]),
    {
      columns: Object.fromEntries(widths.map((one, at) => [at, { width: Math.max(1, one), wrapWord: true }])),
      drawHorizontalLine: (line, count) => line <= 1 || line === count,
    },
  ).trimEnd();
}

/** Widths with their borders and padding within `width`; null where columns would be too narrow to read. */
function fitted(natural: readonly number[], width: number): readonly number[] | null {
  const room = width - (3 * natural.length + 1);
  for (let most = Math.max(...natural); most >= LEAST; most -= 1) {
    const widths = natural.map((one) => Math.min(one, most));
    if (widths.reduce((sum, one) => sum + one, 0) <= room) return widths;
  }
  return null;
}

function listOf([head = [], ...rows]: readonly (readonly string[])[]): string {
  return rows
    .map((row) =>
      head.flatMap((name, at) => (row[at] ? [`${at === 0 ? '' : '  '}${name}: ${row[at]}`] : [])).join('\n'),
    )
    .join('\n');
}

/** In characters as a terminal counts them, nearly: those of double width are rare in what we show, and wrap a little late. */
const longestLine = (text: string): number =>
  Math.max(0, ...text.split('\n').map((line) => [...line].length));
