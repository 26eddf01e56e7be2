/** One Airflow with one scheduler that can be wedged, all parties behind gates: the function is real and packed, the cluster is a stand-in. */
import { airflowLikeSchema } from '../../functions/demo/airflow-like-schema.ts';
import { type SlackStub, startSlackStub } from '../stubs/channels.ts';
import { startEksStub } from '../stubs/eks.ts';
import { insertJob } from '../support/airflow-schema.ts';
import { type GateProxy, startGateProxy } from '../support/gate-proxy.ts';
import { type KubeApiServer, podObject, startKubeApi } from '../support/kube-api.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { type Account, openAccount } from './world.ts';

const POD = 'airflow-scheduler-0';
const HEALTH = `GET /api/v1/namespaces/airflow/pods/${POD}:8974/proxy/health`;
const SERVER = { server: 'BaseHTTP/0.6 Python/3.12.1' };
let databases = 0;

export interface WedgeWorld {
  readonly account: Account;
  readonly env: Readonly<Record<string, string>>;
  readonly kube: KubeApiServer;
  readonly slack: SlackStub;
  readonly gates: Readonly<Record<'aws' | 'dynamodb' | 'eks' | 'kube' | 'slack', GateProxy>>;
  readonly database: string;
  beat(secondsAgo: number): Promise<void>;
  /** Stopped, and its health server says so. The last heartbeat was nearly too old before, since a heartbeat never goes back. */
  wedge(): void;
  /** Deletes that were meant, without the dry runs. */
  removals(): number;
  /** A scheduler as its controller makes one after a removal, already at work. */
  replace(): Promise<void>;
  putTarget(id: string, document: object): Promise<void>;
  close(): Promise<void>;
}

export async function openWedgeWorld(postgres: TestPostgres): Promise<WedgeWorld> {
  const kube = await startKubeApi();
  scriptKube(kube);
  const slack = await startSlackStub();
  const account = await openAccount();
  databases += 1;
  const database = `wedge${databases}`;
  await postgres.run('postgres', `CREATE DATABASE ${database}`);
  const job = insertJob('postgres', { id: 1, heartbeatAgo: 24 });
  await postgres.run(database, [airflowLikeSchema(3), job].join(';'));
  const eks = await startEksStub({ clusters: {} });
  const gates = {
    aws: await startGateProxy(account.env.AWS_ENDPOINT_URL ?? ''),
    dynamodb: await startGateProxy(account.env.AWS_ENDPOINT_URL_DYNAMODB ?? ''),
    eks: await startGateProxy(eks.url),
    kube: await startGateProxy(kube.url),
    slack: await startGateProxy(slack.webhookUrl),
  };
  eks.setClusters({ prod: { endpoint: gates.kube.url, ca: '' } });
  await account.putSecret(`${account.prefix}/database`, postgres.url(database));
  await account.putSecret(`${account.prefix}/slack`, slack.webhookUrl);
  const putTarget = (id: string, document: object) =>
    account.documents.put({
      name: `targets/${id}`,
      text: JSON.stringify({
        cluster: { eks: 'prod', region: 'eu-central-1' },
        namespace: 'airflow',
        health: { podPort: 8974 },
        database: { engine: 'postgres', secret: `secretsmanager:${account.prefix}/database` },
        policy: { mode: 'remediate', heartbeatLimit: '30s', databaseGrace: '1s', allowUnsafe: true },
        ...document,
      }),
      secret: false,
    });
  await putTarget('prod', {});
  const webhook = `secretsmanager:${account.prefix}/slack`;
  const channel = JSON.stringify({ type: 'slack', webhook, endpoint: gates.slack.url });
  await account.documents.put({ name: 'channels/oncall', text: channel, secret: true });
  const beat = (secondsAgo: number) =>
    postgres.run(
      database,
      `UPDATE job SET latest_heartbeat = CURRENT_TIMESTAMP - ${secondsAgo} * INTERVAL '1 second'`,
    );
  return {
    account,
    kube,
    slack,
    gates,
    database,
    beat,
    putTarget,
    env: {
      ...account.env,
      AWS_ENDPOINT_URL: gates.aws.url,
      AWS_ENDPOINT_URL_DYNAMODB: gates.dynamodb.url,
      AWS_ENDPOINT_URL_EKS: gates.eks.url,
    },
    wedge() {
      const headers = { ...SERVER, 'content-type': 'text/html;charset=utf-8' };
      kube.on(HEALTH, { status: 503, headers, body: '<p>Error code: 503</p>' });
    },
    removals: () =>
      kube.requests.filter(({ method, body }) => method === 'DELETE' && !body.includes('dryRun')).length,
    async replace() {
      const pod = podObject(POD);
      pod.metadata.uid = 'uid-of-its-successor';
      kube.pods.set(`airflow/${POD}`, pod);
      kube.on(HEALTH, { headers: SERVER });
      await beat(1);
    },
    async close() {
      await Promise.all([...Object.values(gates), kube, slack, eks, account].map((one) => one.close()));
    },
  };
}

/** A deployment that is rolled out, and its scheduler. */
function scriptKube(kube: KubeApiServer): void {
  kube.pods.set(`airflow/${POD}`, podObject(POD));
  kube.on(HEALTH, { headers: SERVER });
  const apps = 'GET /apis/apps/v1/namespaces/airflow';
  const owner = { kind: 'Deployment', name: 'airflow-scheduler', controller: true };
  kube.on(`${apps}/replicasets/airflow-scheduler-6c9`, {
    body: { kind: 'ReplicaSet', metadata: { ownerReferences: [owner] } },
  });
  const conditions = [{ type: 'Progressing', reason: 'NewReplicaSetAvailable' }];
  kube.on(`${apps}/deployments/airflow-scheduler`, {
    body: {
      kind: 'Deployment',
      metadata: { name: 'airflow-scheduler' },
      spec: { replicas: 1 },
      status: { replicas: 1, updatedReplicas: 1, conditions },
    },
  });
}
