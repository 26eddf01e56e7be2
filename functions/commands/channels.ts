import { describeBadDocument } from '../config/describe.ts';

import type { Channel, QuietHours } from '../core/channel.ts';
import { WatchdogError } from '../core/errors.ts';
import { isForTarget } from '../core/routing-rules.ts';
import { formatDuration } from '../core/time.ts';
import { testMessage } from '../flow/test-message.ts';
import type { Notifier, Ports, TargetList, TargetSource } from '../ports.ts';
import { emit, type Output } from './output.ts';
import { namedWithMeant } from './unknown-target.ts';

/** `channels list`: where alerts go, what each channel takes, and which targets name it. */
export async function listChannels(source: TargetSource, output: Output): Promise<number> {
  const list = await source.load();
  const rows = list.channels.map((channel) => ({
    channel: channel.name,
    type: channel.type,
    takes: takesOf(channel),
    targets: targetsOf(channel, list),
  }));
  for (const row of rows) emit(output, row, []);
  if (!output.json && rows.length > 0) {
    const { table } = await import('table');
    const cells = rows.map((row) => [row.channel, row.type, row.takes.join('; '), row.targets.join(', ')]);
    output.write(
      table([['channel', 'type', 'takes', 'targets'], ...cells], {
        columns: { 2: { width: 44, wrapWord: true }, 3: { width: 30, wrapWord: true } },
        drawHorizontalLine: (line, count) => line <= 1 || line === count,
      }).trimEnd(),
    );
  }
  for (const bad of badChannels(list)) emit(output, { bad }, [describeBadDocument(bad)]);
  if (rows.length === 0)
    output.note('No channel is configured: alerts are only printed. docs/channels.md has documents.');
  return rows.length === 0 || badChannels(list).length > 0 ? 2 : 0;
}

/** `channels test`: a marked message through the real sender of each, and what the other side said. */
export async function testChannels(
  names: readonly string[],
  { targets, notifiersOf, clock }: Pick<Ports, 'targets' | 'notifiersOf' | 'clock'>,
  output: Output,
): Promise<number> {
  const list = await targets.load();
  refuseUnknownChannel(names, list);
  const chosen = list.channels.filter(({ name }) => names.length === 0 || names.includes(name));
  const notifiers = notifiersOf(list.channels);
  const answers = await Promise.all(
    chosen.map(async ({ name, type }) => {
      const delivery = await notifiers.get(name)?.send(testMessage(name, clock.now()));
      const answer = delivery?.kind ?? 'later';
      const detail = delivery === undefined || delivery.kind === 'delivered' ? null : delivery.detail;
      return { channel: name, type, answer, detail };
    }),
  );
  for (const one of answers) {
    const isTaken = one.answer === 'delivered';
    const mark = isTaken ? output.style('green', 'ok  ') : output.style('red', 'bad ');
    emit(output, one, [
      `${mark} ${one.channel}  (${one.type})${isTaken ? '' : `  ${one.answer}: ${one.detail}`}`,
    ]);
  }
  for (const bad of badChannels(list)) emit(output, { bad }, [describeBadDocument(bad)]);
  if (answers.length === 0) output.note('No channel is configured, so nothing was sent.');
  if (answers.length === 0 || badChannels(list).length > 0) return 2;
  return answers.every(({ answer }) => answer === 'delivered') ? 0 : 1;
}

/** Says which channels cannot send as they are, before the first alert needs them. */
export async function warnOfChannels(
  channels: readonly Channel[],
  notifiers: ReadonlyMap<string, Notifier>,
  output: Output,
): Promise<void> {
  const found = await Promise.all(channels.map(async ({ name }) => notifiers.get(name)?.ready?.() ?? null));
  for (const why of found) if (why !== null) output.note(`${output.style('yellow', 'channel')}: ${why}`);
}

function takesOf({ rules }: Channel): readonly string[] {
  const { severity, targets, causes, quietHours, remindEveryMs, escalateAfterMs } = rules;
  const said = [
    severity === 'info' ? null : `${severity} and graver`,
    targets === null ? null : `targets ${targets.join(', ')}`,
    causes === null ? null : `causes ${causes.join(', ')}`,
    quietHours === null ? null : `only critical ${spanOf(quietHours)}`,
    escalateAfterMs === null ? null : `after ${formatDuration(escalateAfterMs)} without an answer`,
    remindEveryMs === null ? null : `again every ${formatDuration(remindEveryMs)}`,
  ].filter((one) => one !== null);
  return said.length === 0 ? ['everything'] : said;
}

function spanOf({ from, to, zone }: QuietHours): string {
  const time = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return `from ${time(from)} to ${time(to)} ${zone}`;
}

function targetsOf({ name, rules }: Channel, { targets }: TargetList): readonly string[] {
  const named = targets.filter(({ channels }) => channels?.includes(name) ?? true);
  return named.map(({ id }) => id).filter((id) => isForTarget(rules.targets, id));
}

const badChannels = ({ bad }: TargetList) =>
  bad.filter(({ problems }) => problems.some(({ path }) => path.startsWith('channels')));

function refuseUnknownChannel(names: readonly string[], { channels }: TargetList): void {
  const known = channels.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new WatchdogError({
    code: 'WD_CHANNEL_INVALID',
    what: `there is no channel ${namedWithMeant(unknown, known)}; known are ${known.join(', ') || 'none'}`,
    notDone: 'nothing was sent',
    run: 'Run `scheduler-watchdog channels list` to see them.',
  });
}
