import { CONDITIONS } from '../core/condition.ts';
import { DIAGNOSIS } from '../core/diagnosis.ts';
import type { Evidence } from '../core/evidence.ts';
import { type GuardAnswer, HOLD_CODES } from '../core/guards.ts';
import { type LedgerEntry, type LedgerKind, sentenceOf } from '../core/ledger.ts';
import type { About, Severity } from '../core/notification.ts';
import type { Policy } from '../core/policy.ts';
import { storyOf } from '../core/story.ts';
import type { Target } from '../core/target.ts';
import { type DurationMs, type EpochMs, formatDuration } from '../core/time.ts';
import { clusterName } from '../core/where.ts';
import { type Drawing, drawingOf } from './drawing.ts';
import { beganAt, lastAliveOf } from './moments.ts';
import { paragraphOf } from './paragraph.ts';

type Body<K extends LedgerKind> = Extract<LedgerEntry, { readonly kind: K }>;

/** One incident as a page shows it, from what the ledger holds. */
export interface IncidentReport {
  readonly id: string;
  readonly target: string;
  readonly headline: string;
  readonly severity: Severity;
  readonly state: 'open' | 'held' | 'over';
  readonly about: About | null;
  readonly meaning: string | null;
  readonly since: EpochMs;
  readonly openedAt: EpochMs;
  readonly endedAt: EpochMs | null;
  /** From the last sign of life to the intent, and from there to the proof. */
  readonly detectMs: DurationMs | null;
  readonly repairMs: DurationMs | null;
  readonly paragraph: string;
  readonly row: { readonly rule: string; readonly seen: string; readonly why: string } | null;
  readonly guards: readonly GuardAnswer[];
  readonly policy: Policy | null;
  readonly evidence: Evidence | null;
  readonly story: readonly { readonly at: EpochMs; readonly kind: LedgerKind; readonly sentence: string }[];
  readonly drawing: Drawing;
  readonly links: readonly { readonly name: string; readonly url: string }[];
  readonly madeAt: EpochMs;
}

export interface ReportAsk {
  readonly incident: string;
  /** As its document stands; null when it left the list. */
  readonly target: Target | null;
  readonly now: EpochMs;
}

/** What is known of an incident; null when the ledger holds nothing of it. Pure. */
export function reportOf(entries: readonly LedgerEntry[], ask: ReportAsk): IncidentReport | null {
  const { incident, target, now } = ask;
  const story = storyOf(entries, incident);
  const [first] = story;
  if (first === undefined) return null;
  const told = pick(story, 'told');
  const opened = told[0];
  const intent = pick(story, 'intent').findLast(({ body }) => body.evidence !== null) ?? null;
  const evidence = intent?.body.evidence ?? null;
  const held = pick(story, 'tick').findLast(({ body }) => body.decision.kind === 'hold') ?? null;
  const outcome = pick(story, 'outcome').findLast(({ body }) => body.outcome.kind === 'recovered') ?? null;
  const end = told.find(({ body }) => body.step === 'resolved') ?? null;
  const since = beganAt(told) ?? opened?.at ?? first.at;
  const endedAt = end?.at ?? null;
  const removedAt = pick(story, 'removal').find(({ body }) => isDone(body.answer.kind))?.at ?? null;
  const about = told.findLast(({ body }) => body.about !== undefined)?.body.about ?? null;
  const lastAliveAt = intent === null ? null : lastAliveOf(intent);
  const facts = { story, lastAliveAt, since, endedAt, evidence, held, outcome, target, about };
  return {
    id: incident,
    target: first.target,
    headline: headlineOf(told, first, endedAt === null ? null : endedAt - since),
    severity: worstOf(told.map(({ body }) => body.severity)),
    state: endedAt !== null ? 'over' : removedAt === null && held !== null ? 'held' : 'open',
    about: about ?? placeOf(target),
    meaning: about === null ? null : meaningOf(about),
    since,
    openedAt: opened?.at ?? first.at,
    endedAt,
    detectMs: intent === null || removedAt === null ? null : Math.max(0, intent.at - (lastAliveAt ?? since)),
    repairMs:
      outcome === null || removedAt === null
        ? null
        : Math.max(0, outcome.body.outcome.at - outcome.body.intendedAt),
    paragraph: paragraphOf(facts),
    row:
      evidence === null ? rowOfHold(held) : { rule: evidence.rule, seen: evidence.seen, why: evidence.why },
    guards: evidence?.guards ?? guardsOfHold(held),
    policy: evidence?.policy ?? target?.policy ?? null,
    evidence,
    story: story.map((entry) => ({ at: entry.at, kind: entry.kind, sentence: sentenceOf(entry) })),
    drawing: drawingOf(entries, {
      story,
      since,
      lastAliveAt,
      endedAt,
      now,
      target: first.target,
      uid: uidOf(intent, held),
    }),
    links: linksOf(target),
    madeAt: now,
  };
}

/** In the words of the worst that was told, and how it ended. */
function headlineOf(told: readonly Body<'told'>[], first: LedgerEntry, lastedMs: DurationMs | null): string {
  const said = told.filter(({ body }) => body.step !== 'resolved');
  const worst = worstOf(said.map(({ body }) => body.severity));
  const title = said.findLast(({ body }) => body.severity === worst)?.body.title ?? sentenceOf(first);
  return lastedMs === null
    ? title
    : `${title.replace(/, waiting for proof$/, '')}; over after ${formatDuration(lastedMs)}`;
}

function uidOf(intent: Body<'intent'> | null, held: Body<'tick'> | null): string | null {
  if (intent !== null) return intent.body.uid;
  return held?.body.decision.kind === 'hold' ? (held.body.decision.uid ?? null) : null;
}

function pick<K extends LedgerKind>(entries: readonly LedgerEntry[], kind: K): readonly Body<K>[] {
  return entries.filter((entry): entry is Body<K> => entry.kind === kind);
}

const isDone = (answer: string): boolean =>
  answer === 'deleted' || answer === 'already-gone' || answer === 'replaced';

function worstOf(all: readonly Severity[]): Severity {
  for (const one of ['critical', 'warning'] as const) if (all.includes(one)) return one;
  return 'info';
}

function meaningOf({ cause }: About): string | null {
  if (cause === null) return null;
  const row = CONDITIONS[cause];
  return 'meaning' in row && typeof row.meaning === 'string' ? row.meaning : row.title;
}

function placeOf(target: Target | null): About | null {
  if (target === null) return null;
  return {
    cause: null,
    cluster: clusterName(target.cluster),
    namespace: target.namespace,
    component: null,
    pod: null,
    node: null,
  };
}

function rowOfHold(held: Body<'tick'> | null): IncidentReport['row'] {
  if (held?.body.decision.kind !== 'hold') return null;
  const { pod } = held.body.decision;
  const judged = held.body.pods.find((one) => one.pod === pod) ?? held.body.pods[0];
  if (judged === undefined) return null;
  const { rule, why } = judged;
  return { rule, why, seen: DIAGNOSIS.find(({ id }) => id === rule)?.seen ?? '' };
}

/** Which guards held; the others were asked as well. */
function guardsOfHold(held: Body<'tick'> | null): readonly GuardAnswer[] {
  if (held?.body.decision.kind !== 'hold' || held.body.decision.uid === undefined) return [];
  const { holds } = held.body.decision;
  return HOLD_CODES.map((code) => ({ code, why: holds.find((hold) => hold.code === code)?.why ?? null }));
}

function linksOf(target: Target | null): IncidentReport['links'] {
  const { runbook = null, dashboard = null } = target?.links ?? {};
  return [
    ...(runbook === null ? [] : [{ name: 'Runbook', url: runbook }]),
    ...(dashboard === null ? [] : [{ name: 'Dashboard', url: dashboard }]),
  ];
}
