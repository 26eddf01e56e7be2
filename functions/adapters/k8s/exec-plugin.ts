import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { quote } from '../../core/redact.ts';
import { type DurationMs, type EpochMs, epochOf, SECOND_MS } from '../../core/time.ts';

/** `users[].user.exec` of a kubeconfig.
 *  https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins */
export interface ExecSpec {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name?: string; readonly value?: string }[] | null;
  readonly installHint?: string;
  readonly interactiveMode?: string;
  readonly provideClusterInfo?: boolean;
}

export interface ExecContext {
  /** Folder of the kubeconfig: a command with a slash in it is relative to it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For `provideClusterInfo`. */
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly timeoutMs: DurationMs;
}

export interface ExecCredential {
  readonly token: string | null;
  readonly certificate: { readonly cert: string; readonly key: string } | null;
  readonly expiresAt: EpochMs | null;
}

export const EXEC_TIMEOUT_MS = 10 * SECOND_MS;

/** Runs the plugin once. Rejects with a plain sentence that holds neither its output nor its environment. */
export async function runExecPlugin(spec: ExecSpec, context: ExecContext): Promise<ExecCredential> {
  const command = spec.command ?? '';
  if (command === '') throw new Error('the exec plugin has no command');
  if (spec.interactiveMode === 'Always') throw new Error(`the exec plugin "${command}" wants a terminal`);
  const output = await run(spec, command, context);
  const credential = credentialIn(output);
  if (credential === null) throw new Error(`the exec plugin "${command}" printed no usable ExecCredential`);
  return credential;
}

function run(spec: ExecSpec, command: string, context: ExecContext): Promise<string> {
  const given = (spec.env ?? []).flatMap(({ name, value }) => (name ? [[name, value ?? ''] as const] : []));
  const info = {
    apiVersion: spec.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, ...(spec.provideClusterInfo && { cluster: context.cluster }) },
  };
  const env = { ...context.env, ...Object.fromEntries(given), KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  const path = command.includes('/') ? resolve(context.folder, command) : command;
  const options = { env, timeout: context.timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1024 * 1024 } as const;
  return new Promise((done, failed) => {
    const child = execFile(path, [...(spec.args ?? [])], options, (error, stdout, stderr) => {
      if (error === null) return done(stdout);
      const secrets = given.map(([, value]) => value);
      failed(new Error(`the exec plugin "${command}" ${whyOf(error, stderr, secrets, spec, context)}`));
    });
    child.stdin?.end();
  });
}

function whyOf(
  error: { readonly code?: unknown; readonly killed?: boolean },
  stderr: string,
  secrets: readonly string[],
  { installHint }: ExecSpec,
  { timeoutMs }: ExecContext,
): string {
  if (error.code === 'ENOENT') return `is not installed${installHint ? ` (${quote(installHint, 200)})` : ''}`;
  if (error.code === 'EACCES') return 'may not be executed';
  if (error.killed) return `did not answer within ${timeoutMs / SECOND_MS} s`;
  return `failed with ${error.code}: ${quote(stderr, 200, secrets) || 'no message'}`;
}

function credentialIn(output: string): ExecCredential | null {
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = statusIn(output);
  const certificate = typeof cert === 'string' && typeof key === 'string' ? { cert, key } : null;
  if (typeof token !== 'string' && certificate === null) return null;
  return {
    token: typeof token === 'string' ? token : null,
    certificate,
    expiresAt: typeof expirationTimestamp === 'string' ? epochOf(expirationTimestamp) : null,
  };
}

function statusIn(output: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(output)?.status ?? {};
  } catch {
    return {};
  }
}
