import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readHealth } from '../../../functions/adapters/airflow/health-body.ts';
import { boundedRequest } from '../../../functions/adapters/http/request.ts';
import { createCluster } from '../../../functions/adapters/k8s/cluster.ts';
import { createSessions, type Sessions } from '../../../functions/adapters/k8s/sessions.ts';
import { type ConnectProxy, startConnectProxy } from '../../support/connect-proxy.ts';
import { type KubeApiServer, startKubeApi } from '../../support/kube-api.ts';
import { movableClock, OPTIONS, TARGET, withoutTimes } from './setup.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const withOpenssl = hasOpenssl ? test : test.skip;
if (!hasOpenssl) test.skip('openssl is not installed, so no certificates can be made', () => undefined);

let folder: string;
let api: KubeApiServer;
let sessions: Sessions;

const made = (name: string) => readFileSync(join(folder, name));
const data = (name: string) => made(name).toString('base64');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tls-'));
  if (!hasOpenssl) return;
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=ca');
  for (const [name, san] of [
    ['server', 'IP:127.0.0.1'],
    ['named', 'DNS:kubernetes'],
    ['anna', 'DNS:a'],
    ['bob', 'DNS:b'],
  ] as const) {
    writeFileSync(join(folder, 'ext'), `subjectAltName=${san}`);
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'ext',
      '-out',
      `${name}.crt`,
    );
  }
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  sessions = createSessions({ clock: movableClock(), env: { PATH: process.env.PATH }, home: folder });
});
afterEach(async () => {
  await sessions.close();
  await api?.close();
});

/** Starts a server with the named certificate and looks at it with the given kubeconfig parts. */
async function look(server: string, cluster: object, user: object) {
  api = await startKubeApi({
    cert: made(`${server}.crt`),
    key: made(`${server}.key`),
    ca: made('ca.crt'),
    requestCert: true,
    // Whoever shows none is let in, so that tokens can be tried over TLS, too.
    rejectUnauthorized: false,
  });
  const path = join(folder, 'config');
  const document = {
    'current-context': 'one',
    clusters: [{ name: 'c', cluster: { server: api.url, ...cluster } }],
    contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user }],
  };
  writeFileSync(path, JSON.stringify(document));
  const session = await sessions.open({ path, context: null });
  const kube = createCluster({ session, clock: movableClock(), readHealth, request: boundedRequest });
  return withoutTimes(await kube.pods(TARGET, OPTIONS));
}
const clients = () =>
  api.requests.map(({ socket }) => (socket as TLSSocket).getPeerCertificate().subject?.CN ?? null);
const empty = { kind: 'answered', pods: [], serverNow: expect.any(Number) };

withOpenssl('a client certificate in the kubeconfig is shown to the server', async () => {
  const user = { 'client-certificate-data': data('anna.crt'), 'client-key-data': data('anna.key') };
  expect(await look('server', { 'certificate-authority-data': data('ca.crt') }, user)).toEqual(empty);
  expect(clients()).toEqual(['anna']);
});

withOpenssl('certificates in files beside the kubeconfig', async () => {
  const user = { 'client-certificate': 'anna.crt', 'client-key': 'anna.key' };
  expect(await look('server', { 'certificate-authority': 'ca.crt' }, user)).toEqual(empty);
  expect(clients()).toEqual(['anna']);
});

withOpenssl('a client certificate from an exec plugin', async () => {
  const status = { clientCertificateData: String(made('bob.crt')), clientKeyData: String(made('bob.key')) };
  writeFileSync(join(folder, 'plugin.js'), `console.log(${JSON.stringify(JSON.stringify({ status }))})`);
  const exec = { command: process.execPath, args: [join(folder, 'plugin.js')] };
  expect(await look('server', { 'certificate-authority-data': data('ca.crt') }, { exec })).toEqual(empty);
  expect(clients()).toEqual(['bob']);
});

withOpenssl('a server that nobody vouches for is not talked to', async () => {
  expect(await look('server', {}, { token: 'secret' })).toMatchObject({ kind: 'unreachable', cause: 'tls' });
  expect(api.requests).toEqual([]);
});

withOpenssl('insecure-skip-tls-verify talks to it all the same', async () => {
  expect(await look('server', { 'insecure-skip-tls-verify': true }, { token: 'secret' })).toEqual(empty);
});

withOpenssl('a certificate for another name is refused, unless the kubeconfig says that name', async () => {
  const cluster = { 'certificate-authority-data': data('ca.crt') };
  expect(await look('named', cluster, { token: 'secret' })).toMatchObject({
    kind: 'unreachable',
    cause: 'tls',
  });
  await api.close();
  await sessions.close();
  expect(await look('named', { ...cluster, 'tls-server-name': 'kubernetes' }, { token: 'secret' })).toEqual(
    empty,
  );
});

describe('through a proxy', () => {
  let proxy: ConnectProxy;
  beforeEach(async () => {
    proxy = await startConnectProxy();
  });
  afterEach(() => proxy.close());
  const trusting = () => ({ 'certificate-authority-data': data('ca.crt') });

  withOpenssl('of the kubeconfig, TLS and the client certificate go all the way to the server', async () => {
    const user = { 'client-certificate-data': data('anna.crt'), 'client-key-data': data('anna.key') };
    const cluster = { ...trusting(), 'proxy-url': proxy.url.replace('//', '//me:secret@') };
    expect(await look('server', cluster, user)).toEqual(empty);
    expect(clients()).toEqual(['anna']);
    expect(proxy.asked).toEqual([{ for: new URL(api.url).host, as: 'me:secret' }]);
  });

  withOpenssl('of the environment, to a name that only the proxy can resolve', async () => {
    sessions = createSessions({ clock: movableClock(), env: { HTTPS_PROXY: proxy.url }, home: folder });
    const cluster = { ...trusting(), server: 'https://kubernetes', 'tls-server-name': 'kubernetes' };
    proxy.leadsTo = () => new URL(api.url).host;
    expect(await look('named', cluster, { token: 'x' })).toEqual(empty);
    expect(proxy.asked).toEqual([{ for: 'kubernetes:443', as: null }]);
  });

  withOpenssl('that refuses, or is not there, it is the proxy that is named', async () => {
    const cluster = { ...trusting(), 'proxy-url': proxy.url };
    proxy.status = 407;
    expect(await look('server', cluster, { token: 'x' })).toMatchObject({
      kind: 'unreachable',
      detail: expect.stringMatching(/^the proxy 127\.0\.0\.1:\d+ answers 407 where it is asked for 127/),
    });
    await api.close();
    await proxy.close();
    await sessions.close();
    expect(await look('server', cluster, { token: 'x' })).toMatchObject({
      kind: 'unreachable',
      detail: expect.stringMatching(/^the proxy 127\.0\.0\.1:\d+ cannot be asked \(ECONNREFUSED\)/),
    });
  });

  withOpenssl('the certificate of the server is what is checked', async () => {
    const cluster = { ...trusting(), 'proxy-url': proxy.url };
    expect(await look('named', cluster, { token: 'x' })).toMatchObject({ kind: 'unreachable', cause: 'tls' });
  });
});
