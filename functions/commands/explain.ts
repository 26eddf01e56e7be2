import type { ExplainedPod, Explanation } from '../core/explanation.ts';
import { explanationOf } from '../core/explanation.ts';
import { type Replayable, replayable } from '../core/replay.ts';
import { type EpochMs, epochOf, formatDuration, isoOf, SECOND_MS } from '../core/time.ts';
import { loadTarget } from '../flow/saved-state.ts';
import type { StateStore } from '../ports.ts';
import { grid } from './grid.ts';
import { emit, type Output } from './output.ts';
import { ALL_LOOKS, type RememberedPorts } from './remembered-ports.ts';
import { mustKnow } from './unknown-target.ts';

export interface ExplainOptions {
  readonly target: string;
  /** The newest decision at or before this moment; null: the newest of all. */
  readonly at: EpochMs | null;
}

const WIDTH = 80;

/** Why the decision nearest before a moment was made, by the same judge that made it. */
export async function explain(
  { target: id, at }: ExplainOptions,
  ports: RememberedPorts,
  output: Output,
): Promise<number> {
  const { state, targets, clock } = ports;
  await mustKnow([id], targets, 'nothing was explained');
  const target = (await targets.load()).targets.find((one) => one.id === id);
  const entries = await state.history({ target: id, limit: at === null ? 50 : ALL_LOOKS, kind: 'looks' });
  const kept = entries
    .flatMap((entry) => replayable(entry) ?? [])
    .findLast((one) => at === null || one.at <= at);
  if (target === undefined || kept === undefined) return nothing(id, at, target === undefined, output);
  const explanation = explanationOf(target, kept);
  const later = at === null ? await laterOf(kept, id, state) : [];
  if (output.json) emit(output, { ...explanation, later }, []);
  else for (const line of linesOf(explanation, later, clock.now(), output)) output.write(line);
  output.note(output.style('dim', `state: ${ports.place}`));
  if (explanation.decision.kind === 'rest') return 0;
  return explanation.decision.kind === 'hold' && explanation.decision.code === 'blind' ? 3 : 1;
}

function nothing(id: string, at: EpochMs | null, isBad: boolean, output: Output): number {
  const why = isBad
    ? `the document of ${id} is wrong, so that nothing can be judged by it`
    : `no looks of ${id} are kept${at === null ? '' : ` from before ${isoOf(at)}`} that could be judged again`;
  emit(output, { target: id, explained: null, why }, [
    `${why}. Looks are kept while something is amiss, and every 10 minutes else; a target that cannot be seen at all leaves none.`,
  ]);
  return 3;
}

/** What has happened since that leaves no looks: calm ticks, and blind ones. */
async function laterOf(
  { tick, recording }: Replayable,
  id: string,
  store: StateStore,
): Promise<readonly string[]> {
  const { state } = await loadTarget(store, id);
  if (state.lastTick === null || isoOf(state.lastTick) === tick) return [];
  const decided =
    state.decided === recording.decided ? 'decided the same' : `decided "${state.decided.trim()}"`;
  return [`the last tick, ${isoOf(state.lastTick)}, kept no looks; it ${decided}`];
}

function linesOf(
  explanation: Explanation,
  later: readonly string[],
  now: EpochMs,
  { style, width = WIDTH }: Output,
): readonly string[] {
  const { target, tick, at, limits, pods, notKept, isReplayed, recorded } = explanation;
  const agoMs = Math.max(0, now - (epochOf(at) ?? now));
  const table = (rows: readonly (readonly string[])[]) => grid(rows, width);
  return [
    `${style('bold', target)}  tick ${tick}, looked ${at} (${formatDuration(Math.max(SECOND_MS, agoMs))} ago)`,
    ...decisionLines(explanation),
    ...(isReplayed
      ? []
      : [`The tick itself decided "${recorded}": what is kept does not lead there, see below.`]),
    ...later.map((line) => `Since then: ${line}.`),
    ...pods.flatMap((pod) => ['', ...podLines(pod, table, style)]),
    '',
    'Limits',
    table([
      ['limit', 'value', 'from'],
      ...[...pods.map(({ limit }) => limit), ...limits].map(({ limit, value, from }) => [limit, value, from]),
    ]),
    '',
    'Not kept, and so not part of this:',
    ...notKept.map((one) => `- ${one}`),
  ];
}

function decisionLines({ decision }: Explanation): readonly string[] {
  switch (decision.kind) {
    case 'rest':
      return ['decision: rest'];
    case 'hold':
      return [`decision: hold (${decision.code})`, `  ${decision.why}`];
    case 'remove':
      return [`decision: remove ${decision.pod} (${decision.cause})`, `  ${decision.why}`];
  }
}

type Table = (rows: readonly (readonly string[])[]) => string;

function podLines(pod: ExplainedPod, table: Table, style: Output['style']): readonly string[] {
  const age = (seconds: number | null) =>
    seconds === null ? 'now' : formatDuration(Math.max(0, seconds) * SECOND_MS);
  const { guards } = pod;
  return [
    `${style('bold', pod.pod)}  ${pod.component}: ${style('bold', pod.cause)}`,
    `  ${pod.why}`,
    'Facts',
    table([
      ['fact', 'said', 'source', 'age'],
      ...pod.facts.map(({ fact, said, source, ageSeconds }) => [fact, said, source, age(ageSeconds)]),
    ]),
    'Rows of the decision table that match; the first one names the cause',
    table([
      ['', 'row', 'cause', 'because'],
      ...pod.rows.map(({ id, cause, why, isChosen }) => [isChosen ? '*' : '', id, cause, why]),
    ]),
    ...(guards === null
      ? ['Guards: none is asked, a pod of this cause is never removed.']
      : [
          'Guards',
          table([
            ['guard', 'says'],
            ...guards.flatMap(({ code, why }) => (why === null ? [] : [[code, `HOLDS: ${why}`]])),
            ['these pass', guards.flatMap(({ code, why }) => (why === null ? [code] : [])).join(', ')],
          ]),
        ]),
    'What would have to change',
    ...pod.wouldChange.map((one) => `- ${one}`),
  ];
}
