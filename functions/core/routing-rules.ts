import { type Acknowledgement, stillMeant } from './acknowledgement.ts';
import { EVERYTHING, type RoutingRules } from './channel.ts';
import { type Condition, isWorse } from './condition.ts';
import { pageNow } from './flapping.ts';
import type { Incident } from './incident.ts';
import { CONSOLE, type Notification, type OutboxEntry } from './notification.ts';
import { isQuiet } from './quiet-hours.ts';
import type { RoutingMemory } from './routing-memory.ts';
import { inForce, type Pause } from './state.ts';
import type { EpochMs } from './time.ts';

/** A channel by name, and what it takes. */
export interface Route {
  readonly name: string;
  readonly rules: RoutingRules;
}

/** Without any channel alerts are still printed, where somebody may read them. */
export function routesOf(channels: readonly Route[]): readonly Route[] {
  return channels.length === 0 ? [{ name: CONSOLE, rules: EVERYTHING }] : channels;
}

/** A channel may be missing because its document is broken right now; what it would have taken must not be lost. */
export function namedRoutes(names: readonly string[], routes: readonly Route[]): readonly Route[] {
  return names.map((name) => routes.find((one) => one.name === name) ?? { name, rules: EVERYTHING });
}

export interface Routable {
  readonly incident: Incident | null;
  readonly conditions: readonly Condition[];
  readonly outbox: readonly OutboxEntry[];
  readonly routing: RoutingMemory;
  readonly pause?: Pause | null;
  readonly acknowledgement?: Acknowledgement | null;
}

export interface Asked {
  readonly routes: readonly Route[];
  readonly now: EpochMs;
}

/** An end is always told; of the rest only to listed channels, and in quiet hours only what is critical. */
export function isMuffled(
  { rules, isListed }: Route & { readonly isListed: boolean },
  { kind, severity }: Notification,
  { incident }: Routable,
  now: EpochMs,
): boolean {
  if (kind === 'resolved') return false;
  if (!isListed) return true;
  return severity !== 'critical' && incident?.severity !== 'critical' && isQuiet(rules.quietHours, now);
}

/** Whether a channel that has not heard of the incident hears of it now. */
export function takes(
  rules: RoutingRules,
  state: Routable,
  notification: Notification,
  { routes, now }: Asked,
): boolean {
  const severity = state.incident?.severity ?? notification.severity;
  const suits = (one: RoutingRules) => isFor(one, state, notification, severity);
  // What is critical and suits nobody is everybody's matter: filters sort alerts, they do not lose them.
  const isNobodys = severity === 'critical' && !routes.some((one) => suits(one.rules));
  if (!suits(rules) && !isNobodys) return false;
  if (severity !== 'critical' && isQuiet(rules.quietHours, now)) return false;
  const { escalateAfterMs } = rules;
  if (escalateAfterMs === null) return true;
  return !isAnswered(state, now) && now - (state.incident?.openedAt ?? now) >= escalateAfterMs;
}

function isFor(
  { severity: least, targets, causes }: RoutingRules,
  { conditions, incident }: Routable,
  { target }: Notification,
  severity: Notification['severity'],
): boolean {
  if (isWorse(least, severity)) return false;
  if (!isForTarget(targets, target)) return false;
  if (causes === null) return true;
  const told = conditions.flatMap((one) => (one.told === null ? [] : [one.kind]));
  return [...told, ...(incident === null ? [] : [incident.cause])].some((kind) => causes.includes(kind));
}

/** Whether a channel bound to these targets takes what concerns this one. */
export function isForTarget(targets: RoutingRules['targets'], target: string): boolean {
  const isNamed = (form: string) =>
    form.endsWith('*') ? target.startsWith(form.slice(0, -1)) : form === target;
  return targets === null || target === FLEET || targets.some(isNamed);
}

/** What concerns the watchdog itself is told under this name, to whatever targets a channel is bound. */
const FLEET = 'fleet';

/** A person has taken it up by name, or has paused the target. */
function isAnswered(state: Routable, now: EpochMs): boolean {
  return inForce(state.pause ?? null, now) !== null || takenUp(state) !== null;
}

/** Who has taken up what is open now. */
export function takenUp({ acknowledgement, routing, incident }: Routable): Acknowledgement | null {
  return stillMeant(acknowledgement ?? null, pageNow(routing, incident));
}
