import { inOneLine, WatchdogError } from '../../core/errors.ts';
import { type Access, NOTHING_OF_ACCESS, type RightAnswer, type Step } from '../../core/examination.ts';
import type { RemovalAnswer } from '../../core/pod.ts';
import { quote } from '../../core/redact.ts';
import { RIGHT_IDS, RIGHTS, type RightId } from '../../core/rights.ts';
import type { Target } from '../../core/target.ts';
import type { Clock, LookOptions } from '../../ports.ts';
import type { Silence } from '../http/network-error.ts';
import { reachUrl } from '../http/reach.ts';
import type { boundedRequest } from '../http/request.ts';
import { failureOf, messageOf, objectOf } from './answer.ts';
import { type Budget, createApi, type KubeApi } from './api.ts';
import { dryRunWithoutGrace, type Removed } from './removal.ts';
import type { ClusterSession } from './session.ts';

export interface AccessParts {
  readonly open: (target: Target) => Promise<ClusterSession>;
  readonly clock: Clock;
  readonly request: typeof boundedRequest;
}

/** The way to one cluster, the login there and its rights, each step by itself. */
export async function examineAccess(
  parts: AccessParts,
  target: Target,
  options: LookOptions,
): Promise<Access> {
  const opened = await openSession(parts, target);
  if ('ok' in opened) return { session: opened, ...NOTHING_OF_ACCESS };
  const proxy = opened.proxy ? { proxy: opened.proxy.host } : {};
  const session: Access['session'] = { ok: true, server: opened.server, ...proxy };
  const way = await reachUrl(opened.proxy ?? new URL(opened.server), options.deadlineMs / 3);
  if (!way.port?.ok) return { ...NOTHING_OF_ACCESS, session, ...way };
  const api = createApi({ session: opened, clock: parts.clock, request: parts.request });
  const budget = () => ({ endsAt: parts.clock.now() + options.deadlineMs, fresh: false });
  const first = await whoAmI(api, budget());
  if (first.kind === 'silent')
    return first.silence.cause === 'tls'
      ? { ...NOTHING_OF_ACCESS, session, ...way, tls: failed(first.silence) }
      : { ...NOTHING_OF_ACCESS, session, ...way, tls: { ok: true }, login: failed(first.silence) };
  const rights = await rightsOf(api, target, budget());
  return { session, ...way, tls: { ok: true }, login: first.login, rights };
}

/** A delete that nobody who obeys infra/k8s/admission-policy.yml is allowed, as a dry run. */
export async function examineForbidden(
  parts: AccessParts,
  target: Target,
  pod: Removed,
  options: LookOptions,
): Promise<RemovalAnswer> {
  const session = await openSession(parts, target);
  if ('ok' in session) return { kind: 'failed', status: null, detail: session.ok ? '' : session.detail };
  const api = createApi({ session, clock: parts.clock, request: parts.request });
  return dryRunWithoutGrace(api, pod, options);
}

async function openSession(
  { open }: AccessParts,
  target: Target,
): Promise<ClusterSession | Access['session']> {
  try {
    const session = await open(target);
    // Credentials come late: an exec plugin runs, a token file is read.
    await session.headers();
    return session;
  } catch (error) {
    const detail = error instanceof WatchdogError ? inOneLine(error) : quote(String(error), 200);
    return { ok: false, cause: 'credentials', detail };
  }
}

const failed = ({ cause, detail }: Silence): Step<never> => ({ ok: false, cause, detail });

type WhoAmI =
  | { readonly kind: 'answered'; readonly login: NonNullable<Access['login']> }
  | { readonly kind: 'silent'; readonly silence: Silence };

/** Every login may ask who it is, from Kubernetes 1.28 on; an older server knows the path as little as a stranger's. */
async function whoAmI(api: KubeApi, budget: Budget): Promise<WhoAmI> {
  const group = '/apis/authentication.k8s.io/v1';
  const told = await api.ask(
    {
      path: `${group}/selfsubjectreviews`,
      method: 'POST',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    },
    budget,
  );
  if (told.kind !== 'answer') return { kind: 'silent', silence: told };
  const { userInfo } = objectOf<{ status?: { userInfo?: UserInfo } }>(told.body)?.status ?? {};
  if (told.status === 201 && typeof userInfo?.username === 'string') {
    const groups = Array.isArray(userInfo.groups)
      ? userInfo.groups.map((one) => quote(String(one), 100))
      : [];
    return { kind: 'answered', login: { ok: true, user: quote(userInfo.username, 200), groups } };
  }
  const failure = failureOf(told);
  if (failure !== null && failure.cause !== 'not-found' && failure.cause !== 'forbidden') {
    const hint = api.session.hint?.({ kind: 'answered', status: told.status, date: null }) ?? null;
    return {
      kind: 'silent',
      silence: hint === null ? failure : { ...failure, detail: `${failure.detail}; ${hint}` },
    };
  }
  return { kind: 'answered', login: { ok: true, user: null, groups: [] } };
}

interface UserInfo {
  readonly username?: unknown;
  readonly groups?: unknown;
}

/** Null where not even the question is allowed. */
async function rightsOf(
  api: KubeApi,
  target: Target,
  budget: Budget,
): Promise<readonly RightAnswer[] | null> {
  const answers = await Promise.all(RIGHT_IDS.map((right) => mayI(api, target, right, budget)));
  return answers.every((one) => one.allowed === null) ? null : answers;
}

async function mayI(api: KubeApi, { namespace }: Target, id: RightId, budget: Budget): Promise<RightAnswer> {
  const { verb, group, resource, subresource } = RIGHTS[id];
  const told = await api.ask(
    {
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      method: 'POST',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { namespace, verb, group, resource, subresource } },
      },
    },
    budget,
  );
  if (told.kind !== 'answer') return { right: id, allowed: null, detail: told.detail };
  const status = objectOf<{ status?: { allowed?: unknown; reason?: unknown } }>(told.body)?.status;
  if (told.status !== 201 || typeof status?.allowed !== 'boolean')
    return { right: id, allowed: null, detail: `the review answered ${told.status}: ${messageOf(told)}` };
  const reason = typeof status.reason === 'string' && !status.allowed ? quote(status.reason, 200) : '';
  return { right: id, allowed: status.allowed, detail: reason };
}
