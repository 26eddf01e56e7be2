import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { epochOf, formatDuration, parseDuration } from '../core/time.ts';

export interface SayOptions {
  readonly json?: boolean;
  readonly color: boolean;
}
export interface PlaceOptions extends SayOptions {
  readonly targets?: string;
}
export interface StateOptions extends PlaceOptions {
  readonly state?: string;
}

export function sayOptions(command: Command): Command {
  return command
    .option('--json', 'JSON lines on stdout, everything for people on stderr')
    .option('--no-color', 'plain text');
}

export function placeOptions(command: Command): Command {
  return command.option(
    '--targets <place>',
    'FILE, DIR or ssm:/PREFIX with target documents (default: $WATCHDOG_TARGETS, else ./targets)',
  );
}

export function stateOptions(command: Command): Command {
  return placeOptions(command).option(
    '--state <place>',
    'sqlite:FILE, dynamodb:TABLE or memory: (default: $WATCHDOG_STATE, else scheduler-watchdog.db beside the targets)',
  );
}

/** For the verbs that speak of a watchdog that runs. */
export function rememberedOptions(command: Command): Command {
  return placeOptions(command).option(
    '--state <place>',
    'sqlite:FILE or dynamodb:TABLE of the running watchdog (default: $WATCHDOG_STATE, else scheduler-watchdog.db beside the targets)',
  );
}

export function targetOption(command: Command): Command {
  return command.addOption(
    new Option('--target <id>', 'only this target; may be repeated')
      .argParser((id: string, all: readonly string[]) => [...all, id])
      .default([], 'all of them'),
  );
}

/** How the verb is typed, below its options. */
export function examples(command: Command, lines: readonly string[]): Command {
  const shown = lines.map((line) => `  $ scheduler-watchdog ${line}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${shown}`);
}

export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('expected a duration such as 90s, 5m or 2h.');
  return ms;
}

export function durationFrom(leastMs: number, why: string): (text: string) => number {
  return (text) => {
    const ms = duration(text);
    if (ms >= leastMs) return ms;
    throw new InvalidArgumentError(`expected at least ${formatDuration(leastMs)}: ${why}.`);
  };
}

export function moment(text: string): number {
  const at = epochOf(text);
  if (at === null) throw new InvalidArgumentError('expected a time such as 2026-11-23T03:13:00Z.');
  return at;
}

export function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('expected a whole number from 1 up.');
  return number;
}

export function who(): string {
  return userInfo().username;
}
