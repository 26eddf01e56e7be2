import type { Condition } from './condition.ts';
import { type Tell, tell } from './incident.ts';
import { route } from './routing.ts';
import type { Routable, Route } from './routing-rules.ts';

/**
 * Brings conditions and incident up to date, and puts what is to be told of them on its way to the channels.
 * @param unseen conditions of which this step learns nothing: they stay as they are, and count for what a channel takes
 */
export function tellThrough<S extends Routable>(
  state: S,
  ask: Tell,
  routes: readonly Route[],
  unseen: readonly Condition[] = [],
): S {
  const { state: told, notification } = tell(state, ask);
  // What did not change has to stay the same object: it is not saved then.
  const whole = unseen.length === 0 ? told : { ...told, conditions: [...told.conditions, ...unseen] };
  return route(whole, notification, { routes, now: ask.now });
}
