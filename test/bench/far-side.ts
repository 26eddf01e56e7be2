// The far side of the fleet benchmark, in a process of its own: a thousand health endpoints, each its own origin, a share
// of them silent, and one Kubernetes API stand-in that lists one pod per namespace. Prints its ports as one JSON line.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const count = Number(process.argv[2]);
const hangingShare = Number(process.argv[3]);
const asked: string[] = [];

async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<number> {
  const server: Server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const health = Array.from({ length: count }, (_, at) => {
  const hangs = at < count * hangingShare;
  return listen((request, response) => {
    if (hangs) return;
    const now = new Date();
    const beat = {
      status: 'healthy',
      latest_scheduler_heartbeat: new Date(now.getTime() - 2_000).toISOString(),
    };
    response.setHeader('content-type', 'application/json');
    setTimeout(
      () => response.end(JSON.stringify({ metadatabase: { status: 'healthy' }, scheduler: beat })),
      20,
    );
    request.resume();
  });
});

const api = listen((request, response) => {
  asked.push(request.url ?? '');
  response.setHeader('content-type', 'application/json');
  const namespace = /namespaces\/([^/]+)\//.exec(request.url ?? '')?.[1] ?? '';
  if (request.url === '/asked') return void response.end(JSON.stringify(asked.splice(0, asked.length - 1)));
  const isPods = /\/pods\?/.test(request.url ?? '') && !/metrics/.test(request.url ?? '');
  const items = isPods ? [podOf(namespace)] : [];
  response.end(
    JSON.stringify({ kind: isPods ? 'PodList' : 'EventList', apiVersion: 'v1', metadata: {}, items }),
  );
});

function podOf(namespace: string) {
  const began = '2026-01-01T00:00:00Z';
  return {
    metadata: {
      name: 'airflow-scheduler-0',
      namespace,
      uid: `uid-${namespace}`,
      creationTimestamp: began,
      labels: { component: 'scheduler' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'airflow-scheduler', uid: 'r', controller: true },
      ],
    },
    spec: { nodeName: 'node', containers: [{ name: 'scheduler', resources: { limits: { memory: '1Gi' } } }] },
    status: {
      phase: 'Running',
      podIP: '10.0.0.1',
      containerStatuses: [
        { name: 'scheduler', ready: true, restartCount: 0, state: { running: { startedAt: began } } },
      ],
    },
  };
}

export const ports = { health: await Promise.all(health), api: await api };
console.log(JSON.stringify(ports));
process.stdin.resume().on('end', () => process.exit(0));
