import type { Button } from '../core/chat-button.ts';
import { assertNever, WatchdogError } from '../core/errors.ts';
import { HOUR_MS, isoOf } from '../core/time.ts';
import { acknowledgeIncident } from '../flow/acknowledge.ts';
import { approveRemoval } from '../flow/approve.ts';
import { pauseTarget } from '../flow/pause.ts';
import type { Ports } from '../ports.ts';
import { acknowledgedWords } from './acknowledge.ts';

/** Does what a button says, as the verb of that name would; resolves to the words for who pressed it. */
export async function press(
  button: Button,
  by: string,
  ports: Pick<Ports, 'clock' | 'state'>,
): Promise<string> {
  const { target } = button;
  // The target list is out of reach here: a target that was ever looked at is known.
  if ((await ports.state.load(target)) === null) throw neverSeen(target);
  switch (button.kind) {
    case 'pause': {
      const until = ports.clock.now() + HOUR_MS;
      await pauseTarget(target, { by, reason: 'by a button in Slack', until }, ports);
      return `${target} is paused until ${isoOf(until)}: nothing is removed, looking and alerting go on.`;
    }
    case 'acknowledge': {
      const { acknowledgement, isRepeated } = await acknowledgeIncident(target, button.page, by, ports);
      return acknowledgedWords(target, acknowledgement, isRepeated);
    }
    case 'approve': {
      const { waiting, approval } = await approveRemoval(target, button.uid, by, ports);
      return `${waiting.pod} may be removed until ${isoOf(approval.until)}, once and no other pod. The next tick looks again, asks every guard again, and removes it if they all agree.`;
    }
    default:
      return assertNever(button);
  }
}

function neverSeen(target: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_TARGET_UNKNOWN',
    what: `nothing is known of a target "${target}"`,
    notDone: 'nothing was changed',
    run: 'Run `scheduler-watchdog status` to see what is watched.',
  });
}
