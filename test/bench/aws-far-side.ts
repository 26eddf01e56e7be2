// The far side of the function's benchmark: SSM, EKS, DynamoDB, the health endpoints and the Kubernetes API stand-in of
// far-side.ts, in a process of its own. Prints its addresses as a second JSON line.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { startDynamo } from '../support/dynamodb.ts';
import { ports } from './far-side.ts';

const PAGE = 10;
const { health, api } = ports;
const dynamo = await startDynamo();
const table = await dynamo.createTable();
/** As DynamoDB charges: a write per started KB, a consistent read per started 4 KB. */
let units = { reads: 0, writes: 0 };

const targets = health.map((port, at) => ({
  Name: `/scheduler-watchdog/targets/target-${String(at).padStart(4, '0')}`,
  Type: 'String',
  Value: JSON.stringify({
    cluster: { eks: 'bench', region: 'eu-central-1' },
    namespace: `airflow-${at}`,
    health: { url: `http://127.0.0.1:${port}/api/v2/monitor/health` },
  }),
}));

async function aws(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = await text(incoming);
  const answer = (value: unknown) => {
    outgoing.setHeader('content-type', 'application/x-amz-json-1.1');
    outgoing.end(JSON.stringify(value));
  };
  if (incoming.url === '/units') {
    answer(units);
    units = { reads: 0, writes: 0 };
  } else if (incoming.url?.startsWith('/clusters/')) {
    const endpoint = `http://127.0.0.1:${api}`;
    answer({ cluster: { name: 'bench', status: 'ACTIVE', endpoint, certificateAuthority: { data: '' } } });
  } else {
    const { Path, NextToken = '0' } = JSON.parse(body) as { Path: string; NextToken?: string };
    const from = Number(NextToken);
    const found = targets.filter(({ Name }) => Name.startsWith(Path));
    const next = from + PAGE < found.length ? { NextToken: String(from + PAGE) } : {};
    answer({ Parameters: found.slice(from, from + PAGE), ...next });
  }
}

/** Passes on to dynalite and counts. */
async function counted(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = await buffer(incoming);
  const inner = request(dynamo.url, { method: 'POST', headers: incoming.headers });
  inner.end(body);
  const [answer] = (await once(inner, 'response')) as [IncomingMessage];
  const told = await buffer(answer);
  if (`${incoming.headers['x-amz-target']}`.endsWith('PutItem'))
    units.writes += Math.ceil(body.length / 1_024);
  else units.reads += Math.max(1, Math.ceil(told.length / 4_096));
  outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
  outgoing.end(told);
}

async function listen(serve: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>) {
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

console.log(JSON.stringify({ aws: await listen(aws), dynamodb: await listen(counted), table }));
