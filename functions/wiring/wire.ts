import { createMetadataDatabase } from '../adapters/airflow/database.ts';
import { readHealth } from '../adapters/airflow/health-body.ts';
import { createHealthUrls } from '../adapters/airflow/health-url.ts';
import { consoleNotifier } from '../adapters/alerts/console.ts';
import { createNotifiers } from '../adapters/alerts/create-notifiers.ts';
import { createRenewableAgent } from '../adapters/http/agent.ts';
import { boundedRequest } from '../adapters/http/request.ts';
import { createCluster } from '../adapters/k8s/cluster.ts';
import { createSessions } from '../adapters/k8s/sessions.ts';
import { createClock } from '../adapters/local/clock.ts';
import { createMemoryState } from '../adapters/local/memory-state.ts';
import { createLocalSecrets } from '../adapters/local/secrets.ts';
import { CONSOLE } from '../core/notification.ts';
import type { Target } from '../core/target.ts';
import type { Clock, Cluster, Notifier, Ports, SecretSource, StateStore, TargetSource } from '../ports.ts';
import type { Aws } from './aws.ts';
import type { Settings, StateRef, TargetsRef } from './settings.ts';

export interface Wired {
  readonly ports: Ports;
  /** For a function that was frozen: the other side may have forgotten its connections. */
  readonly dropConnections: () => void;
  readonly close: () => Promise<void>;
}

export interface WireOptions {
  readonly settings: Pick<Settings, 'targets' | 'state' | 'env' | 'home'>;
  readonly progress: Ports['progress'];
  /** Prints alerts for people, beside the configured channels. */
  readonly printAlert: ((line: string) => void) | null;
  /** A check that does not act leaves no trace, not even an empty state file. */
  readonly readOnly: boolean;
}

/** Joins flow and world. What a run does not name is not loaded: neither AWS on a laptop nor SQLite on Lambda. */
export async function wire(options: WireOptions): Promise<Wired> {
  const { settings, progress, printAlert, readOnly } = options;
  const clock = createClock();
  const aws = lazy(async () => (await import('./aws.ts')).createAws(clock));
  const state = await openState(settings.state, clock, readOnly, aws);
  const secrets = createSecrets(createLocalSecrets(settings.env), aws);
  const sessions = createSessions({ clock, env: settings.env, home: settings.home });
  const alertAgent = createRenewableAgent();
  const notifiers = new Map<string, ReadonlyMap<string, Notifier>>();
  const ports: Ports = {
    clock,
    state,
    progress,
    targets: await targetSource(settings.targets, clock, readOnly ? null : state, aws),
    database: createMetadataDatabase({
      secrets,
      clock,
      iamToken: async (login) => (await aws()).rdsToken(login),
    }),
    urls: createHealthUrls({ clock }),
    clusterOf: clusterFactory(sessions, clock, aws),
    notifiersOf(channels) {
      // The same notifiers as long as the documents are the same, so that resolved secrets are kept.
      const key = JSON.stringify(channels);
      const known =
        notifiers.get(key) ??
        createNotifiers(channels, secrets, (request) =>
          boundedRequest({ dispatcher: alertAgent.dispatcher, ...request }),
        );
      notifiers.set(key, known);
      return printAlert === null ? known : alsoPrinted(known, printAlert);
    },
  };
  return {
    ports,
    dropConnections() {
      alertAgent.renew();
      aws.made()?.dropConnections();
    },
    async close() {
      await Promise.allSettled([sessions.close(), alertAgent.destroy(), aws.made()?.close()]);
      await state.close();
    },
  };
}

interface Lazy<T> {
  (): Promise<T>;
  /** What was made so far, without making it. */
  made(): T | null;
}

function lazy<T>(make: () => Promise<T>): Lazy<T> {
  let making: Promise<T> | null = null;
  let made: T | null = null;
  const get = async () => {
    making ??= make();
    made = await making;
    return made;
  };
  return Object.assign(get, { made: () => made });
}

function createSecrets(local: SecretSource, aws: Lazy<Aws>): SecretSource {
  const remote = lazy(async () => (await aws()).secrets(local));
  return {
    async resolve(ref, options) {
      const isLocal = ref.scheme === 'env' || ref.scheme === 'file';
      return (isLocal ? local : await remote()).resolve(ref, options);
    },
  };
}

function clusterFactory(
  sessions: ReturnType<typeof createSessions>,
  clock: Clock,
  aws: Lazy<Aws>,
): Ports['clusterOf'] {
  const clusters = new WeakMap<object, Cluster>();
  return async ({ cluster }: Target) => {
    const session =
      cluster.kind === 'eks' ? await (await aws()).eks.open(cluster) : await sessions.open(cluster);
    const known = clusters.get(session);
    if (known !== undefined) return known;
    const made = createCluster({ session, clock, request: boundedRequest, readHealth });
    clusters.set(session, made);
    return made;
  };
}

async function targetSource(
  ref: TargetsRef,
  clock: Clock,
  state: StateStore | null,
  aws: Lazy<Aws>,
): Promise<TargetSource> {
  if (ref.kind === 'files') {
    const { createFileTargets } = await import('../adapters/local/file-targets.ts');
    return createFileTargets(ref.path);
  }
  const { createSsmTargets } = await import('../adapters/aws/ssm-targets.ts');
  return createSsmTargets({ documents: (await aws()).documents(ref.prefix), clock, state });
}

async function openState(
  ref: StateRef,
  clock: Clock,
  readOnly: boolean,
  aws: Lazy<Aws>,
): Promise<StateStore> {
  if (ref.kind === 'memory') return createMemoryState();
  if (ref.kind === 'dynamodb') return (await aws()).state(ref.table);
  const { existsSync } = await import('node:fs');
  if (readOnly && !existsSync(ref.path)) return createMemoryState();
  const { openSqliteState } = await import('../adapters/local/sqlite-state.ts');
  return openSqliteState(ref.path, { clock });
}

/** People at a terminal see every alert once, delivered or not; the channels' own answers still count. */
function alsoPrinted(
  known: ReadonlyMap<string, Notifier>,
  print: (line: string) => void,
): ReadonlyMap<string, Notifier> {
  const printer = consoleNotifier(print);
  const printed = new Set<string>();
  const printing = (notifier: Notifier): Notifier => ({
    async send(notification) {
      if (!printed.has(notification.id)) {
        printed.add(notification.id);
        await printer.send(notification);
      }
      return notifier.send(notification);
    },
  });
  const both = [...known].map(([name, notifier]): [string, Notifier] => [name, printing(notifier)]);
  return new Map<string, Notifier>([...both, [CONSOLE, printer]]);
}
