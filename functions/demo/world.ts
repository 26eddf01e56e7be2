import { randomBytes } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Ports } from '../ports.ts';
import { wire } from '../wiring/wire.ts';
import { airflowLikeSchema } from './airflow-like-schema.ts';
import { readerRole, SEED } from './airflow-sql.ts';
import { type AlertStandIn, startPagerDutyStandIn, startSlackStandIn } from './alert-stand-ins.ts';
import type { Cleanup } from './cleanup.ts';
import { writeDocuments } from './documents.ts';
import { startPostgres } from './embedded-postgres.ts';
import { type KubeStandIn, startKubeStandIn } from './kube-stand-in.ts';
import { createKubelet, type Kubelet } from './kubelet.ts';
import { createProcesses, type Processes } from './processes.ts';
import { receivedLine, tellNews } from './tell.ts';
import type { Teller } from './teller.ts';

export interface World {
  readonly ports: Ports;
  readonly kubelet: Kubelet;
  readonly kube: KubeStandIn;
  readonly slack: AlertStandIn;
  readonly pagerDuty: AlertStandIn;
}

export interface WorldOptions {
  readonly teller: Teller;
  readonly cleanup: Cleanup;
  readonly signal: AbortSignal;
  readonly heartbeatLimitSeconds: number;
  /** The folder that the report is kept in; it outlives this world. */
  readonly reports: string;
  /** What the watchdog says while it is at it. */
  readonly onProgress: Ports['progress'];
}

/** Builds the small world; whatever was begun goes to `cleanup` first, so that it ends wherever this stops. */
export async function buildWorld(options: WorldOptions): Promise<World> {
  const { teller, cleanup, signal, heartbeatLimitSeconds } = options;
  const processes = createProcesses();
  cleanup.use(processes);
  const folder = await fs.mkdtemp(join(tmpdir(), 'scheduler-watchdog-demo-'));
  cleanup.add('the folder', () => fs.rm(folder, { recursive: true, force: true }));
  processes.entrust({ folder });
  teller.event('world', { folder });
  // As root, Postgres runs as nobody, who has to pass through here; the secrets below are for their owner alone.
  await fs.chmod(folder, 0o711);

  teller.say('starting PostgreSQL …');
  const database = await startDatabase(join(folder, 'postgres'), processes, cleanup, teller);
  signal.throwIfAborted();

  const onReceived: Parameters<typeof startSlackStandIn>[0] = (one) => receivedLine(teller, one);
  const slack = await startSlackStandIn(onReceived);
  cleanup.add('Slack', slack.close);
  const pagerDuty = await startPagerDutyStandIn(onReceived);
  cleanup.add('PagerDuty', pagerDuty.close);
  const settings = { database: database.airflow, healthSeconds: heartbeatLimitSeconds };
  const kubelet = createKubelet({ processes, settings, onNews: (news) => tellNews(teller, news) });
  cleanup.add('the pods', kubelet.stop);
  const token = randomBytes(24).toString('base64url');
  const kube = await startKubeStandIn(kubelet, token);
  cleanup.add('the Kubernetes API', kube.close);
  teller.say(`Kubernetes API (stand-in) on ${kube.origin}; Slack and PagerDuty (stand-ins) beside it`);
  await kubelet.begin();
  signal.throwIfAborted();

  const targets = await writeDocuments(folder, {
    kube: kube.origin,
    token,
    slack: slack.origin,
    pagerDuty: pagerDuty.origin,
    databaseUrl: database.watchdog,
    heartbeatLimit: `${heartbeatLimitSeconds}s`,
  });
  const wired = await wire({
    settings: {
      targets: { kind: 'files', path: targets },
      state: { kind: 'sqlite', path: join(folder, 'state.db') },
      reports: { kind: 'folder', path: options.reports },
      env: {},
      home: homedir(),
    },
    progress: options.onProgress,
    printAlert: null,
    readOnly: false,
  });
  cleanup.add('the watchdog', wired.close);
  return { ports: wired.ports, kubelet, kube, slack, pagerDuty };
}

/** A real server with Airflow 3's tables; the watchdog gets the read-only role of the documentation. */
async function startDatabase(dir: string, processes: Processes, cleanup: Cleanup, teller: Teller) {
  const pidFile = join(dir, 'data', 'postmaster.pid');
  processes.entrust({ postmaster: pidFile });
  const server = await startPostgres({ dir });
  cleanup.add('PostgreSQL', server.stop);
  const pid = Number((await fs.readFile(pidFile, 'utf8')).split('\n')[0]);
  processes.count(pid);
  const password = randomBytes(18).toString('base64url');
  const airflow = server.url('postgres');
  const client = new pg.Client({ connectionString: airflow });
  await client.connect();
  const version = await client.query<{ server_version: string }>('SHOW server_version');
  await client.query(`${airflowLikeSchema(3)};${SEED}${readerRole(password)}`);
  await client.end();
  const said = version.rows[0]?.server_version ?? '';
  teller.say(`PostgreSQL ${said} on 127.0.0.1:${server.port} (pid ${pid}), with Airflow 3's tables`);
  teller.event('database-started', { version: said, port: server.port, pid });
  return { airflow, watchdog: server.url('postgres', { name: 'scheduler_watchdog', password }) };
}
