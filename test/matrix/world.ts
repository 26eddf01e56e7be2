/** One Airflow with a PostgreSQL of its own, made anew for each case and taken away after it. */
import type { Airflow, Pod } from '../rig/rig.ts';
import { beating, kubectl, pods, scriptFor, sql, until } from '../rig/rig.ts';
import type { By, WorldOptions } from './case.ts';

/** What no case needs every minute costs the two cores of the rig too much. */
const LIGHT = {
  AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL: '600',
  AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL: '600',
};

const probeOf = (by: By, options: WorldOptions) =>
  by === 'watchdog' ? (options.probe ?? 'none') : by === 'exec probe' ? 'exec' : 'http';

export async function makeWorld(target: Airflow, by: By, options: WorldOptions): Promise<readonly Pod[]> {
  await removeWorld(target);
  await scriptFor(target, 'database', ['postgres', 'fresh']);
  for (const dag of options.dags ?? []) {
    await sql(target, `update dag set is_paused = false where dag_id = '${dag}'`);
  }
  // Nobody parses or runs anything where no DAG is meant to run.
  const idle = options.dags === undefined ? ['dag-processor', 'api-server'] : [];
  const without = idle.filter((name) => name !== options.component);
  const settings = Object.entries({ ...LIGHT, ...options.env }).map(([key, value]) => `${key}=${value}`);
  await scriptFor(target, 'deploy', [target.version.slice(0, 1), 'postgres', String(options.replicas ?? 1)], {
    WATCHDOG_RIG_AIRFLOW_ENV: settings.join('\n'),
    WATCHDOG_RIG_PROBE: probeOf(by, options),
    WATCHDOG_RIG_WITHOUT: without.join(' '),
    ...(options.probePeriod === undefined ? {} : { WATCHDOG_RIG_PROBE_PERIOD: String(options.probePeriod) }),
  });
  return waitWell(target, options.replicas ?? 1);
}

/** Each question costs a process, and several worlds begin at once. */
const ASK_EVERY_MS = 3_000;

/** As many schedulers as wanted run and beat, and there is no other. */
async function waitWell(target: Airflow, replicas: number): Promise<readonly Pod[]> {
  return until(
    `${replicas} well in ${target.namespace}`,
    300,
    async () => {
      const alive = await beating(target);
      if (alive.length < replicas) return undefined;
      const all = await pods(target);
      const areWell = all.every((pod) => pod.running && alive.includes(pod.name));
      return all.length === replicas && areWell ? all : undefined;
    },
    ASK_EVERY_MS,
  );
}

export async function removeWorld(target: Airflow): Promise<void> {
  const at = ['-n', target.namespace];
  await kubectl(...at, 'delete', 'deployments,statefulsets', '--all', '--ignore-not-found', '--wait=false');
  await kubectl(
    ...at,
    'delete',
    'pods',
    '--all',
    '--grace-period=0',
    '--force',
    '--ignore-not-found',
    '--wait=false',
  );
  await until(
    `the end of what was in ${target.namespace}`,
    120,
    async () => {
      const left = await kubectl(...at, 'get', 'pods', '-o', 'name');
      return left === '' || undefined;
    },
    ASK_EVERY_MS,
  );
}
