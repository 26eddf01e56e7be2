/** Holds what a page shows of a terminal against what was printed there: words have to be the same, times and names of pods have not. */

const GAP = '…';

/** A line without what differs from run to run. */
export function shapeOf(line: string): string {
  return line
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, 'TIME')
    .replace(/\b\d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/\b(airflow-[a-z-]+)-[0-9a-f]{6,10}-[a-z0-9]{5}\b/g, '$1-POD')
    .replace(/(sqlite:)\S+/g, '$1FILE')
    .replace(/\b\d+(\.\d+)? ?(ms|s|m|h)\b(\d+s)?/g, 'SPAN')
    .replace(/\b\d+(\.\d+)*\b/g, 'N')
    .replace(/[═─]+/g, '─')
    .replace(/ +/g, ' ')
    .trim();
}

/** The first part of a page's text that was not printed, in this order; null where all of it was. `…` stands for any lines. */
export function unlike(shown: string, printed: string): string | null {
  const lines = printed
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('still asking: '));
  const shapes = lines.map(shapeOf);
  let at = 0;
  let mayBeLater = false;
  for (const line of shown.split('\n').filter((one) => one.trim() !== '')) {
    if (line.trim() === GAP) {
      mayBeLater = true;
      continue;
    }
    const found = mayBeLater ? shapes.indexOf(shapeOf(line), at) : shapes[at] === shapeOf(line) ? at : -1;
    if (found < 0) return line;
    at = found + 1;
    mayBeLater = false;
  }
  return mayBeLater || at === shapes.length ? null : `(nothing more, but there was) ${lines[at]}`;
}
