import type { AwaitingPod } from './approval.ts';
import type { Condition, ConditionKind, Finding } from './condition.ts';
import { isNews, isWorse, keyOfCondition, rankOf, updateConditions } from './condition.ts';
import type { About, Field, Link, Notification, Severity } from './notification.ts';
import { type DurationMs, type EpochMs, formatDuration, isoOf } from './time.ts';

/** The set of told conditions of one target, from the first that was told to the end of the last. */
export interface Incident {
  readonly id: string;
  readonly openedAt: EpochMs;
  /** Kind of the worst condition so far. */
  readonly cause: ConditionKind;
  /** What that condition is about: `pod UID`, `component scheduler`, `fleet`. */
  readonly subject: string;
  /** When the trouble began, as far as a witness knows. */
  readonly since: EpochMs;
  readonly headline: string;
  /** The worst so far. */
  readonly severity: Severity;
  /** The present dedup key of channels that page. */
  readonly page: string;
  /** Notifications so far; the next one gets this number. */
  readonly told: number;
}

/** `prod-airflow-2026-11-23T03-13-00Z` */
export function incidentId(target: string, at: EpochMs): string {
  return `${target}-${isoOf(at).slice(0, 19).replaceAll(':', '-')}Z`;
}

interface Tellable {
  readonly conditions: readonly Condition[];
  readonly incident: Incident | null;
}

export interface Tell {
  readonly target: string;
  readonly findings: readonly Finding[];
  /** The subject of a condition is gone, or proved well. */
  readonly isOver: (condition: Condition) => boolean;
  /** Everything is proved well, so an open incident may end. */
  readonly clear: boolean;
  /** One alert elsewhere stands for this target for now: nothing is told, and nothing counts as told. */
  readonly muted: boolean;
  readonly scheduledAt: EpochMs;
  readonly now: EpochMs;
  /** Time between two ticks. */
  readonly slotMs: DurationMs;
  /** The sentence for the end. */
  readonly summary: (incident: Incident) => string;
  /** The facts beside the words: of the condition that is told, or of the incident that ends. */
  readonly details: (incident: Incident, told: Condition | null) => Details;
}

export interface Details {
  readonly about: About;
  readonly fields: readonly Field[];
  readonly links: readonly Link[];
  readonly awaits?: Pick<AwaitingPod, 'uid' | 'pod'>;
}

export interface Told<S> {
  readonly state: S;
  readonly notification: Notification | null;
}

/**
 * Brings conditions and incident up to date and says what is to be told: every new condition, whatever else is open; growing worse;
 * and the end. One step tells at most one notification.
 */
export function tell<S extends Tellable>(state: S, ask: Tell): Told<S> {
  const conditions = updateConditions(state.conditions, ask.findings, ask.isOver, ask.now, ask.slotMs);
  if (conditions === state.conditions && state.incident === null) return { state, notification: null };
  const due = new Set(ask.findings.filter(({ isDue }) => isDue).map(keyOfCondition));
  const news = ask.muted
    ? []
    : conditions
        .filter((one) => isNews(one, due.has(keyOfCondition(one)), ask.now))
        .toSorted((a, b) => rankOf(a) - rankOf(b));
  const [worst] = news;
  if (worst !== undefined) return announce({ ...state, conditions }, worst, news, ask);
  const isOpen = state.incident !== null && (!ask.clear || conditions.some(({ told }) => told !== null));
  if (state.incident === null || isOpen) return { state: { ...state, conditions }, notification: null };
  return resolve({ ...state, conditions }, state.incident, ask);
}

function announce<S extends Tellable>(
  state: S,
  worst: Condition,
  news: readonly Condition[],
  ask: Tell,
): Told<S> {
  const { now } = ask;
  const id = state.incident?.id ?? incidentId(ask.target, ask.scheduledAt);
  const severity = news.reduce<Severity>(
    (most, one) => (isWorse(one.severity, most) ? one.severity : most),
    'info',
  );
  const open: Incident = state.incident ?? {
    id,
    openedAt: now,
    cause: worst.kind,
    subject: worst.subject,
    since: worst.since,
    headline: worst.title,
    severity,
    page: id,
    told: 0,
  };
  const grew = open.told > 0 && isWorse(severity, open.severity);
  const page = grew ? `${open.id}-${severity}` : open.page;
  const incident: Incident = {
    ...open,
    ...(grew || open.told === 0
      ? {
          cause: worst.kind,
          subject: worst.subject,
          headline: worst.title,
          since: Math.min(open.since, worst.since),
        }
      : {}),
    severity: grew ? severity : open.severity,
    page,
    told: open.told + 1,
  };
  const said = new Set(news);
  const conditions = state.conditions.map((one) =>
    said.has(one) ? { ...one, told: { stage: one.stage, severity: one.severity, at: now } } : one,
  );
  const notification: Notification = {
    id: `${incident.id}/${open.told}`,
    incident: incident.id,
    page,
    endsPage: grew ? open.page : null,
    target: ask.target,
    at: now,
    kind: open.told === 0 ? 'opened' : grew ? 'escalated' : 'updated',
    severity,
    ...(news.some(({ stage }) => stage === 'removed') && { occasion: 'removal' as const }),
    title: worst.title.slice(0, 150),
    text: textOf(worst, news.slice(1)),
    ...ask.details(incident, worst),
  };
  return { state: { ...state, conditions, incident }, notification };
}

function textOf(worst: Condition, others: readonly Condition[]): string {
  if (others.length === 0) return worst.text.slice(0, 600);
  const also = ` Also: ${others.map(({ title }) => title).join('; ')}.`.slice(0, 250);
  return `${worst.text.slice(0, 600 - also.length)}${also}`;
}

function resolve<S extends Tellable>(state: S, open: Incident, ask: Tell): Told<S> {
  const { now } = ask;
  return {
    state: { ...state, incident: null },
    notification: {
      id: `${open.id}/${open.told}`,
      incident: open.id,
      page: open.page,
      endsPage: null,
      target: ask.target,
      at: now,
      kind: 'resolved',
      severity: 'info',
      title: `${ask.target}: recovered after ${formatDuration(now - open.since)}`.slice(0, 150),
      text: ask.summary(open).slice(0, 600),
      ...ask.details(open, null),
    },
  };
}
