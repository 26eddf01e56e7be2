import type { HttpFacts } from '../../core/observation.ts';
import type { Target } from '../../core/target.ts';
import { type EpochMs, SECOND_MS } from '../../core/time.ts';
import { type Silence, unreadable } from '../http/network-error.ts';
import type { HttpAnswer } from '../http/request.ts';
import type { Budget, KubeApi } from './api.ts';
import { podPath } from './pods.ts';

type Told = ({ readonly kind: 'answered' } & HttpFacts) | Silence;
/** adapters/airflow's reader of health answers, which also knows the API server's own. */
export type ReadHealth = (answer: HttpAnswer, now: EpochMs) => Told;

/** The API server waits without limit for a pod that accepts and never answers (measured: over 128 s). */
const PROXY_DEADLINE_MS = 5 * SECOND_MS;
const MAX_BYTES = 64 * 1024;

/** The pod's own health server, asked through the API server. */
export async function healthOf(
  api: KubeApi,
  readHealth: ReadHealth,
  target: Target,
  pod: { readonly name: string },
  endpoint: { readonly port: number; readonly path: string },
  budget: Budget,
): Promise<Told> {
  const prefix = `${podPath(target, pod)}:${endpoint.port}/proxy`;
  const path = `${prefix}/${endpoint.path.replace(/^\/+/, '')}`;
  // `..` in a path would lead to another part of the Kubernetes API.
  if (!new URL(path, 'https://api').pathname.startsWith(`${prefix}/`)) {
    return unreadable('unexpected', 'the health path leads out of the pod');
  }
  const endsAt = Math.min(budget.endsAt, api.clock.now() + PROXY_DEADLINE_MS);
  const answer = await api.ask({ path, maxBytes: MAX_BYTES }, { ...budget, endsAt });
  return answer.kind === 'answer' ? readHealth(answer, api.clock.now()) : answer;
}
