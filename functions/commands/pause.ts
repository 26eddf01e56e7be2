import { WatchdogError } from '../core/errors.ts';
import { type DurationMs, isoOf } from '../core/time.ts';
import { changeTarget } from '../flow/saved-state.ts';
import type { Ports } from '../ports.ts';
import { emit, type Output } from './output.ts';

export interface PauseOptions {
  readonly target: string;
  readonly forMs: DurationMs;
  readonly reason: string;
  readonly by: string;
}

/** A named hold with an end; looking and alerting go on. */
export async function pause(options: PauseOptions, ports: Ports, output: Output): Promise<number> {
  const { target, reason, by } = options;
  await mustKnow(target, ports);
  const now = ports.clock.now();
  const until = now + options.forMs;
  await changeTarget(ports.state, target, (state) => ({ ...state, pause: { by, reason, until } }));
  await ports.state.append({ target, at: now, kind: 'pause', body: { by, reason, until: isoOf(until) } });
  emit(output, { target, paused: { by, reason, until: isoOf(until) } }, [
    `${target} is paused until ${isoOf(until)}: nothing is removed, looking and alerting go on.`,
  ]);
  return 0;
}

export async function resume(target: string, by: string, ports: Ports, output: Output): Promise<number> {
  await mustKnow(target, ports);
  let was = false;
  await changeTarget(ports.state, target, (state) => {
    was = state.pause !== null && state.pause.until > ports.clock.now();
    const resumedAt = ports.clock.now();
    return { ...state, pause: null, resumedAt };
  });
  await ports.state.append({ target, at: ports.clock.now(), kind: 'resume', body: { by, was } });
  emit(output, { target, paused: null, was }, [
    was ? `${target} is no longer paused.` : `${target} was not paused; nothing changed.`,
  ]);
  return 0;
}

async function mustKnow(id: string, ports: Ports): Promise<void> {
  const { targets } = await ports.targets.load();
  if (targets.some((target) => target.id === id)) return;
  throw new WatchdogError({
    code: 'WD_TARGET_UNKNOWN',
    what: `there is no target "${id}"; known are ${targets.map((target) => target.id).join(', ') || 'none'}`,
    notDone: 'nothing was paused or resumed',
    run: 'Run `scheduler-watchdog targets validate` to see the list.',
  });
}
