import { CONDITIONS, type Finding, lasting } from './condition.ts';
import type { Judged } from './decision.ts';
import { isNodeWell, nodeText } from './node.ts';
import { isLiving, type TargetLooks } from './patient.ts';
import type { Target } from './target.ts';
import type { EpochMs } from './time.ts';

interface Looked {
  readonly target: Target;
  readonly looks: TargetLooks;
  readonly judged: readonly Judged[];
  readonly now: EpochMs;
}

/** Each sick node that pods of ours are on, once, however many they are. It wakes somebody only where a pod is silent for it. */
export function nodeFindings({ target, looks, judged, now }: Looked): readonly Finding[] {
  if (looks.nodes?.kind !== 'answered') return [];
  return Object.entries(looks.nodes.byName).flatMap(([name, node]) => {
    if (isNodeWell(node)) return [];
    const here = judged.filter(({ patient: { pod } }) => pod.node === name && isLiving(pod));
    const silent = here.filter(({ verdict }) => verdict.cause === 'node-sick');
    if (here.length === 0) return [];
    const pods = (some: readonly Judged[]) => some.map(({ patient }) => patient.pod.name).join(', ');
    const work =
      silent.length === 0 ? 'which go on as far as is seen' : `of which are silent: ${pods(silent)}`;
    const one = lasting(
      'node-sick',
      `node ${name}`,
      node.since ?? now,
      `${target.id}: ${CONDITIONS['node-sick'].title}: ${name}`,
      `Node ${name}: ${nodeText(node)}. On it: ${pods(here)}, ${work}. ${removalText(target)}`,
    );
    return [silent.length === 0 ? { ...one, severity: 'warning' as const } : one];
  });
}

function removalText({ policy }: Target): string {
  return policy.nodeSick === 'remove'
    ? 'A silent pod is removed for it where its replacement can land elsewhere (`policy.nodeSick: remove`).'
    : 'Nothing is removed for this.';
}
