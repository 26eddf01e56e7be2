import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { HOST } from '../config/channel-hosts.ts';
import { assertNever, WatchdogError } from '../core/errors.ts';

export type TargetsRef =
  | { readonly kind: 'files'; readonly path: string }
  | { readonly kind: 'ssm'; readonly prefix: string };

export type StateRef =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'dynamodb'; readonly table: string }
  | { readonly kind: 'memory' };

export type ReportsRef =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string };

/** Where things are, from options first and the environment second. The only reader of the environment. */
export interface Settings {
  readonly targets: TargetsRef;
  /** Null when none is named and the targets lie in SSM, where there is no "beside them". */
  readonly state: StateRef | null;
  /** Hosts that channels may talk to beside the vendors' own. */
  readonly channelHosts: readonly string[];
  /** Where reports of incidents are kept; null: nowhere. */
  readonly reports: ReportsRef | null;
  /** Where they can be read by a link, ending in a slash. */
  readonly reportsUrl: string | null;
  /** The key that links to reports are signed with, or where it lies; null: they are plain. */
  readonly reportsKey: string | null;
  /** Called after each complete tick, for a dead man's switch; a secret, since whoever knows it can fake a tick. */
  readonly deadMansSwitchUrl: string | null;
  /** Somebody answers to buttons in Slack, so that messages have them. */
  readonly slackActions: boolean;
  /** Set in the function, where CloudWatch reads metrics from the log. */
  readonly metrics: { readonly namespace: string; readonly service: string } | null;
  /** Lets the function's health URLs lead to its own machine; for tests. */
  readonly allowLoopback: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

export function readSettings(
  options: {
    readonly targets?: string | undefined;
    readonly state?: string | undefined;
    readonly reports?: string | undefined;
  },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  const targets = targetsRef(options.targets ?? env.WATCHDOG_TARGETS ?? './targets');
  const state = options.state ?? env.WATCHDOG_STATE;
  return {
    targets,
    state: state === undefined ? stateBeside(targets) : stateRef(state),
    channelHosts: channelHosts(env.WATCHDOG_CHANNEL_HOSTS ?? ''),
    reports: reportsRef(options.reports ?? env.WATCHDOG_REPORTS ?? ''),
    reportsUrl: reportsUrl(env.WATCHDOG_REPORTS_URL ?? ''),
    reportsKey: env.WATCHDOG_REPORTS_KEY || null,
    deadMansSwitchUrl: env.WATCHDOG_HEARTBEAT_URL || null,
    slackActions: env.WATCHDOG_SLACK_ACTIONS === '1',
    metrics: metricsRef(env),
    allowLoopback: env.WATCHDOG_ALLOW_LOOPBACK === '1',
    env,
    home: homedir(),
  };
}

function metricsRef({
  POWERTOOLS_METRICS_NAMESPACE: namespace,
  POWERTOOLS_SERVICE_NAME: service,
}: Settings['env']): Settings['metrics'] {
  return namespace && service ? { namespace, service } : null;
}

export function targetsRef(text: string): TargetsRef {
  if (text.startsWith('ssm:')) {
    const prefix = text.slice('ssm:'.length);
    if (!/^(\/[A-Za-z0-9_.-]+)+$/.test(prefix))
      throw usage('--targets', text, 'ssm:/PREFIX, such as ssm:/scheduler-watchdog');
    return { kind: 'ssm', prefix };
  }
  if (text === '') throw usage('--targets', text, 'a file, a folder or ssm:/PREFIX');
  return { kind: 'files', path: text };
}

function reportsRef(text: string): ReportsRef | null {
  if (text === '') return null;
  if (!text.startsWith('s3:')) return { kind: 'folder', path: text };
  const bucket = text.slice('s3:'.length);
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw usage('WATCHDOG_REPORTS', text, 'a folder or s3:BUCKET');
  return { kind: 's3', bucket };
}

function reportsUrl(text: string): string | null {
  if (text === '') return null;
  if (!/^https?:\/\/[^\s?#]+$/.test(text) || !URL.canParse(text))
    throw usage('WATCHDOG_REPORTS_URL', text, 'an http or https URL such as https://reports.example.com/');
  return text.endsWith('/') ? text : `${text}/`;
}

function stateRef(text: string): StateRef {
  const at = text.indexOf(':');
  const rest = text.slice(at + 1);
  switch (text.slice(0, Math.max(at, 0))) {
    case 'sqlite':
      if (rest !== '') return { kind: 'sqlite', path: rest };
      break;
    case 'dynamodb':
      if (rest !== '') return { kind: 'dynamodb', table: rest };
      break;
    case 'memory':
      return { kind: 'memory' };
  }
  throw usage('--state', text, 'sqlite:FILE, dynamodb:TABLE or memory:');
}

/** Beside the targets, so that every command with the same --targets means the same state, wherever it is started. */
export function stateBeside(targets: TargetsRef): StateRef | null {
  if (targets.kind === 'ssm') return null;
  const { path } = targets;
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? !/\.(ya?ml|json)$/.test(path);
  return { kind: 'sqlite', path: join(isFolder ? resolve(path, '..') : dirname(resolve(path)), STATE_FILE) };
}

/** A state file where earlier versions kept it, by the folder they were started in; null where it is the one in use. */
export function strayState({ state }: Pick<Settings, 'state'>, named: string | undefined): string | null {
  const before = resolve(STATE_FILE);
  if (named !== undefined || state?.kind !== 'sqlite' || resolve(state.path) === before) return null;
  return statSync(before, { throwIfNoEntry: false }) === undefined ? null : before;
}

const STATE_FILE = 'scheduler-watchdog.db';

/** The place of a state as people would name it with --state. */
export function placeOfState(ref: StateRef): string {
  switch (ref.kind) {
    case 'sqlite':
      return `sqlite:${resolve(ref.path)}`;
    case 'dynamodb':
      return `dynamodb:${ref.table}`;
    case 'memory':
      return 'memory:';
    default:
      return assertNever(ref);
  }
}

function channelHosts(text: string): readonly string[] {
  const hosts = text
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '');
  const wrong = hosts.find((host) => !HOST.test(host));
  if (wrong !== undefined)
    throw usage('WATCHDOG_CHANNEL_HOSTS', text, 'hosts such as proxy.example.com,proxy.example.com:8443');
  return hosts;
}

/** The error for an option that is not what it should be. */
export function usage(option: string, found: string, expected: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_USAGE',
    what: `${option} is "${found}"; expected ${expected}`,
    notDone: 'nothing was looked at',
    run: 'Run `scheduler-watchdog --help`.',
  });
}
