import { readFileSync } from 'node:fs';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import type { Clock } from '../../ports.ts';
import { EXEC_TIMEOUT_MS, runExecPlugin } from './exec-plugin.ts';
import { type KubeconfigEntry, unusable } from './kubeconfig.ts';

/** What proves who we are, until it runs out. */
export interface Credential {
  readonly headers: Readonly<Record<string, string>>;
  /** A client certificate from an exec plugin; the kubeconfig's own belongs to the connection pool from the start. */
  readonly certificate: { readonly cert: string; readonly key: string } | null;
  readonly renewAt: EpochMs;
}

export interface Surroundings {
  readonly clock: Clock;
  /** Environment that exec plugins run in. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly execTimeoutMs?: number;
}

/** A token is renewed this long before it runs out. */
const RENEW_EARLY_MS = 30 * SECOND_MS;
/** kubelet rewrites token files long before the old token runs out; client-go reads them again every minute. */
const TOKEN_FILE_MS = MINUTE_MS;
/** Several requests of one tick that meet the same 401 renew only once. */
const RENEW_AT_MOST_EVERY_MS = 10 * SECOND_MS;

/** Hands out the current credential and gets a new one when it runs out, or when asked to; callers at the same time share one. */
export function credentials(
  entry: KubeconfigEntry,
  world: Surroundings,
): (renew: boolean) => Promise<Credential> {
  const { clock } = world;
  let current: Credential | null = null;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<Credential> | null = null;

  return async (renew) => {
    const isDue = current === null || clock.now() >= current.renewAt;
    const isAsked = renew && clock.now() - renewedAt >= RENEW_AT_MOST_EVERY_MS;
    if (current !== null && !isDue && !isAsked) return current;
    running ??= obtain(entry, world).finally(() => {
      running = null;
    });
    current = await running;
    renewedAt = clock.now();
    return current;
  };
}

async function obtain({ user, cluster, folder }: KubeconfigEntry, world: Surroundings): Promise<Credential> {
  const never = { certificate: null, renewAt: Number.POSITIVE_INFINITY };
  const as = user.impersonateUser ? { 'impersonate-user': user.impersonateUser } : {};
  if (user.exec) {
    const about = {
      server: cluster.server,
      'certificate-authority-data': cluster.caData,
      'insecure-skip-tls-verify': cluster.skipTLSVerify,
      'tls-server-name': cluster.tlsServerName,
    };
    const context = {
      folder,
      env: world.env,
      cluster: about,
      timeoutMs: world.execTimeoutMs ?? EXEC_TIMEOUT_MS,
    };
    const told = await runExecPlugin(user.exec, context).catch((error: Error) => {
      throw unusable(`${error.message} (user "${user.name}")`);
    });
    const headers = { ...(told.token === null ? {} : bearer(told.token)), ...as };
    return {
      headers,
      certificate: told.certificate,
      renewAt: (told.expiresAt ?? never.renewAt) - RENEW_EARLY_MS,
    };
  }
  if (user.tokenFile) {
    const headers = { ...bearer(tokenIn(user.tokenFile)), ...as };
    return { headers, certificate: null, renewAt: world.clock.now() + TOKEN_FILE_MS };
  }
  if (user.token) return { headers: { ...bearer(user.token), ...as }, ...never };
  if (user.username) return { headers: { ...basic(user.username, user.password ?? ''), ...as }, ...never };
  return { headers: as, ...never };
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token.trim()}` };
}

function basic(username: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

function tokenIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unusable(`the token file ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
}
