import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A Kubernetes API server over loopback, as much of it as the watchdog talks to. Pods behave as on the real one (facts: DELETE
 *  with a uid precondition, dry run in the body only, pages, label selectors); everything else is scripted by `on`. */
export interface KubeApiServer {
  readonly url: string;
  /** Every request, oldest first. */
  readonly requests: KubeRequest[];
  /** Pods by `namespace/name`; served by list, get and delete unless `on` says otherwise. */
  readonly pods: Map<string, PodObject>;
  readonly connections: () => number;
  /** @param route `METHOD /path`, the path without its query; a later call replaces an earlier one */
  on(route: string, answer: KubeAnswer | ((request: KubeRequest) => KubeAnswer | Promise<KubeAnswer>)): void;
  close(): Promise<void>;
}

export interface KubeRequest {
  readonly method: string;
  readonly path: string;
  /** As sent, with its `?`; empty without one. */
  readonly search: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: IncomingMessage['socket'];
}

/** `hang` takes the request and never answers; `reset` breaks the connection. */
export type KubeAnswer =
  | 'hang'
  | 'reset'
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: object | string;
    };

export interface PodObject {
  kind: 'Pod';
  metadata: Record<string, unknown> & { name: string; namespace: string; uid: string };
  spec: Record<string, unknown>;
  status: Record<string, unknown>;
}

export async function startKubeApi(tls?: ServerOptions): Promise<KubeApiServer> {
  const requests: KubeRequest[] = [];
  const pods: KubeApiServer['pods'] = new Map();
  const routes = new Map<string, Parameters<KubeApiServer['on']>[1]>();
  let connections = 0;

  async function serve(message: IncomingMessage, response: ServerResponse) {
    const request = await received(message);
    requests.push(request);
    const route = routes.get(`${request.method} ${request.path}`) ?? ((asked) => podAnswer(pods, asked));
    const answer = typeof route === 'function' ? await route(request) : route;
    if (answer === 'hang') return;
    if (answer === 'reset') return void message.socket.destroy();
    const { status = 200, headers, body = '' } = answer;
    const type = typeof body === 'string' ? {} : { 'content-type': 'application/json' };
    response.writeHead(status, { ...type, ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  const server = tls ? createTlsServer(tls, serve) : createServer(serve);
  server.on(tls ? 'secureConnection' : 'connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    pods,
    connections: () => connections,
    on: (route, answer) => void routes.set(route, answer),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function received(message: IncomingMessage): Promise<KubeRequest> {
  const { pathname, search, searchParams } = new URL(message.url ?? '/', 'http://api');
  let body = '';
  for await (const chunk of message) body += chunk;
  return {
    method: message.method ?? '',
    path: pathname,
    search,
    query: searchParams,
    headers: message.headers,
    body,
    socket: message.socket,
  };
}

/** The API server's own words for a failure. */
export function statusObject(code: number, reason: string, message: string): KubeAnswer {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  return { status: code, body };
}

/** A running scheduler pod of a Deployment; `change` is merged into its parts. */
export function podObject(
  name: string,
  change: Partial<Record<'metadata' | 'spec' | 'status', Record<string, unknown>>> = {},
): PodObject {
  const startedAt = '2026-11-23T03:00:00Z';
  const container = { name: 'scheduler', resources: { limits: { memory: '2Gi' } } };
  const running = {
    name: 'scheduler',
    ready: true,
    restartCount: 0,
    state: { running: { startedAt } },
    lastState: {},
  };
  return {
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'airflow',
      uid: `uid-of-${name}`,
      labels: { component: 'scheduler', release: 'airflow' },
      creationTimestamp: startedAt,
      ownerReferences: [{ kind: 'ReplicaSet', name: 'airflow-scheduler-6c9', controller: true }],
      ...change.metadata,
    },
    spec: { nodeName: 'node-1', terminationGracePeriodSeconds: 10, containers: [container], ...change.spec },
    status: {
      phase: 'Running',
      podIPs: [{ ip: '10.244.0.5' }],
      containerStatuses: [running],
      ...change.status,
    },
  };
}

function podAnswer(pods: KubeApiServer['pods'], request: KubeRequest): KubeAnswer {
  const [, namespace, name] = /^\/api\/v1\/namespaces\/([^/]+)\/pods(?:\/([^/]+))?$/.exec(request.path) ?? [];
  if (namespace === undefined) return { status: 404, body: '404 page not found\n' };
  if (name === undefined) return podPage([...pods.values()], namespace, request.query);
  const pod = pods.get(`${namespace}/${name}`);
  if (pod === undefined) return statusObject(404, 'NotFound', `pods "${name}" not found`);
  return request.method === 'DELETE' ? deleted(pods, pod, request) : { body: pod };
}

function podPage(all: readonly PodObject[], namespace: string, query: URLSearchParams): KubeAnswer {
  const wanted = (query.get('labelSelector') ?? '').split(',').map((pair) => pair.split('='));
  const matches = all.filter(({ metadata }) => {
    const labels = (metadata.labels ?? {}) as Record<string, string>;
    return metadata.namespace === namespace && wanted.every(([key, value]) => !key || labels[key] === value);
  });
  const from = Number(query.get('continue') ?? 0);
  const to = from + Number(query.get('limit') ?? matches.length);
  const metadata = { resourceVersion: '1', ...(to < matches.length && { continue: String(to) }) };
  return { body: { kind: 'PodList', apiVersion: 'v1', metadata, items: matches.slice(from, to) } };
}

/** With a body the query string counts for nothing; without one `?dryRun=All` does. */
function deleted(pods: KubeApiServer['pods'], pod: PodObject, { body, query }: KubeRequest): KubeAnswer {
  const options = body === '' ? { dryRun: query.getAll('dryRun') } : JSON.parse(body);
  const { name, namespace, uid } = pod.metadata;
  const asked = options.preconditions?.uid;
  if (asked !== undefined && asked !== uid)
    return statusObject(409, 'Conflict', uidConflict(name, asked, uid));
  if (pod.metadata.deletionTimestamp) return { body: pod };
  const grace = Number(options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30);
  const terminating = {
    deletionTimestamp: new Date(Date.now() + grace * 1000).toISOString(),
    deletionGracePeriodSeconds: grace,
  };
  const answer = { ...pod, metadata: { ...pod.metadata, ...terminating } };
  if (!options.dryRun?.includes('All')) pods.set(`${namespace}/${name}`, answer);
  return { body: answer };
}

export function uidConflict(name: string, asked: string, found: string): string {
  return `Operation cannot be fulfilled on Pod "${name}": the UID in the precondition (${asked}) does not match the UID in record (${found}). The object might have been deleted and then recreated`;
}
