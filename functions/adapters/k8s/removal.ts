import type { RemovalAnswer } from '../../core/pod.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { LookOptions } from '../../ports.ts';
import type { Silence } from '../http/network-error.ts';
import type { HttpAnswer } from '../http/request.ts';
import { failureOf, messageOf, objectOf, retryAfter, statusOf } from './answer.ts';
import type { Budget, KubeApi } from './api.ts';
import { podPath } from './pods.ts';
import type { Pod } from './wire.ts';

export type Removed = { readonly name: string; readonly uid: string; readonly namespace: string };

/** Kept back from the deadline, to look what became of a removal whose answer was lost. */
const CHECK_MS = 2 * SECOND_MS;

/** Deletes exactly this pod, with its own grace period. Everything stands in the body: with a body the API server ignores the
 *  query string, so that `?dryRun=All` would really delete (measured). */
export async function removePod(
  api: KubeApi,
  pod: Removed,
  options: LookOptions & { readonly dryRun?: boolean },
): Promise<RemovalAnswer> {
  const dryRun = options.dryRun ?? false;
  const endsAt = api.clock.now() + options.deadlineMs;
  const checkMs = Math.min(CHECK_MS, Math.floor(options.deadlineMs / 3));
  const body = deleteOptions(pod, dryRun);
  // A connection that others used may be dead already, and then nobody knows whether the request arrived.
  const budget = { endsAt: endsAt - checkMs, fresh: true };
  const told = await api.ask({ ...deletion(pod, dryRun), body }, budget);
  const answer = told.kind === 'answer' ? fromStatus(told, dryRun) : unsent(told);
  if (answer !== null) return answer;
  const lost = {
    status: told.kind === 'answer' ? told.status : null,
    detail:
      told.kind === 'answer' ? `the API server answered ${told.status}: ${messageOf(told)}` : told.detail,
  };
  if (dryRun)
    return { kind: 'failed', status: lost.status, detail: `dry run without a result: ${lost.detail}` };
  return whatBecameOf(api, pod, lost, { endsAt, fresh: true });
}

/**
 * What the admission policy has to refuse: a delete without a grace period, of exactly this pod. Never more than a dry run, said in the
 * body as above, and in the query for whatever lies between and drops a body.
 */
export async function dryRunWithoutGrace(
  api: KubeApi,
  pod: Removed,
  options: LookOptions,
): Promise<RemovalAnswer> {
  const body = { ...deleteOptions(pod, true), gracePeriodSeconds: 0 };
  const budget = { endsAt: api.clock.now() + options.deadlineMs, fresh: true };
  const told = await api.ask({ ...deletion(pod, true), body }, budget);
  if (told.kind !== 'answer') return { kind: 'failed', status: null, detail: told.detail };
  const lost = `the API server answered ${told.status}: ${messageOf(told)}`;
  return fromStatus(told, true) ?? { kind: 'failed', status: told.status, detail: lost };
}

const deletion = (pod: Removed, dryRun: boolean) => ({
  path: podPath(pod, pod),
  method: 'DELETE' as const,
  ...(dryRun && { query: { dryRun: 'All' } }),
});

const deleteOptions = ({ uid }: Removed, dryRun: boolean) => ({
  apiVersion: 'v1',
  kind: 'DeleteOptions',
  preconditions: { uid },
  ...(dryRun && { dryRun: ['All'] }),
});

/** Null when the answer does not tell whether the pod was removed. */
function fromStatus(answer: HttpAnswer, dryRun: boolean): RemovalAnswer | null {
  const { status } = answer;
  const message = messageOf(answer);
  if (status === 200 || status === 202) return accepted(answer, dryRun);
  // A 404 of something else than the API server says nothing about the pod.
  if (status === 404 && statusOf(answer)?.reason === 'NotFound')
    return { kind: 'already-gone', status, detail: message };
  if (status === 409 && message.includes('UID in the precondition'))
    return { kind: 'replaced', status, detail: message };
  const policy = /ValidatingAdmissionPolicy|admission webhook/.test(message);
  if (policy && (status === 403 || status === 422)) {
    return { kind: 'forbidden', status, detail: `an admission policy refused it: ${message}` };
  }
  if (status === 403)
    return { kind: 'forbidden', status, detail: `the RBAC rules do not allow it: ${message}` };
  if (status === 422)
    return { kind: 'failed', status, detail: `the API server refused the request: ${message}` };
  if (status === 429) {
    return {
      kind: 'failed',
      status,
      detail: `the API server is throttling, nothing was removed: ${message}${retryAfter(answer)}`,
    };
  }
  if (status >= 500) return null;
  return { kind: 'failed', status, detail: failureOf(answer)?.detail ?? `the API server answered ${status}` };
}

function accepted(answer: HttpAnswer, dryRun: boolean): RemovalAnswer {
  const { status } = answer;
  const body = objectOf<Pod & { readonly kind?: string }>(answer.body);
  if (body?.kind !== 'Pod' && body?.kind !== 'Status') {
    return {
      kind: 'failed',
      status,
      detail: `something else than the API server answered: ${messageOf(answer)}`,
    };
  }
  const graceSeconds = body.metadata?.deletionGracePeriodSeconds;
  const grace = typeof graceSeconds === 'number' ? `, with a grace period of ${graceSeconds} s` : '';
  const what = dryRun
    ? 'dry run: the API server would have removed it'
    : 'the API server accepted the removal';
  return { kind: 'deleted', status, detail: `${what}${grace}` };
}

/** Null when the request may have arrived; a name that does not resolve, or a refused connection, carried nothing. */
function unsent(told: Silence): RemovalAnswer | null {
  const isUnsent =
    told.kind === 'unreadable' ? told.cause === 'unauthorized' : ['dns', 'refused'].includes(told.cause);
  return isUnsent
    ? { kind: 'failed', status: null, unsent: true, detail: `nothing was removed: ${told.detail}` }
    : null;
}

async function whatBecameOf(
  api: KubeApi,
  pod: Removed,
  lost: { readonly status: number | null; readonly detail: string },
  budget: Budget,
): Promise<RemovalAnswer> {
  const { status } = lost;
  const told = await api.read<Pod>({ path: podPath(pod, pod) }, budget);
  if (told.kind === 'unreadable' && told.cause === 'not-found') {
    return {
      kind: 'already-gone',
      status,
      detail: `the answer was lost, and the pod is gone (${lost.detail})`,
    };
  }
  if (told.kind !== 'answered') {
    return {
      kind: 'failed',
      status,
      detail: `whether the pod was removed is unknown: ${lost.detail}; then ${told.detail}`,
    };
  }
  const { uid, deletionTimestamp } = told.body.metadata ?? {};
  if (uid !== pod.uid) {
    return {
      kind: 'replaced',
      status,
      detail: `the answer was lost, and another pod has the name now (${lost.detail})`,
    };
  }
  if (deletionTimestamp) {
    return { kind: 'deleted', status, detail: 'the answer was lost, but the pod is terminating' };
  }
  return {
    kind: 'failed',
    status,
    detail: `the pod is not terminating, the request may still take effect: ${lost.detail}`,
  };
}
