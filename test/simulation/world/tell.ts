import { isoOf } from '../../../functions/core/time.ts';
import type { SimTarget, World } from './model.ts';

const LINES_KEPT = 80;

/** One line of a target's story, for whoever has to understand a broken law. */
export function tell(world: World, target: SimTarget, line: string): void {
  target.story.push(`${isoOf(world.loop.now()).slice(0, 23)} ${line}`);
  if (target.story.length > 2 * LINES_KEPT) target.story.splice(0, LINES_KEPT);
}
