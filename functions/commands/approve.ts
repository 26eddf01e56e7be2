import { isoOf } from '../core/time.ts';
import { approveRemoval } from '../flow/approve.ts';
import { emit, type Output } from './output.ts';
import type { PausePorts } from './pause.ts';
import { mustKnowOrRemember } from './unknown-target.ts';

interface ApproveOptions {
  readonly target: string;
  /** Name or uid. */
  readonly pod: string;
  readonly by: string;
}

/** A person's word for the removal of one pod, under `mode: ask`. It removes nothing itself. */
export async function approve(
  { target, pod, by }: ApproveOptions,
  ports: PausePorts,
  output: Output,
): Promise<number> {
  await mustKnowOrRemember(target, ports, 'nothing was approved');
  const { waiting, approval } = await approveRemoval(target, pod, by, ports);
  const until = isoOf(approval.until);
  const approved = { pod: waiting.pod, uid: waiting.uid, cause: waiting.cause, by, until };
  emit(output, { target, approved, state: ports.place }, [
    `${waiting.pod} (uid ${waiting.uid}, ${waiting.cause}) may be removed until ${until}, once and no other pod.`,
    'The next tick looks again, asks every guard again, and removes it if they all agree.',
    `state: ${ports.place}`,
  ]);
  return 0;
}
