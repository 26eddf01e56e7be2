import { createMetadataDatabase } from '../adapters/airflow/database.ts';
import { readHealth } from '../adapters/airflow/health-body.ts';
import { createHealthUrls } from '../adapters/airflow/health-url.ts';
import { consoleNotifier } from '../adapters/alerts/console.ts';
import { createNotifiers, type MayCall } from '../adapters/alerts/create-notifiers.ts';
import { createAgent, createRenewableAgent, type Reach } from '../adapters/http/agent.ts';
import { type ProxyOf, proxyFromEnvironment } from '../adapters/http/proxy.ts';
import { boundedRequest } from '../adapters/http/request.ts';
import { createCluster } from '../adapters/k8s/cluster.ts';
import type { ClusterSession } from '../adapters/k8s/session.ts';
import { createSessions } from '../adapters/k8s/sessions.ts';
import { createClock } from '../adapters/local/clock.ts';
import { createLocalSecrets } from '../adapters/local/secrets.ts';
import type { IamToken } from '../adapters/sql/visit.ts';
import { isLoopback } from '../config/channel-form.ts';
import { hostsOf, isAllowedHost, isOwnService } from '../config/channel-hosts.ts';
import { CONSOLE } from '../core/notification.ts';
import type { Target } from '../core/target.ts';
import type { Clock, Cluster, Notifier, Ports, SecretSource } from '../ports.ts';
import type { Aws } from './aws.ts';
import { createKnownSecrets } from './known-secrets.ts';
import { type Lazy, lazy } from './lazy.ts';
import { openReports, signingOf } from './reports.ts';
import type { Settings } from './settings.ts';
import { openState } from './state.ts';
import { openTargets } from './targets.ts';

/** What the adapters of a run are made of, for those who ask more of them than a tick does. */
export interface Means {
  readonly clock: Clock;
  readonly aws: Lazy<Aws>;
  readonly secrets: SecretSource;
  readonly mayCall: MayCall;
  readonly iamToken: IamToken;
  readonly sessionOf: (target: Target) => Promise<ClusterSession>;
  readonly proxyOf: ProxyOf;
}

export interface Wired {
  readonly ports: Ports;
  /** For a function that was frozen: the other side may have forgotten its connections. */
  readonly dropConnections: () => void;
  readonly close: () => Promise<void>;
  /** For who examines the set-up itself. */
  readonly means: Means;
}

export interface WireOptions {
  readonly settings: Pick<Settings, 'targets' | 'state' | 'env' | 'home'> &
    Partial<Pick<Settings, 'channelHosts' | 'reports' | 'reportsUrl' | 'reportsKey' | 'slackActions'>>;
  readonly progress: Ports['progress'];
  /** Prints alerts for people, beside the configured channels. */
  readonly printAlert: ((line: string) => void) | null;
  /** A check that does not act leaves no trace, not even an empty state file. */
  readonly readOnly: boolean;
  /** Where health URLs may lead; default anywhere, as for who writes them and runs this. */
  readonly healthUrls?: Reach;
}

/** Joins flow and world. What a run does not name is not loaded: neither AWS on a laptop nor SQLite on Lambda. */
export async function wire(options: WireOptions): Promise<Wired> {
  const { settings, progress, printAlert, readOnly } = options;
  const { targets, channelHosts = [] } = settings;
  const clock = createClock();
  const aws = lazy(async () => (await import('./aws.ts')).createAws(clock));
  const state = await openState(settings.state, readOnly ? 'look' : 'create', { clock, aws });
  const mayCall = mayCallOf(targets.kind === 'files', channelHosts);
  const known = createKnownSecrets();
  const secrets = known.noting(createSecrets(createLocalSecrets(settings.env), aws));
  const iamToken: Means['iamToken'] = async (login) => (await aws()).rdsToken(login);
  const sessions = createSessions({ clock, env: settings.env, home: settings.home });
  const sessionOf = async ({ cluster }: Target): Promise<ClusterSession> =>
    cluster.kind === 'eks' ? (await aws()).eks.open(cluster) : sessions.open(cluster);
  const proxyOf: ProxyOf = (url) => proxyFromEnvironment(url, settings.env);
  const alertAgent = createRenewableAgent(proxyOf);
  const notifiers = new Map<string, ReadonlyMap<string, Notifier>>();
  const reports = readOnly
    ? null
    : openReports(settings.reports ?? null, settings.reportsUrl ?? null, { clock, aws });
  const signing = signingOf(settings, secrets, progress);
  const ports: Ports = {
    clock,
    ...(reports && { reports }),
    state,
    progress,
    knownSecrets: known.values,
    targets: await openTargets({ targets, channelHosts }, { clock, state: readOnly ? null : state, aws }),
    database: createMetadataDatabase({ secrets, clock, iamToken }),
    urls: createHealthUrls({ clock, agent: createAgent({}, options.healthUrls, proxyOf) }),
    clusterOf: clusterFactory(sessionOf, clock),
    notifiersOf(channels) {
      // The same notifiers as long as the documents are the same, so that resolved secrets are kept.
      const key = JSON.stringify(channels);
      const known =
        notifiers.get(key) ??
        signing(
          createNotifiers(channels, {
            secrets,
            request: (wanted) => boundedRequest({ dispatcher: alertAgent.dispatcher, ...wanted }),
            now: clock.now,
            sign: async (call) => (await aws()).sign(call),
            mayCall,
            buttons: settings.slackActions ?? false,
          }),
        );
      notifiers.set(key, known);
      return printAlert === null ? known : alsoPrinted(known, printAlert);
    },
  };
  return {
    ports,
    means: { clock, aws, secrets, mayCall, iamToken, sessionOf, proxyOf },
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

/** Documents of this machine may name this machine, as tests and the demo do, and any host where the service is the operator's own. */
function mayCallOf(isLocal: boolean, more: readonly string[]): MayCall {
  return (type, url) => {
    if (isAllowedHost(url, hostsOf(type, more))) return true;
    return isLocal && (isLoopback(url) || isOwnService(type));
  };
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

function clusterFactory(sessionOf: Means['sessionOf'], clock: Clock): Ports['clusterOf'] {
  const clusters = new WeakMap<object, Cluster>();
  return async (target) => {
    const session = await sessionOf(target);
    const known = clusters.get(session);
    if (known !== undefined) return known;
    const made = createCluster({ session, clock, request: boundedRequest, readHealth });
    clusters.set(session, made);
    return made;
  };
}

/** People at a terminal see every alert once, delivered or not; the channels' own answers still count. */
function alsoPrinted(
  known: ReadonlyMap<string, Notifier>,
  print: (line: string) => void,
): ReadonlyMap<string, Notifier> {
  const printer = consoleNotifier(print);
  const printed = new Set<string>();
  const printing = (notifier: Notifier): Notifier => ({
    ...notifier,
    async send(notification, memo) {
      if (!printed.has(notification.id)) {
        printed.add(notification.id);
        await printer.send(notification);
      }
      return notifier.send(notification, memo);
    },
  });
  const both = [...known].map(([name, notifier]): [string, Notifier] => [name, printing(notifier)]);
  return new Map<string, Notifier>([...both, [CONSOLE, printer]]);
}
