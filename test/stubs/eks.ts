import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StubCluster {
  readonly endpoint: string;
  /** The text of a certificate; a function is asked at every call. What it throws leaves the cluster "CREATING". */
  readonly ca: string | (() => string);
  readonly status?: string;
  readonly isPublic?: boolean;
}

export type EksMode = 'normal' | 'throttled' | 'denied' | 'down';

export interface EksStub {
  /** For AWS_ENDPOINT_URL_EKS. */
  readonly url: string;
  /** Requests so far, the refused ones too; of one cluster when it is named. */
  calls(name?: string): number;
  setClusters(clusters: Readonly<Record<string, StubCluster>>): void;
  fail(mode: EksMode): void;
  close(): Promise<void>;
}

export interface EksStubOptions {
  readonly clusters: Readonly<Record<string, StubCluster>>;
  readonly region?: string;
  readonly account?: string;
}

/** DescribeCluster of EKS on the loopback interface. Who asks, it does not look at. */
export async function startEksStub({
  clusters,
  region = 'eu-central-1',
  account = '123456789012',
}: EksStubOptions): Promise<EksStub> {
  let known = clusters;
  let mode: EksMode = 'normal';
  const asked: string[] = [];
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: (name) => asked.filter((one) => name === undefined || one === name).length,
    setClusters(next) {
      known = next;
    },
    fail(next) {
      mode = next;
      if (mode === 'down') server.closeAllConnections();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  function answer({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
    const [, encoded] = /^\/clusters\/([^/?]+)$/.exec(url) ?? [];
    if (method !== 'GET' || encoded === undefined)
      return void refuse(response, 404, 'UnknownOperationException', 'only DescribeCluster is imitated');
    const name = decodeURIComponent(encoded);
    asked.push(name);
    if (mode === 'down') {
      response.destroy();
      return;
    }
    if (mode === 'throttled') return void refuse(response, 429, 'ThrottlingException', 'Rate exceeded');
    const arn = `arn:aws:eks:${region}:${account}:cluster/${name}`;
    if (mode === 'denied') {
      const words = `User is not authorized to perform: eks:DescribeCluster on resource: ${arn}`;
      return void refuse(response, 403, 'AccessDeniedException', words);
    }
    const cluster = Object.hasOwn(known, name) ? known[name] : undefined;
    if (cluster === undefined)
      return void refuse(response, 404, 'ResourceNotFoundException', `No cluster found for name: ${name}.`);
    send(response, 200, { cluster: { name, arn, version: '1.34', ...described(cluster) } });
  }
}

function described({ endpoint, ca, status = 'ACTIVE', isPublic = true }: StubCluster) {
  try {
    const text = typeof ca === 'string' ? ca : ca();
    return {
      status,
      endpoint,
      certificateAuthority: { data: Buffer.from(text).toString('base64') },
      accessConfig: { authenticationMode: 'API' },
      resourcesVpcConfig: { endpointPublicAccess: isPublic, endpointPrivateAccess: !isPublic },
    };
  } catch {
    return { status: 'CREATING' };
  }
}

function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  send(response, status, { message }, { 'x-amzn-errortype': type });
}

function send(response: ServerResponse, status: number, body: object, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
