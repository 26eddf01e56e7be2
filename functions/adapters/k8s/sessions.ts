import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { parseProxy, proxyFromEnvironment } from '../http/proxy.ts';
import { credentials, type Surroundings } from './credentials.ts';
import { type KubeconfigEntry, readKubeconfig, unusable } from './kubeconfig.ts';
import { type ClusterSession, connectionPool, type Failure, type TlsSettings } from './session.ts';

export interface KubeconfigRef {
  readonly path: string | null;
  readonly context: string | null;
}

export interface Sessions {
  /** The session of a context, the same one for every caller. Throws WD_KUBECONFIG. */
  open(ref: KubeconfigRef): Promise<ClusterSession>;
  close(): Promise<void>;
}

/** Sessions by kubeconfig and context. Without a path `$KUBECONFIG` counts, then `~/.kube/config`, as with kubectl. */
export function createSessions(world: Surroundings & { readonly home: string }): Sessions {
  const opened = new Map<string, Promise<ClusterSession>>();

  return {
    open({ path, context }) {
      const paths = path === null ? defaultPaths(world) : [path];
      const key = JSON.stringify([paths, context]);
      const known = opened.get(key);
      if (known !== undefined) return known;
      const session = readKubeconfig(paths, context).then((entry) => kubeconfigSession(entry, world));
      opened.set(key, session);
      // A kubeconfig that was mended is read again.
      session.catch(() => opened.delete(key));
      return session;
    },
    async close() {
      const sessions = await Promise.allSettled(opened.values());
      opened.clear();
      await Promise.all(sessions.map((each) => (each.status === 'fulfilled' ? each.value.close() : null)));
    },
  };
}

function defaultPaths({ env, home }: { env: Surroundings['env']; home: string }): string[] {
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  return named.length > 0 ? named : [join(home, '.kube', 'config')];
}

function kubeconfigSession(entry: KubeconfigEntry, world: Surroundings): ClusterSession {
  const proxy = proxyOf(entry, world.env);
  const settings = { ...tlsOf(entry), proxy };
  const current = credentials(entry, world);
  let pool = connectionPool(settings);
  let certificate: string | null = null;

  return {
    server: entry.cluster.server,
    proxy,
    get dispatcher() {
      return pool.dispatcher;
    },
    async headers(renew = false) {
      const credential = await current(renew);
      if (credential.certificate !== null && credential.certificate.cert !== certificate) {
        const old = pool;
        pool = connectionPool(checked({ ...settings, ...credential.certificate }, entry));
        certificate = credential.certificate.cert;
        // Requests on their way may end; nobody waits for them.
        old.retire().catch(() => undefined);
      }
      return credential.headers;
    },
    hint: (failure) => hintOf(entry, failure),
    close: () => pool.destroy(),
  };
}

/** What to run when the API server knows the login not, or not for this. */
function hintOf({ user, context }: KubeconfigEntry, failure: Failure): string | null {
  if (failure.kind !== 'answered') return null;
  if (failure.status === 401)
    return `it takes no credentials of user "${user.name}": get new ones, then \`kubectl --context ${context} auth whoami\``;
  if (failure.status !== 403) return null;
  return `an administrator has to apply infra/k8s/rbac.yml in this namespace, and the login of context "${context}" has to be in its group scheduler-watchdog`;
}

/** The context's own, else that of the environment, as kubectl does it. */
function proxyOf({ cluster, context }: KubeconfigEntry, env: Surroundings['env']): URL | null {
  const { server, proxyUrl } = cluster;
  const named = proxyUrl || (URL.canParse(server) ? proxyFromEnvironment(new URL(server), env) : null);
  if (named === null) return null;
  const url = parseProxy(named);
  if (url !== null) return url;
  const whose = proxyUrl ? `the proxy-url of context "${context}"` : 'the proxy of the environment';
  throw unusable(`${whose} is none of http or https`);
}

function tlsOf(entry: KubeconfigEntry): TlsSettings {
  const { cluster, user, context } = entry;
  const { protocol } = URL.canParse(cluster.server) ? new URL(cluster.server) : { protocol: '' };
  if (protocol !== 'https:' && protocol !== 'http:')
    throw unusable(`context "${context}" has no http(s) server address`);
  if (user.authProvider && !user.exec) {
    const name = String(user.authProvider.name);
    throw unusable(
      `user "${user.name}" has the auth-provider "${name}", which is not supported; use an exec plugin`,
    );
  }
  const ca = pem(cluster.caFile, cluster.caData);
  const cert = pem(user.certFile, user.certData);
  const key = pem(user.keyFile, user.keyData);
  if ((cert === null) !== (key === null)) {
    throw unusable(
      `user "${user.name}" has a client ${cert === null ? 'key without a certificate' : 'certificate without a key'}`,
    );
  }
  const settings = {
    ...(ca && { ca }),
    ...(cert && key && { cert, key }),
    ...(cluster.tlsServerName && { servername: cluster.tlsServerName }),
    skipVerify: cluster.skipTLSVerify,
  };
  return checked(settings, entry);
}

/** Finds a damaged or mismatched certificate now, and not as a riddle at the first connection. */
function checked({ ca, cert, key, ...rest }: TlsSettings, { context }: KubeconfigEntry): TlsSettings {
  const certificates = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  try {
    createSecureContext(certificates);
  } catch (error) {
    throw unusable(
      `the certificates of context "${context}" cannot be used (${(error as NodeJS.ErrnoException).code})`,
    );
  }
  return { ...certificates, ...rest };
}

function pem(file: string | undefined, data: string | undefined): Buffer | null {
  if (data) return Buffer.from(data, 'base64');
  if (!file) return null;
  try {
    return readFileSync(file);
  } catch (error) {
    throw unusable(`the file ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
}
