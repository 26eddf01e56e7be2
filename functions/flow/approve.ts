import { type Approval, type AwaitingPod, approvalOf } from '../core/approval.ts';
import { WatchdogError } from '../core/errors.ts';
import type { TargetState } from '../core/state.ts';
import { isoOf } from '../core/time.ts';
import type { Ports } from '../ports.ts';
import { changeTarget } from './saved-state.ts';

export interface Approved {
  readonly waiting: AwaitingPod;
  readonly approval: Approval;
}

/**
 * Lets exactly one pod go that waits for a person; the next tick asks every guard again and removes it. Refuses when it does not wait.
 * @param pod name or uid: a StatefulSet gives a successor the same name, never the same uid
 */
export async function approveRemoval(
  target: string,
  pod: string,
  by: string,
  { state, clock }: Pick<Ports, 'clock' | 'state'>,
): Promise<Approved> {
  const done: Approved[] = [];
  await changeTarget(state, target, (now) => {
    const waiting = now.waiting.find((one) => one.pod === pod || one.uid === pod);
    if (waiting === undefined) throw notWaiting(target, pod, now);
    const approval = approvalOf(waiting.uid, by, clock.now());
    done.push({ waiting, approval });
    return { ...now, approval };
  });
  const approved = done.at(-1);
  if (approved === undefined) throw new Error('an approval was saved without having been made');
  const { waiting, approval } = approved;
  const body = { by, pod: waiting.pod, uid: waiting.uid, until: isoOf(approval.until) };
  await state.append({ target, at: approval.at, kind: 'approval', body });
  return approved;
}

function notWaiting(target: string, pod: string, { waiting }: TargetState): WatchdogError {
  const others = waiting.map((one) => one.pod);
  return new WatchdogError({
    code: 'WD_NOT_WAITING',
    what:
      others.length === 0
        ? `no pod of ${target} waits for an approval`
        : `${pod} does not wait for an approval; of ${target} there waits ${others.join(', ')}`,
    notDone: 'nothing was approved',
    run: `Run \`scheduler-watchdog history --target ${target}\` to see what holds a removal, or waits.`,
  });
}
