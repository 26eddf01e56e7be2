import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { matchesSelector } from '../core/selector.ts';
import {
  deploymentObject,
  eventObjects,
  LABELS,
  metricsObjects,
  NAMESPACE,
  podObject,
  replicaSetObject,
} from './kube-objects.ts';
import type { Kubelet } from './kubelet.ts';
import { type Listening, listen } from './listen.ts';
import type { DemoPod } from './pod.ts';

export interface KubeStandIn extends Listening {
  /** Removals that were accepted, dry runs left out. */
  readonly removals: readonly { readonly pod: string; readonly uid: string }[];
}

interface Answer {
  readonly status: number;
  readonly body: object | string;
}

const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const APPS = `/apis/apps/v1/namespaces/${NAMESPACE}`;

/** A stand-in for the API server: plain HTTP, and as much of it as the watchdog talks to. It answers as the real one was seen to. */
export async function startKubeStandIn(kubelet: Kubelet, token: string): Promise<KubeStandIn> {
  const removals: { pod: string; uid: string }[] = [];
  const server = createServer((message, response) => {
    void serve(message, response).catch((error: unknown) => {
      write(response, failure(500, 'InternalError', String(error)));
    });
  });

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    if (message.headers.authorization !== `Bearer ${token}`)
      return write(response, failure(401, 'Unauthorized', 'Unauthorized'));
    const url = new URL(message.url ?? '/', 'http://kube');
    const [, name = '', port, rest] =
      new RegExp(`^${PODS}/([^/:]+)(?::(\\d+)/proxy(/.*))?$`).exec(url.pathname) ?? [];
    const pod = kubelet.pods.find((one) => one.name === name);
    if (port !== undefined && pod !== undefined) return proxy(pod, port, rest ?? '/', response);
    if (message.method === 'DELETE' && pod !== undefined)
      return write(response, remove(pod, await textOf(message)));
    if (pod !== undefined) return write(response, ok(podObject(pod, kubelet)));
    if (name !== '') return write(response, failure(404, 'NotFound', `pods "${name}" not found`));
    write(response, read(url));
  }

  function read(url: URL): Answer {
    const log = new RegExp(`^${PODS}/([^/]+)/log$`).exec(url.pathname)?.[1];
    if (log !== undefined) {
      const lines = kubelet.pods.find((one) => one.name === log)?.lines ?? [];
      return {
        status: 200,
        body: `${lines.slice(-Number(url.searchParams.get('tailLines') ?? lines.length)).join('\n')}\n`,
      };
    }
    switch (url.pathname) {
      case PODS: {
        const matches = matchesSelector(url.searchParams.get('labelSelector') || 'component', LABELS);
        return listOf('PodList', matches === true ? kubelet.pods.map((pod) => podObject(pod, kubelet)) : []);
      }
      case `${APPS}/replicasets/${kubelet.replicaSet}`:
        return ok(replicaSetObject(kubelet));
      case `${APPS}/deployments/airflow-scheduler`:
        return ok(deploymentObject());
      case `/api/v1/namespaces/${NAMESPACE}/events`:
        return listOf('EventList', eventObjects(kubelet.pods, Date.now()));
      case `/apis/metrics.k8s.io/v1beta1/namespaces/${NAMESPACE}/pods`:
        return listOf('PodMetricsList', metricsObjects(kubelet.pods, Date.now()));
      default:
        return failure(404, 'NotFound', 'the server could not find the requested resource');
    }
  }

  function remove(pod: DemoPod, body: string): Answer {
    const options = (body === '' ? {} : JSON.parse(body)) as {
      preconditions?: { uid?: string };
      dryRun?: string[];
    };
    const asked = options.preconditions?.uid ?? pod.uid;
    if (asked !== pod.uid) {
      const said = `Operation cannot be fulfilled on Pod "${pod.name}": the UID in the precondition (${asked}) does not match the UID in record (${pod.uid}). The object might have been deleted and then recreated`;
      return failure(409, 'Conflict', said);
    }
    if (options.dryRun?.includes('All') !== true && pod.deletedAt === null) {
      removals.push({ pod: pod.name, uid: pod.uid });
      kubelet.remove(pod);
    }
    return ok(podObject(pod, kubelet));
  }

  return { ...(await listen(server)), removals };
}

/** What the API server does for `pods/proxy`: the pod's answer, headers and all, or a 503 of its own. */
function proxy(pod: DemoPod, port: string, path: string, response: ServerResponse): void {
  const upstream = request({ host: '127.0.0.1', port: pod.healthPort, path, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.on('error', (error: NodeJS.ErrnoException) => {
    const why =
      error.code === 'ECONNREFUSED' ? 'connect: connection refused' : 'read: connection reset by peer';
    const said = `error trying to reach service: dial tcp 127.0.0.1:${port}: ${why}`;
    write(response, failure(503, 'ServiceUnavailable', said));
  });
  response.on('close', () => upstream.destroy());
  upstream.end();
}

const ok = (body: object): Answer => ({ status: 200, body });

function listOf(kind: string, items: readonly object[]): Answer {
  return ok({ kind, apiVersion: 'v1', metadata: { resourceVersion: '1' }, items });
}

/** The API server's own words for a failure. */
function failure(code: number, reason: string, message: string): Answer {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  return { status: code, body };
}

function write(response: ServerResponse, { status, body }: Answer): void {
  if (response.headersSent) return;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of message) text += chunk;
  return text;
}
