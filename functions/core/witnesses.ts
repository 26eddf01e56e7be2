import type { TargetLooks } from './patient.ts';

/** One of those who can be asked, as docs/signals.md has it. */
export interface WitnessRow {
  readonly witness: string;
  readonly asks: string;
  /** In queries, requests and bytes, and how often. */
  readonly costs: string;
  readonly needs: string;
  readonly lies: string;
  readonly corrected: string;
}

type Witness = Exclude<keyof TargetLooks, 'at' | 'serverNow'>;

/** Every witness there is: what a round of looks is made of. A look without a row here does not compile. */
export const WITNESSES: Readonly<Record<Witness, WitnessRow>> = {
  pods: {
    witness: 'API server: pods',
    asks: 'which pods there are, their containers, restarts, last ends, nodes',
    costs: 'one list per component and look, some KB per pod',
    needs: '`pods: list`',
    lies: 'a pod on a lost node stays Running for minutes; a cache in front of the API may be old',
    corrected: 'the heartbeat; the node; the uid in every delete',
  },
  jobs: {
    witness: 'database: heartbeats',
    asks: 'when each scheduler, triggerer and dag-processor last wrote its row of `job`',
    costs: 'one query by `job_type_heart`, at most 200 rows; MySQL one more for its uptime',
    needs: 'columns of `job`',
    lies: 'fresh while nothing is done; Airflow 3 writes each beat one late; a wrong clock, a replica that lags, a database that only just came back',
    corrected:
      'progress, triggers, parsing; how the row moves between looks; what the replica says of itself; who stopped together',
  },
  progress: {
    witness: 'database: progress',
    asks: 'when DAG runs were last decided, what could start, what waits in pools',
    costs: 'two queries (`dag` whole, indexes for the rest), 2 to 20 ms with a million tasks',
    needs: 'columns of `dag`, `dag_run`, `task_instance`, `slot_pool`, `dag_version`',
    lies: 'it is the deployment’s: one scheduler that works hides one that does not; full pools, one broken DAG, an idle night look like a stall',
    corrected: 'only what nothing innocent explains convicts; locks; several DAGs must agree',
  },
  work: {
    witness: 'database: tasks in hand',
    asks: 'which scheduler has which unfinished tasks in hand, and whether the very same task that one queued runs as queued later by a peer',
    costs:
      'one query of queued and running tasks by `ti_state`; a second one only when tasks age; grows with the tasks that are not finished',
    needs: '`task_id` and `queue` of `task_instance`; optional',
    lies: 'a scheduler whose peers take all the work looks idle; workers that are gone look like a scheduler that starts nothing; what is finished is not seen',
    corrected:
      'peers on the same database, many looks, and what it did earlier in its life; locks and stale peers excuse; a lone one is told, never removed',
  },
  locks: {
    witness: 'database: locks',
    asks: 'who waits for whose lock, and who holds what schedulers need',
    costs: 'one query of the lock tables, at most 400 rows; MySQL two to four',
    needs: 'none on Postgres (`pg_read_all_stats` shows more), `PROCESS` on MariaDB',
    lies: 'behind a pooler every session has one address; hidden ages look young',
    corrected: 'whoever cannot be named convicts nobody; a second look after a minute',
  },
  companions: {
    witness: 'database: triggers and parsing',
    asks: 'which triggers nobody has taken up, which deferred tasks are overdue; when files of each bundle were last parsed, or failed to be',
    costs:
      'three queries, bounded before they join: the newest 2,000 triggers by key, 5,000 deferred tasks by `ti_state`, 10,000 DAGs by key, 1,000 failures by key',
    needs: 'columns of `trigger`, `import_error`, and more of `task_instance` and `dag`; each optional',
    lies: 'a triggerer that is full takes nothing up; triggers of another queue or team wait for others; some parse every few hours; files that all fail are not written down as parsed',
    corrected:
      'room that it is known to have; those of a queue or team are not counted; the pace of the same life; failures count as parsing; since Airflow 3.2.2 the heartbeat',
  },
  own: {
    witness: 'the scheduler’s own health server',
    asks: '`/health` on its port, through the API server’s pod proxy',
    costs: 'one request per scheduler and look, some hundred bytes',
    needs: '`pods/proxy: get`; the server switched on',
    lies: 'it reads the same row; 503 when the database is sick; a child that outlives its scheduler answers 200',
    corrected: 'the database itself; a peer’s server; `stale-but-200` asks a person',
  },
  urls: {
    witness: 'web health',
    asks: 'the health page of Airflow’s web or API server',
    costs: 'one request per URL and look, below 10 KB',
    needs: 'a way to it; no login',
    lies: 'always 200; tells of the newest scheduler only (before 3.4); all unhealthy when the database is',
    corrected: 'its body is read, not its status; its word on the database comes first',
  },
  kubelet: {
    witness: 'kubelet: events and memory',
    asks: 'probes that failed or could not be started; the working set of pods that look sick',
    costs: 'one list of events per look; for sick pods one list of metrics',
    needs: '`events: list`, `metrics.k8s.io` `pods: list`',
    lies: 'events are rate-limited and gone after an hour; the page cache counts as memory; one blocked container blinds the whole node',
    corrected:
      'only presence and age count; no figure is no strain; it never convicts a pod that is stale or works',
  },
  lastLines: {
    witness: 'the log’s age',
    asks: 'when a pod that looks sick wrote its last log line',
    costs: 'one request per sick pod and look, 40 bytes',
    needs: '`pods/log: get`',
    lies: 'a quiet scheduler writes little; a hung one may go on with debug lines of its heartbeat; the node’s clock',
    corrected: 'nothing is decided by it: it stands beside the verdict in `check`, `explain` and the report',
  },
  nodes: {
    witness: 'nodes',
    asks: 'whether the nodes of the pods are ready, and short of memory, disk or process ids',
    costs:
      'one request per node (ten at most) while something looks sick, else every 10 minutes; some 10 KB each',
    needs: '`nodes: get` (infra/k8s/node-reader.yml), optional',
    lies: 'a node counts as ready for 40 s after its kubelet fell silent, and as not ready when only its network is cut',
    corrected:
      'the heartbeat: a pod that beats on it is left alone, and one that is silent too unless the policy asks',
  },
  workloads: {
    witness: 'API server: the workload above',
    asks: 'whether a rollout is under way, and whether it is annotated as paused',
    costs: 'one or two requests per sick pod and look, some KB',
    needs: '`deployments`, `statefulsets`, `replicasets: get`',
    lies: 'a rollout that never ends looks like one that does',
    corrected: '`rolling-out` is told after half an hour',
  },
  replicas: {
    witness: 'API server: wanted pods',
    asks: 'how many pods each component should have',
    costs: 'two lists every 10 minutes, and at once when some are missing',
    needs: '`deployments`, `statefulsets: list`',
    lies: 'an autoscaler changes it; a selector may match another workload',
    corrected: 'asked anew when the count does not fit',
  },
};
