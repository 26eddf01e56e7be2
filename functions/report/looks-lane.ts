import { type ComponentChild, h } from 'preact';
import type { Drawing, DrawnPod, Point } from './drawing.ts';
import type { Frame } from './frame.ts';
import type { Lane } from './lane.ts';

const ROW = 22;

/** Shapes beside colours, drawn from their middle: not everybody sees red and green apart. */
const SHAPES = {
  well: 'm-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z',
  sick: 'm0-5.5l5.5 10h-11z',
  passing: 'm-4-4h8v8h-8z',
  unknown: 'm0-5.5l5.5 5.5l-5.5 5.5l-5.5-5.5z',
  silent: 'm-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z',
} as const;

type Shape = keyof typeof SHAPES;

/** One row per pod: what each look made of it; below it what its own health server said, where it was asked. */
export function looksLane({ pods }: Drawing, frame: Frame, top: number): Lane | null {
  const rows = pods.flatMap((pod) => {
    const name = nameOf(pod, frame);
    const asked = pod.points.filter(({ own }) => own !== null);
    const looks = { name, points: pod.points, shapeOf: ({ standing }: Point): Shape => standing };
    const own = {
      name: `${name}, its health server`,
      points: asked,
      shapeOf: ({ own: says }: Point) => probeShape(says),
    };
    return asked.length === 0 ? [looks] : [looks, own];
  });
  if (rows.length === 0) return null;
  const from = top + frame.font + 6;
  const step = ROW + frame.font;
  const drawn = h(
    'g',
    null,
    h('text', { class: 'name', x: 0, y: top + frame.font }, 'looks'),
    rows.map(({ name, points, shapeOf }, index) => {
      const y = from + index * step + frame.font;
      return h(
        'g',
        null,
        h('text', { x: frame.left, y }, name),
        h('line', { class: 'grid', x1: frame.left, x2: frame.width - frame.right, y1: y + 12, y2: y + 12 }),
        marks(points, shapeOf, frame, y + 12),
      );
    }),
  );
  return { drawn, bottom: from + rows.length * step + 4 };
}

/** One path for all marks of a shape: a night of looks stays small. What would lie on its like is left out. */
function marks(
  points: readonly Point[],
  shapeOf: (point: Point) => Shape,
  { x }: Frame,
  y: number,
): readonly ComponentChild[] {
  const places = new Map<Shape, Set<number>>();
  for (const point of points) {
    const shape = shapeOf(point);
    places.set(shape, (places.get(shape) ?? new Set()).add(Math.round(x(point.at))));
  }
  return [...places].map(([shape, all]) =>
    h('path', { class: `f-${shape}`, d: [...all].map((place) => `M${place} ${y}${SHAPES[shape]}`).join('') }),
  );
}

function nameOf({ pod, role }: DrawnPod, { kind }: Frame): string {
  const most = kind === 'wide' ? 80 : 34;
  const name = pod.length <= most ? pod : `…${pod.slice(1 - most)}`;
  return role === 'replacement' ? `${name} (replacement)` : name;
}

function probeShape(says: Point['own']): Shape {
  if (says === 'healthy') return 'well';
  return says === 'unhealthy' ? 'sick' : 'silent';
}

/** What the shapes mean. */
export function keyOf(hasProbes: boolean): ComponentChild {
  const entry = (shape: Shape, text: string) =>
    h(
      'li',
      null,
      h(
        'svg',
        { viewBox: '-7 -7 14 14', 'aria-hidden': 'true' },
        h('path', { class: `f-${shape}`, d: `M0 0${SHAPES[shape]}` }),
      ),
      text,
    );
  return h(
    'ul',
    { class: 'key' },
    entry('well', 'well'),
    entry('sick', 'sick: may cost the pod'),
    entry('passing', 'starting, rolling out, or short of memory'),
    entry('unknown', 'not known'),
    hasProbes ? entry('silent', 'health server silent') : null,
  );
}
