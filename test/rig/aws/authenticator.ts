/** aws-iam-authenticator: what an EKS cluster asks whether a token is good. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StsStub } from '../../stubs/sts.ts';
import { RIG_HOME } from '../rig.ts';

export const AUTHENTICATOR = join(RIG_HOME, 'cache/aws/bin/aws-iam-authenticator');

export interface RoleMapping {
  readonly roleArn: string;
  readonly username: string;
  readonly groups: readonly string[];
}

export interface AuthenticatorOptions {
  readonly sts: Pick<StsStub, 'proxyUrl' | 'caFile'>;
  /** What tokens are signed for: the name of the cluster. */
  readonly clusterId: string;
  readonly roles: readonly RoleMapping[];
  /** Keeps its certificate, so it can be started again behind an API server that knows it. */
  readonly folder: string;
  readonly port?: number;
}

export interface TokenVerdict {
  /** Of the HTTP answer: a token that is no good is 403, a throttled STS 429. */
  readonly status: number;
  readonly authenticated: boolean;
  readonly username: string | undefined;
  readonly groups: readonly string[];
}

export interface Authenticator {
  /** For --authentication-token-webhook-config-file. */
  readonly webhookKubeconfig: string;
  tokenReview(token: string): Promise<TokenVerdict>;
  close(): Promise<void>;
}

export async function startAuthenticator(options: AuthenticatorOptions): Promise<Authenticator> {
  const { sts, clusterId, roles, folder, port = 15_576 } = options;
  await mkdir(folder, { recursive: true });
  const webhookKubeconfig = join(folder, 'webhook.kubeconfig');
  const configFile = join(folder, 'authenticator.json');
  const mapRoles = roles.map(({ roleArn, ...role }) => ({ roleARN: roleArn, ...role }));
  await writeFile(configFile, JSON.stringify({ clusterID: clusterId, server: { mapRoles } }));

  const log = openSync(join(folder, 'authenticator.log'), 'a');
  const flags = ['--state-dir', folder, '--generate-kubeconfig', webhookKubeconfig];
  const child = spawn(
    AUTHENTICATOR,
    ['server', '-c', configFile, ...flags, '--address', '127.0.0.1', '--port', String(port)],
    {
      stdio: ['ignore', log, log],
      env: {
        PATH: '/usr/bin:/bin',
        HTTPS_PROXY: sts.proxyUrl,
        SSL_CERT_FILE: sts.caFile,
        SSL_CERT_DIR: '/nonexistent',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    },
  );
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const isUp = await Promise.race([waitFor(port), ended.then(() => false)]);
  if (!isUp || child.exitCode !== null) {
    child.kill('SIGKILL');
    throw new Error(`aws-iam-authenticator did not start; see ${folder}/authenticator.log`);
  }
  const ca = await readFile(join(folder, 'cert.pem'));
  return {
    webhookKubeconfig,
    tokenReview: (token) => tokenReview(port, ca, token),
    // It does not end on SIGTERM.
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function waitFor(port: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries += 1) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return true;
    await sleep(50);
  }
  return false;
}

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: { readonly username?: string; readonly groups?: string[] };
  };
}

async function tokenReview(port: number, ca: Buffer, token: string): Promise<TokenVerdict> {
  const review = { apiVersion: 'authentication.k8s.io/v1beta1', kind: 'TokenReview', spec: { token } };
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/authenticate', method: 'POST', ca },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify(review));
  });
  const said = text.startsWith('{') ? (JSON.parse(text) as TokenReview).status : undefined;
  return {
    status,
    authenticated: said?.authenticated === true,
    username: said?.user?.username,
    groups: said?.user?.groups ?? [],
  };
}
