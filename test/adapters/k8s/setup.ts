import { readHealth } from '../../../functions/adapters/airflow/health-body.ts';
import { boundedRequest } from '../../../functions/adapters/http/request.ts';
import { createCluster } from '../../../functions/adapters/k8s/cluster.ts';
import { type ClusterSession, connectionPool } from '../../../functions/adapters/k8s/session.ts';
import type { PodFact } from '../../../functions/core/pod.ts';
import { DEFAULT_POLICY } from '../../../functions/core/policy.ts';
import type { Target } from '../../../functions/core/target.ts';
import type { Clock, Cluster } from '../../../functions/ports.ts';
import { type KubeApiServer, startKubeApi } from '../../support/kube-api.ts';

export const TOKEN = 'very-secret-token-0123456789';
export const PODS = '/api/v1/namespaces/airflow/pods';
export const OPTIONS = { deadlineMs: 2_000 };

export const TARGET: Target = {
  id: 'prod',
  cluster: { kind: 'kubeconfig', path: null, context: null },
  namespace: 'airflow',
  components: [{ name: 'scheduler', selector: 'component=scheduler', container: null }],
  health: [],
  database: null,
  policy: DEFAULT_POLICY,
  channels: null,
};

/** The process's clock, which a test may move on. */
export interface MovableClock extends Clock {
  move(ms: number): void;
}

export function movableClock(): MovableClock {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
    move: (ms) => {
      ahead += ms;
    },
  };
}

export interface TestWorld {
  readonly api: KubeApiServer;
  readonly cluster: Cluster;
  readonly clock: MovableClock;
  readonly session: ClusterSession;
  close(): Promise<void>;
}

/** A cluster on a fake API server; `server` points it elsewhere. */
export async function testWorld(server?: string): Promise<TestWorld> {
  const api = await startKubeApi();
  const pool = connectionPool({});
  const session: ClusterSession = {
    server: server ?? api.url,
    dispatcher: pool.dispatcher,
    headers: async () => ({ authorization: `Bearer ${TOKEN}` }),
    close: pool.destroy,
  };
  const clock = movableClock();
  const cluster = createCluster({ session, clock, readHealth, request: boundedRequest });
  return {
    api,
    cluster,
    clock,
    session,
    async close() {
      await session.close();
      await api.close();
    },
  };
}

type Untimed<Told> = Told extends unknown ? Omit<Told, 'at' | 'tookMs'> : never;

/** A look without its times. */
export function withoutTimes<Told extends { at: number; tookMs: number }>(told: Told): Untimed<Told> {
  const { at: _, tookMs: __, ...rest } = told;
  return rest as Untimed<Told>;
}

export function podFactOf(name: string, change: Partial<PodFact> = {}): PodFact {
  return {
    uid: `uid-of-${name}`,
    name,
    namespace: 'airflow',
    component: 'scheduler',
    labels: { component: 'scheduler', release: 'airflow' },
    createdAt: Date.parse('2026-11-23T03:00:00Z'),
    phase: 'Running',
    terminatingSince: null,
    graceSeconds: 10,
    hostname: null,
    subdomain: null,
    ips: ['10.244.0.5'],
    node: 'node-1',
    owner: { kind: 'ReplicaSet', name: 'airflow-scheduler-6c9' },
    container: {
      name: 'scheduler',
      state: 'running',
      ready: true,
      runningSince: Date.parse('2026-11-23T03:00:00Z'),
      reason: null,
      restarts: 0,
      lastTermination: null,
      memoryLimitBytes: 2 * 2 ** 30,
      executor: null,
    },
    ...change,
  };
}
