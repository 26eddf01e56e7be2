import { createMetadataDatabase } from '../adapters/airflow/database.ts';
import { readHealth } from '../adapters/airflow/health-body.ts';
import { createHealthUrls } from '../adapters/airflow/health-url.ts';
import { consoleNotifier } from '../adapters/alerts/console.ts';
import { createNotifiers } from '../adapters/alerts/create-notifiers.ts';
import { createAgent } from '../adapters/http/agent.ts';
import { boundedRequest } from '../adapters/http/request.ts';
import { createCluster } from '../adapters/k8s/cluster.ts';
import { createSessions } from '../adapters/k8s/sessions.ts';
import { createClock } from '../adapters/local/clock.ts';
import { createFileTargets } from '../adapters/local/file-targets.ts';
import { createMemoryState } from '../adapters/local/memory-state.ts';
import { createLocalSecrets } from '../adapters/local/secrets.ts';
import { WatchdogError } from '../core/errors.ts';
import { CONSOLE } from '../core/notification.ts';
import type { Target } from '../core/target.ts';
import type { Clock, Cluster, Notifier, Ports, StateStore, TargetSource } from '../ports.ts';
import type { Settings, StateRef, TargetsRef } from './settings.ts';

export interface Wired {
  readonly ports: Ports;
  readonly close: () => Promise<void>;
}

export interface LocalOptions {
  readonly settings: Pick<Settings, 'targets' | 'state' | 'env' | 'home'>;
  readonly progress: Ports['progress'];
  /** Prints alerts for people, beside the configured channels. */
  readonly printAlert: ((line: string) => void) | null;
  /** A check that does not act leaves no trace, not even an empty state file. */
  readonly readOnly: boolean;
}

/** Everything without AWS: files, kubeconfigs, SQLite. */
export async function wireLocal(options: LocalOptions): Promise<Wired> {
  const { settings, progress, printAlert } = options;
  const clock = createClock();
  const secrets = createLocalSecrets(settings.env);
  const sessions = createSessions({ clock, env: settings.env, home: settings.home });
  const state = await openState(settings.state, clock, options.readOnly);
  const alertAgent = createAgent();
  const urlAgent = createAgent();
  const notifiers = new Map<string, ReadonlyMap<string, Notifier>>();
  const ports: Ports = {
    clock,
    state,
    progress,
    targets: targetSource(settings.targets),
    database: createMetadataDatabase({ secrets, clock }),
    urls: createHealthUrls({ clock, agent: urlAgent }),
    clusterOf: clusterFactory(sessions, clock),
    notifiersOf(channels) {
      // The same notifiers as long as the documents are the same, so that resolved secrets are kept.
      const key = JSON.stringify(channels);
      const known =
        notifiers.get(key) ??
        createNotifiers(channels, secrets, (request) =>
          boundedRequest({ dispatcher: alertAgent, ...request }),
        );
      notifiers.set(key, known);
      return printAlert === null ? known : alsoPrinted(known, printAlert);
    },
  };
  return {
    ports,
    async close() {
      await Promise.allSettled([sessions.close(), alertAgent.destroy(), urlAgent.destroy()]);
      await state.close();
    },
  };
}

function clusterFactory(sessions: ReturnType<typeof createSessions>, clock: Clock): Ports['clusterOf'] {
  const clusters = new WeakMap<object, Cluster>();
  return async ({ cluster }: Target) => {
    if (cluster.kind === 'eks') {
      throw new WatchdogError({
        code: 'WD_UNSUPPORTED',
        what: `cluster { eks: ${cluster.name} } needs the AWS adapters, which this run has not`,
        notDone: 'the target was not looked at',
        run: 'Use cluster: { kubeconfig: …, context: … } here; `aws eks update-kubeconfig` writes one.',
      });
    }
    const session = await sessions.open(cluster);
    const known = clusters.get(session);
    if (known !== undefined) return known;
    const made = createCluster({ session, clock, request: boundedRequest, readHealth });
    clusters.set(session, made);
    return made;
  };
}

function targetSource(ref: TargetsRef): TargetSource {
  if (ref.kind === 'files') return createFileTargets(ref.path);
  throw needsAws(`--targets ssm:${ref.prefix}`);
}

async function openState(ref: StateRef, clock: Clock, readOnly: boolean): Promise<StateStore> {
  if (ref.kind === 'memory') return createMemoryState();
  if (ref.kind === 'dynamodb') throw needsAws(`--state dynamodb:${ref.table}`);
  // node:sqlite is loaded only where it is used: the Lambda never needs it.
  const { existsSync } = await import('node:fs');
  if (readOnly && !existsSync(ref.path)) return createMemoryState();
  const { openSqliteState } = await import('../adapters/local/sqlite-state.ts');
  return openSqliteState(ref.path, { clock });
}

function needsAws(what: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_UNSUPPORTED',
    what: `${what} needs the AWS adapters, which this version has not yet`,
    notDone: 'nothing was looked at',
    run: 'Use a folder (--targets ./targets) and a file (--state sqlite:./scheduler-watchdog.db).',
  });
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
