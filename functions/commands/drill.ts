import { drillSentence, dryRunWord, isPassed } from '../core/drill.ts';
import { type Drilled, drill as rehearse } from '../flow/drill.ts';
import type { Ports } from '../ports.ts';
import { emit, type Output } from './output.ts';
import { refuseUnknown } from './unknown-target.ts';

export interface DrillOptions {
  readonly target: string;
  readonly by: string;
  readonly send: boolean;
}

/** Rehearses one removal; 0 all of it would go through, 1 some of it would not, 2 there was nothing to rehearse. */
export async function drill(
  { target: id, by, send }: DrillOptions,
  ports: Ports,
  output: Output,
): Promise<number> {
  const list = await ports.targets.load();
  refuseUnknown([id], list, 'nothing was rehearsed');
  const target = list.targets.find((one) => one.id === id);
  if (target === undefined) {
    output.note(`the document of ${id} is wrong: \`scheduler-watchdog targets validate\` says why`);
    return 2;
  }
  const drilled = await rehearse(target, list.channels, { by, send }, ports);
  emit(output, { target: id, drill: drilled }, linesOf(id, drilled, output));
  return drilled.pod === null ? 2 : isPassed(drilled) ? 0 : 1;
}

function linesOf(id: string, drilled: Drilled, { style }: Output): readonly string[] {
  const { pod, decision, answer, told, timetable } = drilled;
  const head = `${style('bold', `DRILL ${id}`)}: ${drillSentence(drilled)}`;
  if (pod === null || decision === null || answer === null) return [head];
  const held = decision.kind === 'hold' ? decision.holds : [];
  const holds = held.map(({ code, why }) => `  ${style('yellow', code)}  ${why}`);
  return [
    head,
    '',
    'guards asked, as if it had been dead:',
    ...(holds.length === 0 ? ['  all of them let it go'] : holds),
    `dry run by the API server: ${style(answer.kind === 'deleted' ? 'green' : 'red', dryRunWord(answer))} (${answer.detail})`,
    ...(told.length === 0 ? ['no message was sent'] : ['messages marked DRILL:']),
    ...told.map(
      ({ channel, step, answer: took, detail }) =>
        `  ${channel}: ${step} ${style(took === 'delivered' ? 'green' : 'red', took)}${detail === null ? '' : ` (${detail})`}`,
    ),
    '',
    'what would have happened when:',
    ...timetable.map((line) => `  ${line}`),
    '',
    `Nothing was removed. \`scheduler-watchdog history ${id}\` keeps this drill.`,
  ];
}
