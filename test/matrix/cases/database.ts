/** The database is the one that is sick: no removal would help, and people are told so. */
import { scriptFor } from '../../rig/rig.ts';
import type { Case, Expectation, Scene } from '../case.ts';
import { lockOfSomebodyElse } from '../faults.ts';

const BOTH = ['2.11', '3.3'] as const;
const told = (watched: number, within = 150, also: readonly string[] = []): Expectation => ({
  kind: 'told',
  cause: 'database-down',
  within,
  watched,
  also,
});

const must: Pick<Case, 'group' | 'versions'> = { group: 'must not act', versions: BOTH };

async function gone(scene: Scene, seconds: number, begin: string[], end: string[]): Promise<void> {
  await scene.database(...begin);
  scene.begin();
  const undo = () => scene.database(...end);
  const late = scene.sleep(seconds).then(undo);
  scene.atEnd(() => late);
}

export const DATABASE: readonly Case[] = [
  {
    ...must,
    id: 'database-stopped',
    name: 'the database is stopped for two minutes',
    fault: (scene) => gone(scene, 120, ['stop'], ['start']),
    expected: told(240),
  },
  {
    ...must,
    id: 'database-frozen',
    name: 'the database is frozen (SIGSTOP) for two minutes: it accepts and never answers',
    fault: (scene) => gone(scene, 120, ['freeze'], ['thaw']),
    expected: told(240),
  },
  {
    ...must,
    id: 'database-slow',
    name: 'the database has 1 % of a core for two minutes',
    fault: (scene) => gone(scene, 120, ['slow', '1'], ['slow', '400']),
    expected: { kind: 'quiet', watched: 240, also: ['database-down', 'blind', 'contradictory'] },
  },
  {
    ...must,
    id: 'database-read-only',
    // Our own login has that setting on, too, so that the server's cannot be seen: told is what can be.
    name: 'the database takes no writes for two minutes (`default_transaction_read_only`), which our login cannot see',
    fault: async (scene) => {
      const set = async (to: string) => {
        await scene.sql(`alter system set default_transaction_read_only = ${to}`);
        await scene.sql('select pg_reload_conf()');
      };
      await set('on');
      scene.begin();
      const late = scene.sleep(120).then(() => set('off'));
      scene.atEnd(() => late);
    },
    expected: { kind: 'told', cause: 'crash-loop', within: 150, watched: 240, also: ['database-down'] },
  },
  {
    ...must,
    id: 'database-standby',
    name: 'the database comes back as a standby, which takes no writes until it is promoted two minutes later',
    fault: (scene) => gone(scene, 120, ['standby'], ['promote']),
    expected: told(240, 180, ['crash-loop', 'contradictory']),
  },
  {
    ...must,
    id: 'database-restarted',
    name: 'the database dies and is back a few seconds later',
    fault: async (scene) => {
      await scene.database('stop', 'immediate');
      scene.begin();
      await scene.database('start');
    },
    expected: { kind: 'quiet', watched: 180 },
  },
  {
    ...must,
    id: 'database-cut-off',
    name: 'the database cannot be reached from the watchdog, and from Airflow it can',
    fault: async (scene) => {
      await scriptFor(scene.airflow, 'forward', ['stop', `postgres-${scene.airflow.world}`]);
      scene.begin();
    },
    expected: { kind: 'told', cause: 'blind', within: 210, watched: 240 },
  },
  {
    ...must,
    id: 'table-locked',
    name: 'somebody else locks the table `dag_run` for three minutes, as a migration does',
    fault: async (scene) => lockOfSomebodyElse(scene, 'lock table dag_run in access exclusive mode', 180),
    expected: told(300, 180),
  },
  {
    ...must,
    id: 'rows-locked',
    name: 'somebody else holds the rows of `dag` and `dag_run` for seven minutes: it beats and schedules nothing',
    world: { dags: ['rig_minute'] },
    fault: async (scene) => lockOfSomebodyElse(scene, 'select 1 from dag_run, dag for update', 420),
    expected: told(450, 420),
  },
];
