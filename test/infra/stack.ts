import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainTemplate } from '../../infra/package.mjs';

const root = join(import.meta.dirname, '../..');

export interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}
export type Properties = Readonly<Record<string, unknown>>;
export interface Parameter {
  readonly Type: string;
  readonly Default?: unknown;
  readonly AllowedPattern?: string;
  readonly Description?: string;
  readonly NoEcho?: boolean;
}
export interface Template {
  readonly Parameters: Readonly<Record<string, Parameter>>;
  readonly Rules?: unknown;
  readonly Conditions?: unknown;
  readonly Outputs: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Condition?: string;
        readonly DeletionPolicy?: string;
        readonly Properties: Properties;
      }
    >
  >;
}

export interface Packed {
  readonly osls: Template;
  readonly plain: Template;
  /** What osls would give CloudFormation for the stack's parameters. */
  readonly given: Readonly<Record<string, string>>;
}

interface State {
  readonly service: {
    readonly provider: {
      readonly stackParameters: readonly { readonly ParameterKey: string; readonly ParameterValue: string }[];
    };
  };
}

export interface Wanted {
  readonly args?: readonly string[];
  /** Content of params.yml. */
  readonly params?: string;
}

/** Runs `osls package` on a copy of the stack's files, with a stand-in for the code; a string is what it said when it failed. */
export function packStack({ args = [], params }: Wanted = {}): Packed | string {
  const folder = mkdtempSync(join(tmpdir(), 'watchdog-stack-'));
  try {
    for (const part of ['serverless.yml', 'infra', 'package.json'])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist/check.mjs'), 'export const handler = () => {};\n');
    if (params !== undefined) writeFileSync(join(folder, 'params.yml'), params);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/osls/bin/serverless.js'), 'package', '--package', 'packed', ...args],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, SLS_TELEMETRY_DISABLED: '1', NO_COLOR: '1' } },
    );
    if (status !== 0) return stdout + stderr;
    const json = <T>(name: string): T => JSON.parse(readFileSync(join(folder, 'packed', name), 'utf8')) as T;
    const osls = json<Template>('cloudformation-template-update-stack.json');
    const { stackParameters } = json<State>('serverless-state.json').service.provider;
    const given = stackParameters.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]);
    return { osls, plain: plainTemplate(osls), given: Object.fromEntries(given) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function packedStack(wanted: Wanted = {}): Packed {
  const packed = packStack(wanted);
  if (typeof packed === 'string') throw new Error(packed);
  return packed;
}

/** `if` is the condition under which a statement is there at all. */
export function statementsOf(
  template: Template,
  name: string,
): readonly (Statement & { readonly if: string | null })[] {
  const resource = template.Resources[name];
  const { Policies, PolicyDocument } = (resource?.Properties ?? {}) as {
    readonly Policies?: readonly { readonly PolicyDocument: { readonly Statement: readonly unknown[] } }[];
    readonly PolicyDocument?: { readonly Statement: readonly unknown[] };
  };
  const documents =
    Policies?.map((policy) => policy.PolicyDocument) ?? (PolicyDocument ? [PolicyDocument] : []);
  return documents
    .flatMap(({ Statement: statements }) => statements)
    .map((one) => {
      const choice = (one as { 'Fn::If'?: [string, Statement, unknown] })['Fn::If'];
      return choice === undefined
        ? { ...(one as Statement), if: resource?.Condition ?? null }
        : { ...choice[1], if: choice[0] };
    });
}

/** An older Node of this machine, without what Node 24 brought; null where there is none. */
export function olderNode(): string | null {
  const folders = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', ...(process.env.PATH ?? '').split(':')];
  for (const folder of folders) {
    const node = join(folder, 'node');
    if (!existsSync(node)) continue;
    const { stdout } = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' });
    const [major = 0] = stdout.split('.').map(Number);
    if (major >= 20 && major < 24) return node;
  }
  return null;
}

/** What the policies of a role reach, statement by statement, names and parameters put in. */
export function resourcesOf(role: Properties): readonly unknown[] {
  const { Policies } = role as {
    readonly Policies: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
  };
  return Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).map(({ Resource }) => Resource);
}

/** By Sid: the condition under which it stands, and the actions. */
export function grantsOf(template: Template): Readonly<Record<string, readonly unknown[]>> {
  const granted = statementsOf(template, 'Role').map((one) => [one.Sid, [one.if, ...[one.Action].flat()]]);
  return Object.fromEntries(granted);
}
