import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { mebibytes } from '../core/bytes.ts';
import { loadTarget } from '../flow/saved-state.ts';
import type { LedgerEntry } from '../ports.ts';
import { TARGET } from './documents.ts';
import type { Teller } from './teller.ts';
import { renderTimeline, timelineOf } from './timeline.ts';
import type { World } from './world.ts';

/** The end is told from what was stored, and from what arrived on the far side; not from what this script remembers. */
export async function tellEnd({ ports, slack, pagerDuty, kube }: World, teller: Teller): Promise<void> {
  const entries = await ports.state.history({ target: TARGET, limit: 50 });
  const { state } = await loadTarget(ports.state, TARGET);
  const intent = entries.find((entry) => entry.kind === 'intent');
  const outcome = entries.find((entry) => entry.kind === 'outcome');
  const removal = state.remediations.at(-1);
  if (intent === undefined || outcome === undefined || removal === undefined)
    throw new Error('the ledger does not hold the removal');
  teller.event('recovered', { removals: kube.removals, outcome: outcome.body.outcome });

  teller.plain('\nThe evidence, stored before the pod went', 'bold');
  for (const line of evidenceLines(intent)) teller.plain(`  ${line}`);
  teller.plain('\nThe last message in Slack, as it arrived', 'bold');
  for (const line of slack.received.at(-1)?.lines ?? [])
    for (const row of wrapped(line)) teller.plain(`  │ ${row}`);
  const moments = timelineOf(removal, entries, [...pagerDuty.received, ...slack.received]);
  teller.event('timeline', { moments });
  teller.plain('\nThe timeline, from the state file, the ledger and the receivers', 'bold');
  teller.plain(renderTimeline(moments));
}

/** The file that the watchdog kept when the incident ended. */
export async function reportOfDemo({ ports }: Pick<World, 'ports'>, folder: string): Promise<string> {
  const told = await ports.state.history({ target: TARGET, limit: 1, kind: 'told' });
  const [end] = told;
  if (end?.kind !== 'told') throw new Error('nothing was told');
  const file = join(folder, `${end.body.incident}.html`);
  await access(file);
  return file;
}

const WIDTH = 100;

function evidenceLines(intent: LedgerEntry & { readonly kind: 'intent' }): readonly string[] {
  const { evidence } = intent.body;
  if (evidence === null) return [];
  const { why, rule, limit, pod, container, probeEvents, memory, tasks, logs } = evidence;
  const probe = probeEvents[0];
  const { progress } = pod.signals as { readonly progress?: { readonly why?: string } };
  const work = progress?.why;
  const hanging =
    tasks?.kind === 'answered' ? `; ${tasks.running} task(s) running and ${tasks.queued} queued by it` : '';
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['verdict', `${rule}: ${why.split('; ').slice(0, 2).join('; ')} (${limit.from})`],
    ['work', work === undefined ? undefined : `${work}${hanging}`],
    [
      'pod',
      container === null
        ? undefined
        : `${container.state}, ${container.ready ? 'Ready' : 'not ready'}, ${container.restarts} restarts: nothing wrong, says Kubernetes`,
    ],
    ['probe', probe === undefined ? undefined : `${probe.count} × "…${probe.message.slice(-WIDTH)}"`],
    [
      'memory',
      memory === null
        ? undefined
        : `${mebibytes(memory.workingSetBytes)} of ${mebibytes(memory.limitBytes ?? 0)}`,
    ],
    ['last log', logs?.kind === 'answered' ? logs.lines.at(-1)?.slice(0, WIDTH) : undefined],
  ];
  return lines.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(8)}  ${text}`]));
}

/** Lines no longer than a terminal's usual width. */
function wrapped(text: string): readonly string[] {
  return (
    text.match(new RegExp(`.{1,${WIDTH}}(?:\\s+|$)|.{1,${WIDTH}}`, 'g'))?.map((row) => row.trimEnd()) ?? []
  );
}
