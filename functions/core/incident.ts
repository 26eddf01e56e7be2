import { type Cause, isWell } from './cause.ts';
import type { Decision, Judged } from './decision.ts';
import type { Notification, Severity } from './notification.ts';
import { ALERT_AFTER_MS, UNWELL_ALERT_AFTER_MS } from './policy.ts';
import { type Remediation, tookEffect } from './remediation.ts';
import type { Standing, TargetState } from './state.ts';
import { type EpochMs, formatDuration, isoOf, MINUTE_MS } from './time.ts';

/** From the first threshold crossing to the verified recovery of one target. */
export interface Incident {
  readonly id: string;
  readonly openedAt: EpochMs;
  readonly cause: Cause;
  /** When the trouble began, as far as a witness knows. */
  readonly since: EpochMs;
  readonly headline: string;
  readonly severity: Severity;
  /** Notifications so far; the next one gets this number. */
  readonly told: number;
  /** The situation last told of; the same one is not told twice. */
  readonly toldOf: string | null;
  /** At most 50, oldest first. */
  readonly events: readonly IncidentEvent[];
}

export interface IncidentEvent {
  readonly at: EpochMs;
  readonly text: string;
}

/** What is to be told about a target now. */
export interface Situation {
  /** Changes whenever there is something new to say. */
  readonly key: string;
  readonly cause: Cause;
  readonly since: EpochMs;
  readonly severity: Severity;
  readonly title: string;
  readonly text: string;
}

const EVENTS_KEPT = 50;

/** The situation of a target after a decision, or null when there is nothing to tell. Pure. */
export function situationOf(
  target: string,
  state: TargetState,
  decision: Decision,
  now: EpochMs,
): Situation | null {
  const failed = failedSituation(target, state);
  const isNews = failed !== null && now - failed.at < MINUTE_MS;
  return (
    removalSituation(target, state) ??
    // A failed repair is told first, but must not hide what comes after it: the next sick pod, a database outage.
    (isNews ? failed.situation : null) ??
    (failed?.isStill(decision) ? failed.situation : null) ??
    sickSituation(target, state, decision, now) ??
    lastingSituation(target, state, now) ??
    failed?.situation ??
    null
  );
}

interface Failed {
  readonly at: EpochMs;
  readonly situation: Situation;
  /** The decision says nothing new: it holds the same pod for the cool-down that the failed removal began. */
  readonly isStill: (decision: Decision) => boolean;
}

/** A failed repair stays a situation until the pods are well again; then the incident is resolved and this is history. */
function failedSituation(target: string, state: TargetState): Failed | null {
  const past = state.remediations.at(-1);
  if (past?.outcome == null || past.outcome.kind === 'recovered') return null;
  if (state.incident === null || past.intendedAt < state.incident.since) return null;
  const { outcome } = past;
  return {
    at: outcome.at,
    isStill: (decision) =>
      decision.kind === 'hold' && decision.code === 'cool-down' && decision.uid === past.uid,
    situation: {
      cause: past.cause,
      since: past.lastAliveAt ?? past.firstBadAt,
      severity: 'critical',
      key: `outcome:${outcome.kind}:${past.uid}`,
      title: `${target}: ${outcome.kind}, a person is needed`,
      text: `${past.pod} was ${past.cause} and its removal was meant ${isoOf(past.intendedAt)}. ${outcome.detail}. Nothing more is removed before the cool-down ends.`,
    },
  };
}

function removalSituation(target: string, state: TargetState): Situation | null {
  const past = state.remediations.findLast((one) => one.outcome === null);
  if (past === undefined) return null;
  const base = {
    cause: past.cause,
    since: past.lastAliveAt ?? past.firstBadAt,
    severity: 'critical',
  } as const;
  if (past.answer === null) {
    return {
      ...base,
      key: `remove:${past.uid}`,
      title: `${target}: ${past.component} ${past.cause}, removing ${past.pod}`,
      text: `${past.why}. The pod is being removed by uid with its own grace period.`,
    };
  }
  if (tookEffect(past)) {
    const what = past.answer.kind === 'deleted' ? 'was removed' : `was ${past.answer.kind}`;
    return {
      ...base,
      key: `removed:${past.uid}`,
      title: `${target}: ${past.pod} ${what}, waiting for proof`,
      text: `${past.why}. The replacement must run, write its own job row and beat before this is resolved.`,
    };
  }
  return {
    ...base,
    key: `answer:${past.answer.kind}:${past.uid}`,
    title: `${target}: removal of ${past.pod} ${past.answer.kind}`,
    text: `${past.why}. Kubernetes did not remove it: ${past.answer.detail}`,
  };
}

function sickSituation(
  target: string,
  state: TargetState,
  decision: Decision,
  now: EpochMs,
): Situation | null {
  if (decision.kind !== 'hold' || decision.uid === undefined || decision.cause === undefined) return null;
  const since = state.pods[decision.uid]?.streak?.firstAt ?? now;
  const why = state.pods[decision.uid]?.standing.why ?? decision.why;
  const wouldHave = decision.code === 'watch-mode' || decision.code === 'not-acting';
  return {
    key: `hold:${decision.code}:${decision.uid}`,
    cause: decision.cause,
    since,
    severity: 'critical',
    title: wouldHave
      ? `${target}: ${decision.component} ${decision.cause}, would have removed ${decision.pod}`
      : `${target}: ${decision.component} ${decision.cause}, removal held (${decision.code})`,
    text: `${decision.pod}: ${why}. Not removed: ${decision.why}.`,
  };
}

function lastingSituation(target: string, state: TargetState, now: EpochMs): Situation | null {
  const standings: (Standing & { readonly who: string })[] = Object.values(state.pods).map((pod) => ({
    ...pod.standing,
    who: pod.name,
  }));
  if (state.blind !== null) standings.unshift({ ...state.blind, who: target });
  const lasting = standings.filter(
    ({ cause, since }) => canLast(cause) && now - since >= ALERT_AFTER_MS[cause],
  );
  const worst = LASTING_ORDER.flatMap((cause) => lasting.filter((one) => one.cause === cause))[0];
  if (worst === undefined) return unsettledSituation(target, state, now);
  return {
    key: `lasting:${worst.cause}`,
    cause: worst.cause,
    since: worst.since,
    severity: worst.cause === 'database-down' ? 'critical' : 'warning',
    title: `${target}: ${canLast(worst.cause) ? LASTING_TITLES[worst.cause] : worst.cause}`,
    text: `${worst.who}: ${worst.why}. For ${formatDuration(now - worst.since)}; nothing is removed for this.`,
  };
}

/** Causes that take turns, none of them long enough for an alert of its own, must not add up to silence. */
function unsettledSituation(target: string, state: TargetState, now: EpochMs): Situation | null {
  for (const pod of Object.values(state.pods)) {
    if (pod.unwellSince === null || now - pod.unwellSince < UNWELL_ALERT_AFTER_MS) continue;
    return {
      key: 'lasting:unwell',
      cause: pod.standing.cause,
      since: pod.unwellSince,
      severity: 'warning',
      title: `${target}: ${pod.name} does not get well`,
      text: `Not seen well for ${formatDuration(now - pod.unwellSince)}, now ${pod.standing.cause}: ${pod.standing.why}. Nothing is removed for this.`,
    };
  }
  return null;
}

function canLast(cause: Cause): cause is keyof typeof ALERT_AFTER_MS {
  return cause in ALERT_AFTER_MS;
}

const LASTING_TITLES = {
  'database-down': 'the metadata database is sick',
  blind: 'the watchdog cannot see',
  contradictory: 'the witnesses disagree',
  starving: 'exec probes cannot be started, memory is short',
  starting: 'a pod does not come up',
  'rolling-out': 'a rollout does not end',
} as const;
const LASTING_ORDER: readonly Cause[] = [
  'database-down',
  'blind',
  'starving',
  'contradictory',
  'starting',
  'rolling-out',
];

/** `prod-airflow-2026-11-23T03-13-00Z` */
export function incidentId(target: string, at: EpochMs): string {
  return `${target}-${isoOf(at).slice(0, 19).replaceAll(':', '-')}Z`;
}

export interface Told<S> {
  readonly state: S;
  readonly notification: Notification | null;
}

/**
 * Opens, updates or resolves the incident and says what is to be told. `quiet` keeps the incident but tells nothing: in a
 * storm one alert about the fleet stands for all.
 * @param clear everything is proved well, so an open incident may end
 */
export function tell<S extends { readonly incident: Incident | null }>(
  state: S,
  ask: {
    readonly target: string;
    readonly situation: Situation | null;
    readonly clear: boolean;
    readonly quiet: boolean;
    readonly scheduledAt: EpochMs;
    readonly now: EpochMs;
    readonly summary: string;
  },
): Told<S> {
  const { situation, now } = ask;
  if (situation === null) {
    if (state.incident === null || !ask.clear) return { state, notification: null };
    return resolve(state, state.incident, ask);
  }
  const open: Incident = state.incident ?? {
    id: incidentId(ask.target, ask.scheduledAt),
    openedAt: now,
    cause: situation.cause,
    since: situation.since,
    headline: situation.title,
    severity: situation.severity,
    told: 0,
    toldOf: null,
    events: [],
  };
  if (open.toldOf === situation.key) return { state: { ...state, incident: open }, notification: null };
  const incident: Incident = {
    ...open,
    cause: situation.cause,
    headline: situation.title,
    severity: situation.severity,
    toldOf: ask.quiet ? open.toldOf : situation.key,
    told: open.told + (ask.quiet ? 0 : 1),
    events: noteEvent(open.events, now, situation.title),
  };
  if (ask.quiet) return { state: { ...state, incident }, notification: null };
  const notification: Notification = {
    ...basics(ask, incident, open.told),
    kind: open.told === 0 ? 'opened' : 'updated',
    severity: situation.severity,
    title: situation.title.slice(0, 150),
    text: situation.text.slice(0, 600),
    fields: [{ name: 'Cause', value: situation.cause }, ...times(situation.since, now)],
  };
  return { state: { ...state, incident }, notification };
}

function resolve<S extends { readonly incident: Incident | null }>(
  state: S,
  open: Incident,
  ask: { readonly target: string; readonly now: EpochMs; readonly summary: string },
): Told<S> {
  const over = { ...state, incident: null };
  if (open.told === 0) return { state: over, notification: null };
  const lasted = formatDuration(ask.now - open.since);
  return {
    state: over,
    notification: {
      ...basics(ask, open, open.told),
      kind: 'resolved',
      severity: 'info',
      title: `${ask.target}: recovered after ${lasted}`.slice(0, 150),
      text: ask.summary.slice(0, 600),
      fields: [{ name: 'Cause', value: open.cause }, ...times(open.since, ask.now)],
    },
  };
}

function basics(ask: { readonly target: string; readonly now: EpochMs }, incident: Incident, number: number) {
  return { id: `${incident.id}/${number}`, incident: incident.id, target: ask.target, at: ask.now };
}

function times(since: EpochMs, now: EpochMs) {
  return [
    { name: 'Since', value: isoOf(since) },
    { name: 'For', value: formatDuration(now - since) },
  ];
}

/** Adds one line of the story, never the same twice in a row. */
export function noteEvent(
  events: readonly IncidentEvent[],
  at: EpochMs,
  text: string,
): readonly IncidentEvent[] {
  return events.at(-1)?.text === text ? events : [...events, { at, text }].slice(-EVENTS_KEPT);
}

/** Nothing is open any more: every pod that is not on its way out is well, and every removal is made good. */
export function isClear(state: TargetState, judged: readonly Judged[]): boolean {
  const living = judged.filter(({ patient }) => patient.pod.terminatingSince === null);
  if (living.length === 0 || state.blind !== null) return false;
  return (
    living.every(({ verdict }) => isWell(verdict.cause)) &&
    state.remediations.every((one) => isMadeGood(one, state.incident, living))
  );
}

/** A removal of this incident has its outcome, and in place of the pod there is another, or it is still there itself. */
function isMadeGood(past: Remediation, incident: Incident | null, living: readonly Judged[]): boolean {
  if (past.outcome === null) return false;
  if (past.outcome.kind === 'recovered' || incident === null || past.intendedAt < incident.since) return true;
  return living.some(
    ({ patient: { pod } }) =>
      pod.component === past.component && (pod.uid === past.uid || !past.knownUids.includes(pod.uid)),
  );
}

/** One sentence for the end of an incident: how long it took to detect and to repair. */
export function recoverySummary(
  incident: Incident,
  remediations: readonly Remediation[],
  now: EpochMs,
): string {
  const recovered = remediations.findLast(
    (one) => one.outcome?.kind === 'recovered' && one.intendedAt >= incident.openedAt - 1_000,
  );
  if (recovered?.outcome == null) {
    const removed = remediations.findLast((one) => one.intendedAt >= incident.since && tookEffect(one));
    const how = removed === undefined ? 'without a removal' : `some time after the removal of ${removed.pod}`;
    return `${incident.headline}. It is over ${how}, after ${formatDuration(now - incident.since)}.`;
  }
  const aliveAt = recovered.lastAliveAt ?? recovered.firstBadAt;
  return (
    `${recovered.pod} was ${recovered.cause}; last sign of life ${isoOf(aliveAt)}. ` +
    `Detected and removed after ${formatDuration(recovered.intendedAt - aliveAt)}, ` +
    `replaced and proved after another ${formatDuration(recovered.outcome.at - recovered.intendedAt)}: ${recovered.outcome.detail}.`
  );
}
