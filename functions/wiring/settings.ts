import { homedir } from 'node:os';
import { WatchdogError } from '../core/errors.ts';

export type TargetsRef =
  | { readonly kind: 'files'; readonly path: string }
  | { readonly kind: 'ssm'; readonly prefix: string };

export type StateRef =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'dynamodb'; readonly table: string }
  | { readonly kind: 'memory' };

/** Where things are, from options first and the environment second. The only reader of the environment. */
export interface Settings {
  readonly targets: TargetsRef;
  readonly state: StateRef;
  /** Called after each complete tick, for a dead man's switch; a secret, since whoever knows it can fake a tick. */
  readonly deadMansSwitchUrl: string | null;
  /** Set in the function, where CloudWatch reads metrics from the log. */
  readonly metrics: { readonly namespace: string; readonly service: string } | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

export function readSettings(
  options: { readonly targets?: string | undefined; readonly state?: string | undefined },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  return {
    targets: targetsRef(options.targets ?? env.WATCHDOG_TARGETS ?? './targets'),
    state: stateRef(options.state ?? env.WATCHDOG_STATE ?? 'sqlite:./scheduler-watchdog.db'),
    deadMansSwitchUrl: env.WATCHDOG_HEARTBEAT_URL || null,
    metrics: metricsRef(env),
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

/** The error for an option that is not what it should be. */
export function usage(option: string, found: string, expected: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_USAGE',
    what: `${option} is "${found}"; expected ${expected}`,
    notDone: 'nothing was looked at',
    run: 'Run `scheduler-watchdog --help`.',
  });
}
