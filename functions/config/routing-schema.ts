import * as z from 'zod';
import { CAUSES, type Cause, isWell } from '../core/cause.ts';
import { EVERYTHING, type RoutingRules } from '../core/channel.ts';
import { CONDITIONS, type ConditionKind } from '../core/condition.ts';
import { MINUTE_MS, parseDuration } from '../core/time.ts';
import { choice, DURATION, map, NAME_FORM, text } from './form.ts';

const KINDS = Object.keys(CONDITIONS).filter(
  (kind) => !(kind in CAUSES && isWell(kind as Cause)),
) as ConditionKind[];
/** Sooner than that a reminder is noise, and an escalation comes before the first page was read. */
const LEAST_MS = 5 * MINUTE_MS;

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const TIME_FORM = 'a time of day such as 22:00';

const span = () => {
  const expected = 'a duration from 5m to 7d, such as 30m or 4h';
  const fits = (found: string) => {
    const ms = parseDuration(found) ?? 0;
    return ms >= LEAST_MS && ms <= 7 * 24 * 60 * MINUTE_MS;
  };
  return text(DURATION, expected).refine(fits, { error: expected });
};

const quietHours = () =>
  map(
    {
      from: text(TIME, TIME_FORM).describe('When they begin.'),
      to: text(TIME, TIME_FORM).describe('When they end; before `from` means the next morning.'),
      zone: z
        .string({ error: 'a time zone such as Europe/Berlin' })
        .refine(isZone, { error: 'a time zone such as Europe/Berlin' })
        .optional()
        .describe('Time zone of both. Default: UTC.'),
    },
    'a map such as { from: "22:00", to: "07:00", zone: Europe/Berlin }',
  ).refine(({ from, to }) => from !== to, { error: 'two different times', path: ['to'] });

/** What every kind of channel understands: which notifications it takes, and when. */
export const routingShape = () => ({
  severity: choice(['info', 'warning', 'critical'])
    .optional()
    .describe(
      'Takes incidents at least as grave as this; one it has taken, it hears to the end. Default: info.',
    ),
  targets: z
    .array(text(/^([a-z0-9][a-z0-9-]{0,62}|[a-z0-9][a-z0-9-]{0,61}\*|\*)$/, `${NAME_FORM}, or prod-*`), {
      error: 'a list of targets, such as [prod-airflow, staging-*]',
    })
    .min(1, { error: 'at least one target; leave targets out for all' })
    .optional()
    .describe('Only incidents of these targets; matters of the watchdog itself always count. Default: all.'),
  causes: z
    .array(choice(KINDS as [ConditionKind, ...ConditionKind[]]), {
      error: 'a list of causes, such as [database-down]',
    })
    .min(1, { error: 'at least one cause; leave causes out for all' })
    .optional()
    .describe('Only incidents in which one of these is told. Default: all.'),
  quietHours: quietHours()
    .optional()
    .describe('Only critical matters are told then; what is still open is told when they end.'),
  remindEvery: span()
    .optional()
    .describe('Repeats an incident that is still open this often. Default: never.'),
  escalateAfter: span()
    .optional()
    .describe(
      'Hears only of incidents open for so long while nobody has paused the target. Default: at once.',
    ),
});

export type RoutingShape = ReturnType<typeof routingShape>;

/** Keys whose values may be shown when they are wrong: nothing in them is secret. */
export const ROUTING_KEYS = Object.keys({
  severity: true,
  targets: true,
  causes: true,
  quietHours: true,
  remindEvery: true,
  escalateAfter: true,
} satisfies Record<keyof RoutingShape, true>);

type RoutingDocument = z.infer<z.ZodObject<RoutingShape>>;

export function rulesOf(document: RoutingDocument, refreshEveryMs: number | null): RoutingRules {
  const { severity, targets, causes, quietHours: quiet, remindEvery, escalateAfter } = document;
  const msOf = (found: string | undefined) => (found === undefined ? null : parseDuration(found));
  return {
    severity: severity ?? EVERYTHING.severity,
    targets: targets ?? null,
    causes: causes ?? null,
    quietHours:
      quiet === undefined
        ? null
        : { from: minutesOf(quiet.from), to: minutesOf(quiet.to), zone: quiet.zone ?? 'UTC' },
    remindEveryMs: msOf(remindEvery),
    escalateAfterMs: msOf(escalateAfter),
    refreshEveryMs,
  };
}

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== null;
  } catch {
    return false;
  }
}
