import { table } from 'table';
import { type DurationMs, isoOf } from '../core/time.ts';
import type { Clock, LedgerEntry, StateStore, TargetSource } from '../ports.ts';
import { emit, type Output } from './output.ts';
import { mustKnow } from './unknown-target.ts';

export interface HistoryOptions {
  /** Of these targets; empty means all. */
  readonly targets: readonly string[];
  readonly limit: number;
  readonly sinceMs?: DurationMs | null;
  readonly kind?: string | null;
  readonly incident?: string | null;
}

export interface HistoryPorts {
  readonly state: Pick<StateStore, 'history'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Asked only about a target that nothing is remembered of: one that is gone from the list still has its history. */
  readonly targets: TargetSource;
  /** Where the state is, as --state would name it. */
  readonly place: string;
}

/** What happened, newest last: decisions, removals with their evidence, outcomes, pauses. */
export async function history(options: HistoryOptions, ports: HistoryPorts, output: Output): Promise<number> {
  const entries = await entriesOf(options, ports);
  if (entries.length === 0) await mustKnow(options.targets, ports.targets, 'nothing was shown');
  if (output.json) {
    for (const { at, target, kind, body } of entries)
      emit(output, { at: isoOf(at), target, kind, ...body }, []);
  } else if (entries.length === 0) {
    output.write(nothing(options));
  } else {
    output.write(renderHistory(entries));
  }
  output.note(output.style('dim', `state: ${ports.place}`));
  return 0;
}

/** The store knows targets and kinds; the rest is sifted here, from everything it has. */
async function entriesOf(
  options: HistoryOptions,
  { state, clock }: HistoryPorts,
): Promise<readonly LedgerEntry[]> {
  const { targets, limit, sinceMs = null, kind = null, incident = null } = options;
  const asked = incident === null ? limit : Number.MAX_SAFE_INTEGER;
  const lists = await Promise.all(
    (targets.length === 0 ? [null] : [...new Set(targets)]).map((target) =>
      // The entries of an incident are of several kinds that belong together.
      state.history({ target, limit: asked, ...(kind !== null && incident === null && { kind }) }),
    ),
  );
  const entries = lists.flat().sort((a, b) => a.at - b.at);
  const ofIncident = incident === null ? entries : ofOneIncident(entries, incident);
  const from = sinceMs === null ? Number.NEGATIVE_INFINITY : clock.now() - sinceMs;
  return ofIncident
    .filter((entry) => entry.at >= from && (kind === null || entry.kind === kind))
    .slice(-limit);
}

/** Outcomes name no incident; they belong to it by the pod that it removed. */
function ofOneIncident(entries: readonly LedgerEntry[], incident: string): readonly LedgerEntry[] {
  const uids = new Set(
    entries.flatMap(({ body }) =>
      body.incident === incident && typeof body.uid === 'string' ? [body.uid] : [],
    ),
  );
  return entries.filter(
    ({ kind, body }) => body.incident === incident || (kind === 'outcome' && uids.has(String(body.uid))),
  );
}

function nothing({ targets, sinceMs = null, kind = null, incident = null }: HistoryOptions): string {
  const of = targets.map((target) => ` for "${target}"`).join(' or');
  if (sinceMs === null && kind === null && incident === null)
    return `Nothing has happened yet${of}: healthy ticks leave no entry.`;
  return `Nothing of that kind has happened${of}; without --since, --kind and --incident there may be more.`;
}

/** A table for people: when, which target, what, and the sentence that explains it. */
export function renderHistory(entries: readonly LedgerEntry[]): string {
  const rows = entries.map(({ at, target, kind, body }) => [
    isoOf(at).slice(0, 19).replace('T', ' '),
    target,
    kind,
    sentenceOf(kind, body),
  ]);
  return table([['when (UTC)', 'target', 'what', 'why'], ...rows], {
    columns: { 3: { width: 70, wrapWord: true } },
    drawHorizontalLine: (line, count) => line <= 1 || line === count,
  }).trimEnd();
}

type Body = LedgerEntry['body'];

function sentenceOf(kind: string, body: Body): string {
  switch (kind) {
    case 'intent':
      return `${text(body.pod)} is ${text(body.cause)}: ${text(body.why)}`;
    case 'removal':
      return `${text(body.pod)}: ${text(record(body.answer).kind)} (${text(record(body.answer).detail)})`;
    case 'outcome':
      return `${text(body.pod)}: ${text(record(body.outcome).kind)}, ${text(record(body.outcome).detail)}`;
    case 'tick': {
      const decision = record(body.decision);
      if (decision.kind === 'hold') return `held (${text(decision.code)}): ${text(decision.why)}`;
      if (body.incident === null) return 'all is well';
      return `incident ${text(body.incident)} is ${body.isOver === true ? 'over' : 'open'}`;
    }
    case 'pause':
      return `by ${text(body.by)} until ${text(body.until)}: ${text(body.reason)}${replacedOf(body)}`;
    case 'resume':
      return `by ${text(body.by)}`;
    default:
      return JSON.stringify(body);
  }
}

function replacedOf({ replaced }: Body): string {
  const { by, until } = record(replaced);
  return until === undefined ? '' : ` (in place of the pause by ${text(by)} until ${text(until)})`;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
