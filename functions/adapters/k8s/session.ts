import { type EpochMs, SECOND_MS } from '../../core/time.ts';
import { throughProxy } from '../http/proxy.ts';
import { Agent, type Dispatcher } from '../http/undici.ts';

/** A way to one API server, shared by every target of that cluster. */
export interface ClusterSession {
  /** `https://host:port`, without a slash at the end. */
  readonly server: string;
  /** On the way there, where there is one. */
  readonly proxy?: URL | null;
  /** One connection pool. To be read after `headers()`: a renewed client certificate comes with a new pool. */
  readonly dispatcher: Dispatcher;
  /** Credentials for one request. `renew` asks for new ones after a 401. Throws WD_KUBECONFIG when there are none. */
  headers(renew?: boolean): Promise<Readonly<Record<string, string>>>;
  /** What a failure usually means on this kind of cluster, as a sentence to add; null for nothing. */
  hint?(failure: Failure): string | null;
  close(): Promise<void>;
}

export type Failure =
  | { readonly kind: 'unreachable' }
  /** `date` is the server's own time with its answer. */
  | { readonly kind: 'answered'; readonly status: number; readonly date: EpochMs | null };

export interface TlsSettings {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Name in the server's certificate, where it is not the host's. */
  readonly servername?: string;
  /** `insecure-skip-tls-verify`. */
  readonly skipVerify?: boolean;
  /** null: the server is asked directly. */
  readonly proxy?: URL | null;
}

export interface ConnectionPool {
  readonly dispatcher: Dispatcher;
  /** Lets requests on their way end. */
  retire(): Promise<void>;
  /** Ends everything at once. */
  destroy(): Promise<void>;
}

/** Every hanging pods/proxy holds one for 5 s; fifty wedged pods must not keep the next list waiting in line. */
const CONNECTIONS = 64;
/** Longer than the pause between two looks of a tick, shorter than any load balancer's idle limit. */
const KEEP_ALIVE_MS = 10 * SECOND_MS;
const CONNECT_TIMEOUT_MS = 3 * SECOND_MS;

/** Kept connections for most requests, and a new one for each request that asks for it (`reset`). */
export function connectionPool({
  skipVerify = false,
  proxy = null,
  ...settings
}: TlsSettings): ConnectionPool {
  const connect = { ...settings, rejectUnauthorized: !skipVerify, timeout: CONNECT_TIMEOUT_MS };
  const options = {
    connections: CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // HTTP/2 would put all requests on one connection, which one that hangs could take down with it.
    allowH2: false,
    connect: proxy === null ? connect : throughProxy(proxy, { ...connect, allowH2: false }),
  };
  const kept = new Agent(options);
  const fresh = new Agent(options);
  return {
    dispatcher: kept.compose((dispatch) => (request, handler) => {
      return request.reset ? fresh.dispatch(request, handler) : dispatch(request, handler);
    }),
    async retire() {
      await Promise.all([kept.close(), fresh.close()]);
    },
    async destroy() {
      await Promise.all([kept.destroy(), fresh.destroy()]);
    },
  };
}
