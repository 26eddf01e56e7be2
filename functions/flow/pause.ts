import { WatchdogError } from '../core/errors.ts';
import { inForce, type Pause } from '../core/state.ts';
import { type EpochMs, isoOf } from '../core/time.ts';
import type { Ports } from '../ports.ts';
import { changeTarget } from './saved-state.ts';

type PausePorts = Pick<Ports, 'clock' | 'state'>;

export const pauseInWords = ({ by, reason, until }: Pause) => ({ by, reason, until: isoOf(until) });

/** Puts a pause in the place of the one in force, which it gives back. One that would end later stays, unless it is to be replaced. */
export async function pauseTarget(
  target: string,
  pause: Pause,
  ports: PausePorts,
  replace = false,
): Promise<Pause | null> {
  const replaced = await changePause(ports, target, pause, (held) => {
    if (held.until > pause.until && !replace) throw wouldShorten(target, held, pause.until);
  });
  const body = {
    ...pauseInWords(pause),
    ...(replaced !== null && { replaced: pauseInWords(replaced) }),
  };
  await ports.state.append({ target, at: ports.clock.now(), kind: 'pause', body });
  return replaced;
}

/** Whether there was a pause to end. */
export async function resumeTarget(target: string, by: string, ports: PausePorts): Promise<boolean> {
  const was = (await changePause(ports, target, null)) !== null;
  await ports.state.append({ target, at: ports.clock.now(), kind: 'resume', body: { by, was } });
  return was;
}

async function changePause(
  { state, clock }: PausePorts,
  target: string,
  pause: Pause | null,
  ask: (held: Pause) => void = () => {},
): Promise<Pause | null> {
  const seen: { before: Pause | null } = { before: null };
  await changeTarget(state, target, (now) => {
    seen.before = inForce(now.pause, clock.now());
    if (seen.before !== null) ask(seen.before);
    // Ending a pause also lets what was not cured be tried once more.
    return pause === null ? { ...now, pause, resumedAt: clock.now() } : { ...now, pause };
  });
  return seen.before;
}

function wouldShorten(target: string, { by, reason, until }: Pause, wanted: EpochMs): WatchdogError {
  return new WatchdogError({
    code: 'WD_PAUSED',
    what: `${target} is paused by ${by} until ${isoOf(until)} (${reason}), and the new pause would end earlier, at ${isoOf(wanted)}`,
    notDone: 'the pause is as it was',
    run: 'Add `--replace` to put the new one in its place, or end it with `scheduler-watchdog resume`.',
  });
}
