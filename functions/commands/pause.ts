import { WatchdogError } from '../core/errors.ts';
import { type DurationMs, formatDuration, HOUR_MS } from '../core/time.ts';
import { pauseInWords, pauseTarget, resumeTarget } from '../flow/pause.ts';
import type { Ports } from '../ports.ts';
import { emit, type Output } from './output.ts';
import { mustKnowOrRemember } from './unknown-target.ts';

/** Longer than any change that a pause is for; what is to rest for good has `mode: watch`. */
const PAUSE_MOST_DAYS = 30;
const PAUSE_MOST_MS: DurationMs = PAUSE_MOST_DAYS * 24 * HOUR_MS;
/** It is read in alerts and in tables. */
const REASON_MOST_CHARS = 300;

export interface PauseOptions {
  readonly target: string;
  readonly forMs: DurationMs;
  readonly reason: string;
  readonly by: string;
  /** Puts this pause in the place of one that would end later. */
  readonly replace?: boolean;
}

/** What a pause needs of the world. */
export interface PausePorts extends Pick<Ports, 'clock' | 'state' | 'targets'> {
  /** Where the state is; said with the answer, since a pause in another state holds nothing. */
  readonly place: string;
}

/** A named hold with an end; looking and alerting go on. */
export async function pause(options: PauseOptions, ports: PausePorts, output: Output): Promise<number> {
  const { target, forMs, by, replace = false } = options;
  const reason = options.reason.trim();
  refuseUnfit(reason, forMs);
  await mustKnowOrRemember(target, ports, 'nothing was paused');
  const until = ports.clock.now() + forMs;
  const wanted = { by, reason, until };
  const before = await pauseTarget(target, wanted, ports, replace);
  const replaced = before === null ? null : pauseInWords(before);
  const paused = pauseInWords(wanted);
  emit(output, { target, paused, replaced, state: ports.place }, [
    `${target} is paused until ${paused.until}: nothing is removed, looking and alerting go on.`,
    ...(replaced === null
      ? []
      : [`It takes the place of the pause by ${replaced.by} until ${replaced.until}: ${replaced.reason}`]),
    `state: ${ports.place}`,
  ]);
  return 0;
}

export async function resume(target: string, by: string, ports: PausePorts, output: Output): Promise<number> {
  await mustKnowOrRemember(target, ports, 'nothing was resumed');
  const was = await resumeTarget(target, by, ports);
  emit(output, { target, paused: null, was, state: ports.place }, [
    was ? `${target} is no longer paused.` : `${target} was not paused; nothing changed.`,
    `state: ${ports.place}`,
  ]);
  return 0;
}

function refuseUnfit(reason: string, forMs: DurationMs): void {
  if (reason === '') throw unfit('--reason is empty', 'a reason, for those who meet the hold');
  if (reason.length > REASON_MOST_CHARS)
    throw unfit(`--reason has ${reason.length} characters`, `at most ${REASON_MOST_CHARS}`);
  if (forMs <= 0 || forMs > PAUSE_MOST_MS)
    throw unfit(
      `--for is ${formatDuration(forMs)}`,
      `more than nothing and at most ${PAUSE_MOST_DAYS} days; what is to rest for good has policy.mode: watch`,
    );
}

function unfit(found: string, expected: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_USAGE',
    what: `${found}; expected ${expected}`,
    notDone: 'nothing was paused',
    run: 'Run `scheduler-watchdog pause --help`.',
  });
}
