import { type ScaleTime, scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';

/** How wide it is drawn: for a desk and for a phone, so that letters stay readable on both. */
export interface Frame {
  readonly kind: 'wide' | 'narrow';
  readonly width: number;
  readonly left: number;
  readonly right: number;
  readonly font: number;
  readonly x: ScaleTime<number, number>;
}

export const round = (value: number): number => Math.round(value * 10) / 10;

/** A path through points, or null where there are none. */
export function pathOf(
  points: readonly { readonly at: number; readonly value: number }[],
  x: Frame['x'],
  y: (value: number) => number,
): string | null {
  const path = line<{ readonly at: number; readonly value: number }>(
    ({ at }) => round(x(at)),
    ({ value }) => round(y(value)),
  );
  return points.length === 0 ? null : path([...points]);
}

export const linear = (most: number, from: number, to: number) => scaleLinear([0, most], [from, to]).nice(4);
