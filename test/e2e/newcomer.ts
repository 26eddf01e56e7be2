/** An Airflow for somebody who has never been here: a namespace `airflow` with one real scheduler and a database of its own. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Airflow, databaseUrl, kubectl, RIG_HOME, sql, until } from '../rig/rig.ts';

const run = promisify(execFile);
const NAMESPACE = 'airflow';
const DATABASE = 'quickstart';

export interface Newcomers {
  /** The read-only account's, from the host. */
  readonly url: string;
  remove(): Promise<void>;
}

/** Copies scheduler and database of an Airflow that is deployed; resolves when the copy beats. */
export async function copyFor(source: Airflow, folder: string): Promise<Newcomers> {
  const remove = async () => {
    await kubectl('delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=120s');
    await sql(source, `drop database if exists ${DATABASE} with (force)`);
  };
  await remove();
  await copyDatabase(source);
  const text = await kubectl('-n', source.namespace, 'get', 'deployment', 'airflow-scheduler', '-o', 'json');
  const { metadata, spec } = JSON.parse(text.replaceAll(`/${source.database}"`, `/${DATABASE}"`));
  // The chart's exec probe starts an Airflow of its own each time, which a slow machine does not do in time.
  for (const container of spec.template.spec.containers) delete container.livenessProbe;
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: metadata.name, namespace: NAMESPACE, labels: metadata.labels },
    spec: { ...spec, replicas: 1 },
  };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  const file = join(folder, 'newcomer.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [namespace, deployment] }));
  await kubectl('apply', '-f', file);
  const copy = { ...source, database: DATABASE };
  const beats = `select 1 from job where job_type = 'SchedulerJob' and state = 'running' and latest_heartbeat > now() - interval '20 s'`;
  await until("the newcomer's scheduler to beat", 240, async () =>
    (await sql(copy, beats)) === '1' ? true : undefined,
  );
  return { url: databaseUrl(copy), remove };
}

/** Schema, rows and grants, while the source is in use; rows of schedulers that are not in this namespace stay behind. */
async function copyDatabase(source: Airflow): Promise<void> {
  await sql({ ...source, database: 'postgres' }, `create database ${DATABASE} owner airflow`);
  const [newest = ''] = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a));
  const bin = join('/usr/lib/postgresql', newest, 'bin');
  const [from, to] = [source, { ...source, database: DATABASE }].map((one) =>
    databaseUrl(one, 'airflow:airflow'),
  );
  const pipe = `set -o pipefail; '${bin}/pg_dump' '${from}' | '${bin}/psql' -q -v ON_ERROR_STOP=1 '${to}' >/dev/null`;
  await run('bash', ['-c', pipe]);
  await sql({ ...source, database: DATABASE }, 'delete from job');
}

/** A folder with the `kubectl` of the rig, for the front of a path. */
export function kubectlFolder(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(join(RIG_HOME, 'cache/bin/rig'), join(bin, 'kubectl'));
  return bin;
}
