import type { Acknowledgement } from '../core/acknowledgement.ts';
import { WatchdogError } from '../core/errors.ts';
import { isoOf } from '../core/time.ts';
import { acknowledgeIncident } from '../flow/acknowledge.ts';
import { emit, type Output } from './output.ts';
import type { PausePorts } from './pause.ts';
import { mustKnowOrRemember } from './unknown-target.ts';

interface AcknowledgeOptions {
  readonly target: string;
  readonly by: string;
}

/** It is read in alerts and in tables. */
const BY_MOST_CHARS = 100;

/** Says who has taken up the open incident: reminders and escalation stop until it grows graver. It holds no removal. */
export async function acknowledge(
  options: AcknowledgeOptions,
  ports: PausePorts,
  output: Output,
): Promise<number> {
  const { target } = options;
  const by = options.by.trim();
  if (by === '' || by.length > BY_MOST_CHARS) throw noName(by);
  await mustKnowOrRemember(target, ports, 'nothing was acknowledged');
  const { acknowledgement, isRepeated } = await acknowledgeIncident(target, null, by, ports);
  const { incident, by: first, at } = acknowledgement;
  emit(
    output,
    {
      target,
      acknowledged: { incident, by: first, at: isoOf(at) },
      repeated: isRepeated,
      state: ports.place,
    },
    [acknowledgedWords(target, acknowledgement, isRepeated), `state: ${ports.place}`],
  );
  return 0;
}

/** For who has taken it up, in a terminal or a chat. */
export function acknowledgedWords(
  target: string,
  { incident, by, at }: Acknowledgement,
  isRepeated: boolean,
): string {
  const who = isRepeated ? `${by} had taken it up at ${isoOf(at)}, and stays named` : `taken up by ${by}`;
  return `${target}: ${incident} is ${isRepeated ? 'in hands: ' : ''}${who}. No reminders and no escalation until it grows graver; removals go on as they were.`;
}

function noName(by: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_USAGE',
    what: `--by has ${by.length} characters; expected a name of 1 to ${BY_MOST_CHARS}`,
    notDone: 'nothing was acknowledged',
    run: 'Run `scheduler-watchdog acknowledge --help`.',
  });
}
