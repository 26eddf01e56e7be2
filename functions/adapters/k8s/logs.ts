import { stripVTControlCharacters } from 'node:util';
import type { PodFact } from '../../core/pod.ts';
import { quote } from '../../core/redact.ts';
import type { Target } from '../../core/target.ts';
import { type Silence, unreadable } from '../http/network-error.ts';
import { failureOf } from './answer.ts';
import type { Budget, KubeApi } from './api.ts';
import { podPath } from './pods.ts';

/** Evidence, not an archive. */
const LINES = 30;
const FEWER_LINES = 5;
const LIMIT_BYTES = 16 * 1024;
const LINE_CHARS = 300;

type Told = { readonly kind: 'answered'; readonly lines: readonly string[] } | Silence;

/** The last lines of the pod's main container. */
export async function logsOf(
  api: KubeApi,
  target: Target,
  pod: PodFact,
  which: 'current' | 'previous',
  budget: Budget,
): Promise<Told> {
  const told = await tail(api, target, pod, which, LINES, budget);
  // `limitBytes` cuts off the newest lines, which matter most: then fewer, but the last ones.
  const isCut = told.kind === 'answered' && Buffer.byteLength(told.text) >= LIMIT_BYTES;
  const last = isCut ? await tail(api, target, pod, which, FEWER_LINES, budget) : told;
  if (last.kind !== 'answered') return last;
  const lines = stripVTControlCharacters(last.text)
    .split('\n')
    .map((line) => quote(line, LINE_CHARS))
    .filter((line) => line !== '');
  return { kind: 'answered', lines };
}

async function tail(
  api: KubeApi,
  target: Target,
  pod: PodFact,
  which: 'current' | 'previous',
  tailLines: number,
  budget: Budget,
): Promise<{ readonly kind: 'answered'; readonly text: string } | Silence> {
  const query = {
    tailLines: String(tailLines),
    limitBytes: String(LIMIT_BYTES),
    ...(pod.container && { container: pod.container.name }),
    ...(which === 'previous' && { previous: 'true' }),
  };
  const answer = await api.ask({ path: `${podPath(target, pod)}/log`, query }, budget);
  if (answer.kind !== 'answer') return answer;
  const failure = failureOf(answer);
  if (failure === null) return { kind: 'answered', text: answer.body };
  // "previous terminated container … not found", "container … is waiting to start": there are no such lines.
  return answer.status === 400 ? unreadable('not-found', failure.detail) : failure;
}
