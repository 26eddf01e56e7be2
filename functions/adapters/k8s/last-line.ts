import type { PodFact } from '../../core/pod.ts';
import type { Target } from '../../core/target.ts';
import { type EpochMs, epochOf } from '../../core/time.ts';
import { type Silence, unreadable } from '../http/network-error.ts';
import { failureOf } from './answer.ts';
import type { Budget, KubeApi } from './api.ts';
import { podPath } from './pods.ts';

/** The moment stands at the beginning of a line; what follows is of no interest. */
const LIMIT_BYTES = 40;

/** When the pod's main container wrote its last line; null: it has written none. A few bytes, whatever is in the line. */
export async function lastLineOf(
  api: KubeApi,
  target: Target,
  pod: PodFact,
  budget: Budget,
): Promise<{ readonly kind: 'answered'; readonly lineAt: EpochMs | null } | Silence> {
  const query = {
    tailLines: '1',
    limitBytes: String(LIMIT_BYTES),
    timestamps: 'true',
    ...(pod.container && { container: pod.container.name }),
  };
  const answer = await api.ask({ path: `${podPath(target, pod)}/log`, query }, budget);
  if (answer.kind !== 'answer') return answer;
  const failure = failureOf(answer);
  if (failure !== null) return answer.status === 400 ? unreadable('not-found', failure.detail) : failure;
  if (answer.body.trim() === '') return { kind: 'answered', lineAt: null };
  const [, seconds = '', fraction = '', zone = ''] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,3})?\d*(Z|[+-]\d\d:\d\d)/.exec(answer.body) ?? [];
  const lineAt = epochOf(`${seconds}${fraction}${zone}`);
  return lineAt === null
    ? unreadable('unexpected', 'the last log line does not begin with a moment')
    : { kind: 'answered', lineAt };
}
