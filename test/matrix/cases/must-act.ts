/** What has to be removed: wedges that users of Airflow have reported, made on purpose. */
import { pods, podsOf, starveRuntime } from '../../rig/rig.ts';
import type { Case } from '../case.ts';
import {
  END_THAT_JOINS,
  FREEZE_POOL_CHILDREN,
  hasFrozenChild,
  lockOfItsOwn,
  STOP_WORKERS,
  STOP_WORKERS_AND_PIPE,
  tasksHandedOver,
  tasksRunning,
} from '../faults.ts';

const BOTH = ['2.11', '3.3'] as const;
const DEAD = { kind: 'removed', cause: 'dead', within: 120 } as const;
const WIDE = { AIRFLOW__CORE__PARALLELISM: '8' };
/** The broker is the database; there are no workers, and none are needed. */
export const CELERY = {
  AIRFLOW__CORE__EXECUTOR: 'CeleryExecutor',
  AIRFLOW__CELERY__BROKER_URL: 'sqla+DATABASE_URL',
  AIRFLOW__CELERY__SYNC_PARALLELISM: '2',
};
export const WITH_DAG_PROCESSOR = {
  components: {
    scheduler: { selector: 'component=scheduler,release=airflow', container: 'scheduler' },
    'dag-processor': { selector: 'component=dag-processor,release=airflow' },
  },
};

export const MUST_ACT: readonly Case[] = [
  {
    id: 'stopped-main',
    name: 'the main process is stopped',
    group: 'must act',
    versions: BOTH,
    fault: (scene) => scene.hurt('stop'),
    expected: DEAD,
    probes: true,
  },
  {
    id: 'w1-pool-child',
    name: 'W1: a child of the pool that hands tasks over to Celery is frozen',
    group: 'must act',
    versions: BOTH,
    world: { dags: [], env: { ...WIDE, ...CELERY } },
    fault: async (scene) => {
      await scene.run(FREEZE_POOL_CHILDREN);
      await tasksHandedOver(scene);
      await scene.until('a frozen child', 60, () => hasFrozenChild(scene));
    },
    expected: DEAD,
  },
  {
    id: 'w2-pipe-full',
    name: 'W2: all LocalExecutor workers are stopped and the loop blocks as it hands over one task more',
    group: 'must act',
    versions: BOTH,
    world: { dags: [], env: WIDE },
    fault: async (scene) => {
      await scene.run(STOP_WORKERS_AND_PIPE);
      await tasksHandedOver(scene);
    },
    expected: DEAD,
    probes: true,
  },
  {
    id: 'w3-end-joins',
    name: 'W3: the loop ends with an error, and `end()` joins workers that never come; the process lives on',
    group: 'must act',
    versions: BOTH,
    fault: (scene) => scene.run(END_THAT_JOINS),
    expected: DEAD,
    probes: true,
  },
  {
    id: 'w5-zombie',
    name: 'W5: a zombie after an outage of the database of 40 s, which waits for a worker that never ends (from the moment the database is back)',
    group: 'must act',
    versions: BOTH,
    world: { dags: ['rig_hours'] },
    fault: async (scene) => {
      await tasksRunning(scene, 2);
      // It ends by itself, and kubelet starts it anew, unless a worker keeps it.
      await scene.run(STOP_WORKERS);
      await scene.database('stop');
      scene.atEnd(() => scene.database('start'));
      await scene.sleep(40);
      await scene.database('start');
      scene.begin();
      await scene.sleep(10);
      const [pod] = await pods(scene.airflow);
      if (pod?.restarts !== 0) throw new Error('no zombie: the scheduler has ended by itself');
    },
    expected: { ...DEAD, within: 180 },
  },
  {
    id: 'own-lock',
    name: 'the loop waits for a lock on `dag_run` that another session of its own holds',
    group: 'must act',
    versions: BOTH,
    fault: (scene) => scene.run(lockOfItsOwn('LOCK TABLE dag_run IN ACCESS EXCLUSIVE MODE')),
    expected: DEAD,
    probes: true,
  },
  {
    id: 'own-rows-locked',
    name: 'it beats and schedules nothing: another session of its own holds the rows of `dag` and `dag_run`',
    group: 'must act',
    versions: BOTH,
    world: { dags: ['rig_minute'] },
    fault: (scene) => scene.run(lockOfItsOwn('SELECT 1 FROM dag_run, dag FOR UPDATE')),
    expected: { kind: 'removed', cause: 'stalled', within: 480 },
  },
  {
    id: 'all-stopped',
    name: 'every process of the pod is stopped: its row is stale and its health port accepts and never answers',
    group: 'must act',
    versions: BOTH,
    fault: (scene) => scene.signalAll('STOP'),
    expected: DEAD,
    probes: true,
  },
  {
    id: 'probe-cannot-start',
    name: 'exec probes cannot be started (kubelet throws the error away), and the main process is stopped',
    group: 'must act',
    versions: BOTH,
    world: { probe: 'exec', probePeriod: 10 },
    fault: async (scene) => {
      await starveRuntime(scene.airflow, scene.sick, 4);
      scene.atEnd(() => scene.hurt('heal'));
      await scene.hurt('stop');
      scene.begin();
    },
    expected: DEAD,
  },
  {
    id: 'one-of-two',
    name: 'one of two schedulers is stopped',
    group: 'must act',
    versions: BOTH,
    world: { replicas: 2 },
    fault: (scene) => scene.hurt('stop'),
    expected: DEAD,
  },
  {
    id: 'dag-processor-stopped',
    name: 'the dag-processor is stopped',
    group: 'must act',
    versions: BOTH,
    world: { component: 'dag-processor' },
    watch: { document: WITH_DAG_PROCESSOR },
    fault: (scene) => scene.hurt('stop'),
    expected: DEAD,
  },
  {
    id: 'broken-beside',
    name: 'the main process is stopped, beside a target whose document is broken and one whose cluster is gone',
    group: 'must act',
    versions: BOTH,
    watch: {
      beside: {
        'broken.yaml': 'namespace: [airflow\n',
        'gone.yaml':
          'cluster: { kubeconfig: ./nowhere }\nnamespace: gone\ndatabase: { engine: postgres, secret: env:NOT_THERE }\n',
      },
    },
    fault: (scene) => scene.hurt('stop'),
    expected: DEAD,
  },
  {
    id: 'doubled-ticks',
    name: 'the main process is stopped, and two watchdogs with one state tick at the same moments',
    group: 'must act',
    versions: BOTH,
    fault: async (scene) => {
      scene.watchdog?.double();
      await scene.sleep(20);
      await scene.hurt('stop');
      scene.begin();
    },
    expected: { ...DEAD, within: 150 },
  },
  {
    id: 'wedged-again',
    name: 'every replacement is stopped as well: removed once, then held and told, never in a circle',
    group: 'must act',
    versions: BOTH,
    fault: async (scene) => {
      await scene.hurt('stop');
      scene.begin();
      let going = true;
      scene.atEnd(() => {
        going = false;
      });
      void (async () => {
        while (going) {
          await scene.sleep(1);
          const all = await podsOf(scene.airflow, 'scheduler').catch(() => []);
          for (const pod of all.filter((one) => one.uid !== scene.sick.uid && one.running && !one.deleting)) {
            await scene.hurt('stop', pod).catch(() => undefined);
          }
        }
      })();
    },
    expected: { kind: 'removed', cause: 'dead', within: 120, thenHeldFor: 420 },
  },
];
