import { type Cause, rowOfCause } from '../core/cause.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { PodBrief } from '../core/look-brief.ts';
import { type DurationMs, type EpochMs, MINUTE_MS, SECOND_MS } from '../core/time.ts';

/** What is drawn of an incident, all on one time axis. */
export interface Drawing {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** The pod that it is about first. */
  readonly pods: readonly DrawnPod[];
  readonly moments: readonly Moment[];
}

export interface DrawnPod {
  readonly uid: string;
  readonly pod: string;
  readonly role: 'subject' | 'replacement' | 'other';
  readonly points: readonly Point[];
}

export interface Point {
  readonly at: EpochMs;
  readonly silentMs: DurationMs | null;
  readonly limitMs: DurationMs;
  readonly memory: { readonly bytes: number; readonly limitBytes: number | null } | null;
  readonly cause: Cause;
  readonly standing: ReturnType<typeof standingOf>;
  readonly own: PodBrief['own'];
}

/** Something that was decided, done or proved; its number stands in the drawing and before its words. */
export interface Moment {
  readonly at: EpochMs;
  readonly kind: 'life' | 'decision' | 'removal' | 'proof' | 'failure' | 'end';
  readonly text: string;
}

interface Ask {
  readonly story: readonly LedgerEntry[];
  readonly target: string;
  readonly uid: string | null;
  /** Of the incident: the first sign of trouble. */
  readonly since: EpochMs;
  /** Of the pod that was removed; null where none was. */
  readonly lastAliveAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  readonly now: EpochMs;
}

const PODS_DRAWN = 6;
const POINTS_DRAWN = 200;
const MOMENTS_DRAWN = 14;
/** Two beginnings closer than this are one. */
const APART_MS = 10_000;

export function drawingOf(entries: readonly LedgerEntry[], ask: Ask): Drawing {
  const lengthMs = (ask.endedAt ?? ask.now) - ask.since;
  const from = ask.since - between(lengthMs * 0.3, 20 * SECOND_MS, 10 * MINUTE_MS);
  const to =
    ask.endedAt === null ? ask.now : ask.endedAt + between(lengthMs * 0.1, 5 * SECOND_MS, 5 * MINUTE_MS);
  const trails = entries.flatMap((entry) =>
    entry.kind === 'looks' && entry.target === ask.target ? (entry.body.trail ?? []) : [],
  );
  const pods = new Map<string, { pod: string; points: Point[] }>();
  for (const { at, pods: briefs } of trails.toSorted((a, b) => a.at - b.at)) {
    if (at < from || at > to) continue;
    for (const brief of briefs) {
      const known = pods.get(brief.uid) ?? { pod: brief.pod, points: [] };
      pods.set(brief.uid, known);
      known.points.push(pointOf(brief, at));
    }
  }
  const drawn = [...pods].map(([uid, { pod, points }]): DrawnPod => {
    const role =
      uid === ask.uid
        ? 'subject'
        : (points[0]?.at ?? 0) > ask.since && ask.uid !== null
          ? 'replacement'
          : 'other';
    return {
      uid,
      pod,
      role,
      points: thinned(role === 'subject' ? fromLife(points, ask.lastAliveAt ?? ask.since) : points),
    };
  });
  const order = ['subject', 'replacement', 'other'];
  return {
    from,
    to,
    pods: drawn.toSorted((a, b) => order.indexOf(a.role) - order.indexOf(b.role)).slice(0, PODS_DRAWN),
    moments: momentsOf(ask),
  };
}

const between = (ms: number, least: number, most: number): number => Math.min(most, Math.max(least, ms));

function pointOf({ silentMs, limitMs, memory, cause, own }: PodBrief, at: EpochMs): Point {
  return { at, silentMs, limitMs, memory, cause, standing: standingOf(cause), own };
}

/** `unknown` where we do not know, `sick` where it may cost the pod; one that is only short of memory still works. */
function standingOf(cause: Cause): 'well' | 'passing' | 'unknown' | 'sick' {
  const { class: kind } = rowOfCause(cause);
  if (kind === 'removable') return 'sick';
  return kind === 'on-request' ? 'passing' : kind;
}

/** At its last sign of life its silence was nothing. */
function fromLife(points: readonly Point[], since: EpochMs): readonly Point[] {
  const after = points.findIndex(({ at }) => at > since);
  const next = points[after];
  if (next === undefined || next.silentMs === null || next.silentMs < next.at - since - 1_000) return points;
  const life: Point = {
    ...next,
    at: since,
    silentMs: 0,
    memory: null,
    cause: 'healthy',
    standing: 'well',
    own: null,
  };
  return points.toSpliced(after, 0, life);
}

/** Evenly fewer where they are too many to see. */
function thinned(points: readonly Point[]): readonly Point[] {
  const step = Math.ceil(points.length / POINTS_DRAWN);
  return step <= 1 ? points : points.filter((_, index) => index % step === 0 || index === points.length - 1);
}

function momentsOf({ story, since, lastAliveAt }: Ask): readonly Moment[] {
  const all = story.flatMap((entry): readonly Moment[] => {
    switch (entry.kind) {
      case 'tick': {
        const { decision } = entry.body;
        return decision.kind === 'hold'
          ? [{ at: entry.at, kind: 'decision', text: `held (${decision.code}): ${decision.why}` }]
          : [];
      }
      case 'intent':
        return [
          {
            at: entry.at,
            kind: 'decision',
            text: `every guard lets ${entry.body.pod} go: ${entry.body.why}`,
          },
        ];
      case 'removal':
        return [
          { at: entry.at, kind: 'removal', text: `removal of ${entry.body.pod}: ${entry.body.answer.kind}` },
        ];
      case 'outcome': {
        const { kind, detail } = entry.body.outcome;
        return [
          { at: entry.at, kind: kind === 'recovered' ? 'proof' : 'failure', text: `${kind}: ${detail}` },
        ];
      }
      case 'told':
        return entry.body.step === 'resolved' ? [{ at: entry.at, kind: 'end', text: entry.body.title }] : [];
      default:
        return [];
    }
  });
  const life: readonly Moment[] =
    lastAliveAt === null ? [] : [{ at: lastAliveAt, kind: 'life', text: 'last sign of life' }];
  const trouble: readonly Moment[] =
    lastAliveAt !== null && Math.abs(lastAliveAt - since) < APART_MS
      ? []
      : [{ at: since, kind: 'life', text: 'first sign of trouble' }];
  return [...trouble, ...life, ...all].toSorted((a, b) => a.at - b.at).slice(0, MOMENTS_DRAWN);
}
