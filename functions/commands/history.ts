import { type LedgerEntry, type LedgerKind, sentenceOf } from '../core/ledger.ts';
import { storyOf } from '../core/story.ts';
import { type DurationMs, isoOf } from '../core/time.ts';
import type { Clock, StateStore, TargetSource } from '../ports.ts';
import { grid } from './grid.ts';
import { emit, type Output } from './output.ts';
import { mustKnow } from './unknown-target.ts';

export interface HistoryOptions {
  /** Of these targets; empty means all. */
  readonly targets: readonly string[];
  readonly limit: number;
  readonly sinceMs?: DurationMs | null;
  readonly kind?: LedgerKind | null;
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
    for (const entry of entries) emit(output, lineOf(entry), []);
  } else if (entries.length === 0) {
    output.write(nothing(options));
  } else {
    output.write(renderHistory(entries, output.width ?? null));
  }
  output.note(output.style('dim', `state: ${ports.place}`));
  return 0;
}

export interface FollowOptions extends HistoryOptions {
  readonly everyMs: DurationMs;
  readonly signal: AbortSignal;
}

/** The same, and then each entry as it comes, until it is told to stop. */
export async function followHistory(
  { everyMs, signal, ...options }: FollowOptions,
  ports: HistoryPorts & { readonly clock: Clock },
  output: Output,
): Promise<number> {
  // Asked before it is shown: what comes between is shown twice rather than never.
  let known = await entriesOf(options, ports);
  const code = await history(options, ports, output);
  for (;;) {
    await ports.clock.sleep(everyMs, signal);
    if (signal.aborted) return code;
    const entries = await entriesOf(options, ports);
    const seen = new Set(known.map(keyOf));
    for (const entry of entries.filter((one) => !seen.has(keyOf(one))))
      emit(output, lineOf(entry), [cellsOf(entry).join('  ')]);
    known = entries;
  }
}

const keyOf = (entry: LedgerEntry): string => JSON.stringify(lineOf(entry));

const lineOf = ({ at, target, kind, body }: LedgerEntry) => ({ at: isoOf(at), target, kind, ...body });

/** The store knows targets and kinds; the rest is sifted here, from everything it has. */
async function entriesOf(
  options: HistoryOptions,
  { state, clock }: HistoryPorts,
): Promise<readonly LedgerEntry[]> {
  const { targets, limit, sinceMs = null, kind = null, incident = null } = options;
  const asked = incident === null ? limit : Number.MAX_SAFE_INTEGER;
  const lists = await Promise.all(
    (targets.length === 0 ? [null] : [...new Set(targets)]).map((target) =>
      // The entries of an incident are of several kinds that belong together; looks are for machines, and shown when asked for.
      state.history({
        target,
        limit: asked,
        ...(kind !== null && incident === null && { kind }),
        ...(kind === 'looks' ? {} : { without: 'looks' as const }),
      }),
    ),
  );
  const entries = lists.flat().sort((a, b) => a.at - b.at);
  const ofIncident = incident === null ? entries : storyOf(entries, incident);
  const from = sinceMs === null ? Number.NEGATIVE_INFINITY : clock.now() - sinceMs;
  return ofIncident
    .filter((entry) => entry.at >= from && (kind === null || entry.kind === kind))
    .slice(-limit);
}

function nothing({ targets, sinceMs = null, kind = null, incident = null }: HistoryOptions): string {
  const of = targets.map((target) => ` for "${target}"`).join(' or');
  if (sinceMs === null && kind === null && incident === null)
    return `Nothing has happened yet${of}: healthy ticks leave no entry.`;
  return `Nothing of that kind has happened${of}; without --since, --kind and --incident there may be more.`;
}

/** A table for people: when, which target, what, and the sentence that explains it. */
function renderHistory(entries: readonly LedgerEntry[], width: number | null): string {
  return grid([['when (UTC)', 'target', 'what', 'why'], ...entries.map(cellsOf)], width, { 3: 70 });
}

function cellsOf(entry: LedgerEntry): readonly string[] {
  const when = isoOf(entry.at).slice(0, 19).replace('T', ' ');
  return [when, entry.target, entry.kind, sentenceOf(entry)];
}
