import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { signatureOf } from './aws-signature.ts';

export type StsMode = 'normal' | 'throttled' | 'down';

export interface StsStub {
  /** CONNECT proxy that leads every name to this STS; for HTTPS_PROXY. */
  readonly proxyUrl: string;
  /** The certificate to trust, as a file. */
  readonly caFile: string;
  /** For AWS_ENDPOINT_URL_STS: AssumeRole. */
  readonly endpointUrl: string;
  mode: StsMode;
  readonly calls: { readonly action: string; readonly externalId: string | null }[];
  close(): Promise<void>;
}

export interface StsStubOptions {
  /** Secrets and ARNs by access key. */
  readonly keys: Readonly<Record<string, { readonly secret: string; readonly arn: string }>>;
  /** External ids that roles ask for, by role ARN; other roles may not be assumed. */
  readonly roles?: Readonly<Record<string, string | null>>;
  /** An empty folder for the certificate. */
  readonly folder: string;
}

const HOSTS = ['sts.amazonaws.com', 'sts.eu-central-1.amazonaws.com', 'sts.us-east-1.amazonaws.com'];

/** GetCallerIdentity for verifiers of tokens, with the signature checked, and AssumeRole; on the loopback interface. */
export async function startStsStub({ keys, roles = {}, folder }: StsStubOptions): Promise<StsStub> {
  const known = new Map(Object.entries(keys));
  const calls: { action: string; externalId: string | null }[] = [];
  const caFile = join(folder, 'sts.pem');
  const names = `subjectAltName=${HOSTS.map((host) => `DNS:${host}`).join(',')}`;
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    join(folder, 'sts.key'),
  ];
  execFileSync(
    'openssl',
    ['req', '-x509', ...key, '-out', caFile, '-days', '2', '-subj', '/CN=sts', '-addext', names],
    {
      stdio: 'pipe',
    },
  );
  const tls = { key: readFileSync(join(folder, 'sts.key')), cert: readFileSync(caFile) };
  const identity = createTlsServer(tls, (request, response) => void whoAmI(request, response));
  const assume = createServer((request, response) => void assumeRole(request, response));
  const proxy = createServer();
  const sockets = new Set<Socket>();
  for (const server of [identity, assume, proxy]) {
    server.on(
      'connection',
      (socket: Socket) => sockets.add(socket).size && socket.on('error', () => undefined),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
  proxy.on('connect', (_request, near: Socket) => {
    if (stub.mode === 'down') return void near.destroy();
    const far = connect(portOf(identity), '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      near.pipe(far).pipe(near);
    });
    for (const socket of [near, far]) socket.on('error', () => undefined);
  });

  async function whoAmI(request: IncomingMessage, response: ServerResponse): Promise<void> {
    calls.push({ action: 'GetCallerIdentity', externalId: null });
    if (stub.mode === 'down') return void request.socket.destroy();
    const { method = '', url = '', headers } = request;
    const signature = signatureOf({ method, url, headers, body: '' });
    if (isFromTheFuture(url))
      return void response.writeHead(403).end('{"Error":{"Code":"SignatureDoesNotMatch"}}');
    const holder = signature === null ? undefined : known.get(signature.accessKeyId);
    if (stub.mode === 'throttled') return void response.writeHead(429).end();
    if (signature === null || holder === undefined || !signature.isFrom(holder.secret))
      return void response.writeHead(403).end('{"Error":{"Code":"SignatureDoesNotMatch"}}');
    const Account = holder.arn.split(':')[4];
    const GetCallerIdentityResult = { Account, Arn: holder.arn, UserId: 'AROATEST:session' };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ GetCallerIdentityResponse: { GetCallerIdentityResult } }));
  }

  async function assumeRole(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await text(request));
    const role = form.get('RoleArn') ?? '';
    const externalId = form.get('ExternalId');
    calls.push({ action: form.get('Action') ?? '', externalId });
    response.setHeader('content-type', 'text/xml');
    if (roles[role] === undefined || roles[role] !== externalId) {
      const words = `not authorized to perform: sts:AssumeRole on resource: ${role}`;
      return void response
        .writeHead(403)
        .end(
          `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${words}</Message></Error></ErrorResponse>`,
        );
    }
    const id = `ASIATEST${known.size}`;
    const secret = `secret-of-${id}`;
    known.set(id, {
      secret,
      arn: `${role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/scheduler-watchdog`,
    });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    response.end(
      `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey><SessionToken>session-of-${id}</SessionToken><Expiration>${until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    );
  }

  const stub: StsStub = {
    proxyUrl: `http://127.0.0.1:${portOf(proxy)}`,
    endpointUrl: `http://127.0.0.1:${portOf(assume)}`,
    caFile,
    mode: 'normal',
    calls,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([identity, assume, proxy].map((one) => new Promise((resolve) => one.close(resolve))));
    },
  };
  return stub;
}

/** STS refuses what was signed more than 15 minutes ahead of its clock. */
function isFromTheFuture(url: string): boolean {
  const signedAt = new URL(url, 'https://sts').searchParams.get('X-Amz-Date') ?? '';
  const iso = signedAt.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5');
  return Date.parse(iso) > Date.now() + 15 * 60_000;
}
