import type { AwaitingPod } from './approval.ts';
import { budgetLeft } from './budget.ts';
import { CAUSES, type Cause } from './cause.ts';
import { CONDITIONS, type Condition, type ConditionKind, podSubject } from './condition.ts';
import { GUARDS, HOLD_CODES, type HoldCode } from './guards.ts';
import type { Details, Incident } from './incident.ts';
import { type About, boundedField, type Field, type Link } from './notification.ts';
import type { TargetLooks } from './patient.ts';
import type { TargetState } from './state.ts';
import type { ComponentName, Target } from './target.ts';
import { type EpochMs, formatDuration, isoOf, SECOND_MS } from './time.ts';
import { clusterName, kubectlOf, type Place } from './where.ts';

interface MessageFacts {
  readonly target: Target;
  readonly state: TargetState;
  /** null: nothing could be seen. */
  readonly looks: TargetLooks | null;
  readonly reportsUrl: string | null;
  readonly now: EpochMs;
}

/** Name of the page of all targets, beside the reports. */
export const FLEET_PAGE = 'index.html';
/** A path in the repository, since there is no page of ours that everybody reaches. */
const RUNBOOK = 'docs/runbook.md';

/** The facts beside the words of a message: what and where, since when, what was done or held, what is left, what to run. Pure. */
export function detailsOf(facts: MessageFacts, incident: Incident, told: Condition | null): Details {
  const { target, now } = facts;
  const kind = told?.kind ?? incident.cause;
  const place = placeOf(facts, told?.subject ?? incident.subject);
  const about = {
    cause: kind,
    cluster: clusterName(target.cluster),
    namespace: target.namespace,
    ...place,
  };
  const since = told?.since ?? incident.since;
  const fields = [
    { name: 'Cause', value: kind },
    ...(place.pod === null
      ? []
      : [{ name: 'Pod', value: `${place.pod}${place.node === null ? '' : `, node ${place.node}`}` }]),
    { name: 'Where', value: whereOf(about) },
    { name: 'Since', value: isoOf(since) },
    { name: 'For', value: lasted(now - since) },
    ...(told === null ? [] : openFields(facts, told, place)),
    { name: 'Runbook', value: `${RUNBOOK}#${anchorOf(kind, told?.stage ?? '')}` },
  ];
  const awaits = told === null ? null : awaitsOf(facts.state, told);
  return {
    about,
    fields: fields.map(boundedField),
    links: linksOf(facts, incident),
    ...(awaits !== null && { awaits }),
  };
}

/** The pod that is told of, or another one of the target. */
function awaitsOf({ waiting }: TargetState, { subject }: Condition): Pick<AwaitingPod, 'uid' | 'pod'> | null {
  const found = waiting.find(({ uid }) => podSubject(uid) === subject) ?? waiting[0];
  return found === undefined ? null : { uid: found.uid, pod: found.pod };
}

/** The same for what is said of the fleet as a whole. */
export function fleetDetails(
  incident: Incident,
  told: Condition | null,
  now: EpochMs,
  reportsUrl: string | null = null,
): Details {
  const kind = told?.kind ?? incident.cause;
  const since = told?.since ?? incident.since;
  const fields = [
    { name: 'Cause', value: kind },
    { name: 'Since', value: isoOf(since) },
    { name: 'For', value: lasted(now - since) },
    ...(told === null ? [] : [{ name: 'Next', value: CONDITIONS[kind].cure }]),
    { name: 'Runbook', value: `${RUNBOOK}#${anchorOf(kind, told?.stage ?? '')}` },
  ];
  const about = { cause: kind, cluster: null, namespace: null, component: null, pod: null, node: null };
  const links = reportsUrl === null ? [] : [{ name: 'All targets', url: `${reportsUrl}${FLEET_PAGE}` }];
  return { about, fields: fields.map(boundedField), links };
}

/** What was noticed in this very moment has not lasted yet. */
const lasted = (ms: number): string => (ms < SECOND_MS ? 'just now' : formatDuration(ms));

function openFields(facts: MessageFacts, told: Condition, place: Place): readonly Field[] {
  const { target, state, now } = facts;
  const { removals, perMs } = target.policy.budget;
  const left = budgetLeft(state.remediations, target.policy, now);
  const budget = `${left} of ${removals} removals left in ${formatDuration(perMs)}`;
  // Of a pod that is gone there is nothing to see.
  const template = /^(removed|outcome)/.test(told.stage)
    ? 'get pods -l SELECTOR -o wide'
    : CONDITIONS[told.kind].kubectl;
  const look = kubectlOf(template, target, place);
  return [
    { name: 'Done', value: doneOf(told, now) },
    { name: 'Next', value: nextOf(told, target, place) },
    ...(look === null ? [] : [{ name: 'Look', value: look }]),
    ...(mayCostAPod(told.kind) ? [{ name: 'Budget', value: budget }] : []),
  ];
}

/** What was done about it, or what holds that and for how long. */
function doneOf({ stage, stageSince, kind }: Condition, now: EpochMs): string {
  const [step = '', word = ''] = stage.split(':');
  switch (step) {
    case 'hold':
      return `held by ${word}${now - stageSince > 0 ? ` for ${formatDuration(now - stageSince)}` : ''}: ${meaningOf(word)}`;
    case 'removing':
      return 'the removal is under way';
    case 'removed':
      return 'removed; its replacement has to prove itself';
    case 'answer':
      return `nothing was removed: Kubernetes answered "${word}"`;
    case 'outcome':
      return `removed: ${word}`;
    case 'undone':
      return 'nothing was removed';
    default:
      return mayCostAPod(kind) ? 'nothing yet' : 'nothing is removed for this';
  }
}

function nextOf({ stage, kind }: Condition, target: Target, { pod }: Place): string {
  const [step = '', word = ''] = stage.split(':');
  const cure = stepCure(step, word) ?? CONDITIONS[kind].cure;
  return cure.replaceAll('TARGET', target.id).replaceAll('--pod POD', `--pod ${pod ?? 'POD'}`);
}

function stepCure(step: string, word: string): string | null {
  switch (step) {
    case 'hold':
      return isHoldCode(word) ? GUARDS[word].cure : null;
    case 'removing':
    case 'removed':
      return 'nothing; the proof of the recovery, or its lack, is told next';
    case 'answer':
    case 'undone':
      return word === 'forbidden'
        ? 'give the watchdog the right: `kubectl apply -f infra/k8s/rbac.yml`, and look at admission policies'
        : 'nothing; it is tried again. If it lasts, look at the API server';
    case 'outcome':
      return 'look at why the replacement does not work; `scheduler-watchdog resume TARGET` lets one more removal try';
    default:
      return null;
  }
}

const mayCostAPod = (kind: ConditionKind): boolean =>
  kind in CAUSES && CAUSES[kind as Cause].removalOrder !== null;

const isHoldCode = (word: string): word is HoldCode => (HOLD_CODES as readonly string[]).includes(word);

const meaningOf = (word: string): string => (isHoldCode(word) ? GUARDS[word].meaning : word);

/** The section of the runbook: a hold's own where there is one, else that of what is the matter. */
function anchorOf(kind: ConditionKind, stage: string): string {
  const [step = '', word = ''] = stage.split(':');
  return step === 'hold' ? `hold-${word}` : kind;
}

/** What is known of a subject, by what is seen now or else by what is remembered. */
function placeOf({ state, looks }: MessageFacts, subject: string): Place {
  const [what, id = ''] = subject.split(' ');
  if (what === 'component') return { component: id as ComponentName, pod: null, node: null };
  if (what !== 'pod') return { component: null, pod: null, node: null };
  const seen = looks?.pods.find(({ uid }) => uid === id);
  if (seen !== undefined) return { component: seen.component, pod: seen.name, node: seen.node };
  const past = state.remediations.findLast(({ uid }) => uid === id);
  const memory = state.pods[id];
  return {
    component: past?.component ?? memory?.component ?? null,
    pod: past?.pod ?? memory?.name ?? null,
    node: past?.node ?? null,
  };
}

function whereOf({ namespace, cluster, component }: About): string {
  const what = component === null ? '' : `${component} in `;
  return `${what}namespace ${namespace}, cluster ${cluster}`;
}

function linksOf({ target, reportsUrl }: MessageFacts, { id }: Incident): readonly Link[] {
  const { runbook = null, dashboard = null } = target.links ?? {};
  const all = [
    { name: 'Report', url: reportsUrl === null ? null : `${reportsUrl}${encodeURIComponent(id)}.html` },
    { name: 'Runbook', url: runbook },
    { name: 'Dashboard', url: dashboard },
  ];
  return all.flatMap(({ name, url }) => (url === null ? [] : [{ name, url }]));
}
