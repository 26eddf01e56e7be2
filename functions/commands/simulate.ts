import { describeBadDocument } from '../config/describe.ts';
import { type PolicyChange, parsePolicy } from '../config/parse-policy.ts';
import { WatchdogError } from '../core/errors.ts';
import { replayable } from '../core/replay.ts';
import { NOT_REPLAYABLE, type Simulated, simulate } from '../core/simulated.ts';
import type { Difference } from '../core/simulated-difference.ts';
import { chosenFrom } from '../core/target.ts';
import type { DurationMs } from '../core/time.ts';
import { grid } from './grid.ts';
import { emit, type Output } from './output.ts';
import { ALL_LOOKS, type RememberedPorts } from './remembered-ports.ts';
import { refuseUnknown } from './unknown-target.ts';

export interface SimulateOptions {
  /** Where the policy is, as it was named, and its text. */
  readonly policy: { readonly source: string; readonly text: string };
  readonly sinceMs: DurationMs;
  /** Of these targets; empty means all. */
  readonly targets: readonly string[];
}

const WIDTH = 80;

/** Looks of the last days under another policy: what would have been decided otherwise. Changes nothing. */
export async function simulatePolicy(
  { policy, sinceMs, targets: only }: SimulateOptions,
  ports: RememberedPorts,
  output: Output,
): Promise<number> {
  const change = changeOf(policy);
  const list = await ports.targets.load();
  refuseUnknown(only, list, 'nothing was replayed');
  const from = ports.clock.now() - sinceMs;
  const all: Simulated[] = [];
  // One after the other: the looks of a month of one target are many megabytes.
  for (const target of chosenFrom(list.targets, only)) {
    const entries = await ports.state.history({ target: target.id, limit: ALL_LOOKS, kind: 'looks' });
    const recent = entries.filter(({ at }) => at >= from);
    const simulated = simulate(target, recent.map(replayable), change);
    all.push(simulated);
    emit(output, { ...simulated, differences: ordered(simulated.differences) }, []);
  }
  const differences = ordered(all.flatMap((one) => one.differences));
  if (!output.json) for (const line of linesOf(all, differences, output)) output.write(line);
  for (const bad of list.bad) emit(output, { bad }, [describeBadDocument(bad)]);
  output.note(output.style('dim', `state: ${ports.place}`));
  if (all.reduce((sum, { looks }) => sum + looks, 0) === 0) return 3;
  return differences.some(({ kind }) => kind !== 'hold') ? 1 : 0;
}

function changeOf({ source, text }: SimulateOptions['policy']): PolicyChange {
  const parsed = parsePolicy(text, { format: source.endsWith('.json') ? 'json' : 'yaml', source });
  if (typeof parsed === 'function') return parsed;
  throw new WatchdogError({
    code: 'WD_TARGET_INVALID',
    what: describeBadDocument(parsed),
    notDone: 'nothing was replayed',
    run: 'Mend the policy; docs/configuration.md has every key.',
  });
}

const ORDER = {
  'removal-gained': 'removal gained',
  'removal-perhaps': 'removal perhaps',
  'removal-lost': 'removal lost',
  'removal-sooner': 'removal sooner',
  hold: 'other decision',
} as const satisfies Readonly<Record<Difference['kind'], string>>;
const KINDS = Object.keys(ORDER);

function ordered(differences: readonly Difference[]): readonly Difference[] {
  return differences.toSorted(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.tick < b.tick ? -1 : 1),
  );
}

function linesOf(
  all: readonly Simulated[],
  differences: readonly Difference[],
  { width = WIDTH }: Output,
): readonly string[] {
  const rows = differences.map(({ kind, target, tick, pod, was, is, why, ticks }) => [
    ORDER[kind],
    tick.slice(0, 16).replace('T', ' '),
    `${target}${pod === null ? '' : `\n${pod}`}`,
    `was ${plain(was)}, would be ${plain(is)}${ticks > 1 ? `, for ${ticks} looks` : ''}: ${why}`,
  ]);
  const looks = all.reduce((sum, one) => sum + one.looks, 0);
  const counted = (kind: Difference['kind']) => differences.filter((one) => one.kind === kind).length;
  const reasons = Object.entries(NOT_REPLAYABLE).flatMap(([key, text]) => {
    const count = all.reduce((sum, one) => sum + (one.notReplayable[key] ?? 0), 0);
    return count === 0 ? [] : [`not replayable: ${count} (${text})`];
  });
  return [
    ...(rows.length === 0 ? [] : [grid([['what', 'tick (UTC)', 'of', 'how'], ...rows], width)]),
    `removals: ${counted('removal-gained')} gained, ${counted('removal-perhaps')} perhaps, ${counted('removal-lost')} lost, ${counted('removal-sooner')} sooner; ${counted('hold')} other decision(s) differ`,
    `looks judged again: ${looks}, of ${all.length} target(s)`,
    ...reasons,
    ...(looks === 0 ? ['Nothing could be judged again: that is no pass.'] : []),
  ];
}

/** Uids are for machines. */
const plain = (key: string): string => key.replace(/^(hold \S+|remove) .*$/, '$1').trim();
