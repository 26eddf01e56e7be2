/** Nothing is wrong with the scheduler, though it may look so. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Case, Scene } from '../case.ts';
import { loopOf, tasksRunning } from '../faults.ts';
import { DEFAULT, PATIENT } from '../limits.ts';
import { CELERY, WITH_DAG_PROCESSOR } from './must-act.ts';

const BOTH = ['2.11', '3.3'] as const;
const must: Pick<Case, 'group' | 'versions'> = { group: 'must not act', versions: BOTH };
const quiet = (watched: number, also?: readonly string[]) =>
  ({ kind: 'quiet', watched, ...(also === undefined ? {} : { also }) }) as const;
const nothing = async () => undefined;
const ROOM = { AIRFLOW__CORE__PARALLELISM: '8' };

export const QUIET: readonly Case[] = [
  {
    ...must,
    id: 'stop-45',
    name: 'the main process is stopped for 45 s, then goes on',
    watch: { limits: DEFAULT },
    fault: async (scene) => {
      await scene.hurt('stop');
      scene.begin();
      await scene.sleep(45);
      await scene.hurt('cont');
    },
    expected: quiet(150),
  },
  {
    ...must,
    id: 'n1-limits-of-the-dag',
    name: 'N1: five tasks wait in a pool with room behind one of an hour, since their DAG runs one at a time',
    world: { dags: ['rig_single'], env: ROOM },
    fault: async (scene) => {
      await tasksRunning(scene, 1);
      scene.begin();
    },
    expected: quiet(480),
  },
  {
    ...must,
    id: 'n2-max-active-runs',
    name: 'N2: the next run is overdue since `max_active_runs` is reached by one that lasts for hours',
    world: { dags: ['rig_hours'] },
    fault: async (scene) => {
      await tasksRunning(scene, 2);
      scene.begin();
    },
    expected: quiet(480),
  },
  {
    ...must,
    id: 'pool-full',
    name: 'tasks wait in a pool without slots',
    world: { dags: ['rig_pool'] },
    fault: nothing,
    expected: quiet(420),
  },
  {
    ...must,
    id: 'workers-gone',
    name: 'Celery has no worker: tasks are queued and none starts',
    world: { dags: ['rig_wide'], env: { ...ROOM, ...CELERY } },
    fault: nothing,
    expected: quiet(420),
  },
  {
    ...must,
    id: 'n4-loop-of-320',
    name: 'N4: a loop of 320 s, twice, then it goes on',
    watch: { limits: DEFAULT },
    fault: loopTwice,
    expected: quiet(780, ['dead', 'contradictory']),
  },
  {
    ...must,
    id: 'n4-known-to-last',
    name: 'N4, where the document says that its loops may last: a loop of 320 s, twice, then it goes on',
    watch: { limits: PATIENT },
    fault: loopTwice,
    expected: quiet(780, ['contradictory']),
  },
  {
    ...must,
    id: 'n5-late-dag-processor',
    name: 'N5: the row of the dag-processor is 60 s late (it is stopped so long), then it goes on',
    world: { component: 'dag-processor' },
    watch: { limits: DEFAULT, document: WITH_DAG_PROCESSOR },
    fault: async (scene) => {
      await scene.hurt('stop');
      scene.begin();
      await scene.sleep(60);
      await scene.hurt('cont');
    },
    expected: quiet(180),
  },
  {
    ...must,
    id: 'all-paused',
    name: 'all DAGs are paused',
    fault: nothing,
    expected: quiet(180),
  },
  {
    ...must,
    id: 'no-dags',
    name: 'there is no DAG at all',
    world: { env: { AIRFLOW__CORE__DAGS_FOLDER: '/dev/shm' } },
    fault: async (scene) => {
      await scene.sql('truncate dag cascade');
      scene.begin();
    },
    expected: quiet(180),
  },
  {
    ...must,
    id: 'sigterm-with-tasks',
    name: 'it was told to end (SIGTERM, 120 s of grace) and waits for its tasks, beating no more',
    world: { dags: ['rig_hours'] },
    fault: async (scene) => {
      await tasksRunning(scene, 2);
      await scene.kubectl('delete', 'pod', scene.sick.name, '--grace-period=120', '--wait=false');
      scene.begin();
    },
    expected: quiet(180),
  },
  {
    ...must,
    id: 'rollout',
    name: 'a rollout replaces it',
    fault: async (scene) => {
      await scene.kubectl('rollout', 'restart', 'deployment/airflow-scheduler');
    },
    expected: quiet(180),
  },
  {
    ...must,
    id: 'peer-deleted',
    name: 'a person deletes one of two a moment ago',
    world: { replicas: 2 },
    fault: async (scene) => {
      await scene.kubectl('delete', 'pod', scene.sick.name, '--wait=false');
    },
    expected: quiet(180),
  },
  {
    ...must,
    id: 'label-changed',
    name: 'it is stopped, and a person has taken it out of its workload by a label',
    fault: async (scene) => {
      await scene.kubectl('label', 'pod', scene.sick.name, 'component=put-aside', '--overwrite');
      await scene.hurt('stop');
    },
    expected: quiet(180),
  },
  {
    ...must,
    id: 'evicted-leftovers',
    name: 'three failed pods of earlier days are still listed',
    fault: async (scene) => {
      for (const number of [1, 2, 3]) {
        await scene.kubectl(
          'run',
          `airflow-scheduler-old-${number}`,
          '--image=rig.local/host:1',
          '--restart=Never',
          '--labels=component=scheduler,release=airflow',
          '--overrides={"spec":{"automountServiceAccountToken":false,"containers":[{"name":"scheduler","image":"rig.local/host:1","command":["/bin/false"]}]}}',
        );
      }
      await scene.until('three failed pods', 180, async () => {
        const phases = await scene.kubectl('get', 'pods', '-o', 'jsonpath={.items[*].status.phase}');
        return phases.split('Failed').length > 3;
      });
      scene.begin();
    },
    expected: quiet(180),
  },
  {
    ...must,
    id: 'watchdog-starved',
    name: 'the watchdog has 3 % of a core for three minutes',
    fault: async (scene) => {
      const pid = scene.watchdog?.pid ?? 0;
      const cgroup = process.env.WATCHDOG_RIG_CGROUP ?? 'scheduler-watchdog-rig';
      const jail = `/sys/fs/cgroup/cpu/${cgroup}/starved-${pid}`;
      const quota = (microseconds: number) => writeFileSync(`${jail}/cpu.cfs_quota_us`, String(microseconds));
      mkdirSync(jail, { recursive: true });
      quota(3_000);
      writeFileSync(`${jail}/cgroup.procs`, String(pid));
      if (!readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes('starved'))
        throw new Error('it was not starved');
      scene.begin();
      scene.atEnd(() => quota(-1));
    },
    expected: quiet(180, ['blind', 'database-down', 'contradictory']),
  },
  {
    ...must,
    id: 'late-tick',
    name: 'the watchdog is frozen while it sees a stopped scheduler, which goes on before the watchdog does',
    fault: async (scene) => {
      const pid = scene.watchdog?.pid ?? 0;
      await scene.hurt('stop');
      scene.begin();
      // Just before the limit of 45 s, so that the next look would convict.
      await scene.sleep(40);
      process.kill(pid, 'SIGSTOP');
      scene.atEnd(() => void process.kill(pid, 'SIGCONT'));
      await scene.sleep(30);
      await scene.hurt('cont');
      await scene.sleep(120);
      process.kill(pid, 'SIGCONT');
    },
    expected: quiet(270, ['blind']),
  },
];

async function loopTwice(scene: Scene): Promise<void> {
  scene.begin();
  for (const pause of [380, 330]) {
    await scene.run(loopOf(320));
    for (let second = 0; second < pause; second += 5) {
      await scene.sleep(5);
      // It was removed, which the judgement will say.
      if (!(await isThere(scene))) return;
    }
  }
}

async function isThere(scene: Scene): Promise<boolean> {
  const names = await scene.kubectl('get', 'pods', '-o', 'name');
  return names.includes(scene.sick.name);
}
