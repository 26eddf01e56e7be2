/** The rig as the tests use it: thin, typed words over the scripts of this folder. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = import.meta.dirname;
export const RIG_HOME = process.env.WATCHDOG_RIG_HOME ?? '/var/tmp/scheduler-watchdog-rig';
const state = join(RIG_HOME, 'state');

/** The policy of a target whose story is to be short: shorter limits than anybody should set in earnest. */
export const SHORT_LIMITS = {
  mode: 'remediate',
  heartbeatLimit: '30s',
  startupGrace: '20s',
  cooldown: '1m',
  allowUnsafe: true,
} as const;

export type Version = '2.11' | '3.3';
export type Engine = 'postgres' | 'mariadb';
export interface Airflow {
  readonly version: Version;
  readonly engine: Engine;
  readonly namespace: string;
  readonly database: string;
  /** One of the worlds that live side by side, each with a PostgreSQL of its own. */
  readonly world?: number;
}
export interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
  readonly restarts: number;
  readonly running: boolean;
  readonly deleting: boolean;
}
export interface Removal {
  readonly user: string;
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string | undefined;
  readonly at: string;
}

export function airflow(version: Version, engine: Engine): Airflow {
  const major = version[0];
  const namespace = `airflow-${major}${engine === 'mariadb' ? '-mariadb' : ''}`;
  return { version, engine, namespace, database: `airflow${major}` };
}

/** An Airflow in a world of its own: its namespace and its database are shared with nobody. */
export function worldOf(version: Version, world: number): Airflow {
  const database = `airflow${version[0]}`;
  return { version, engine: 'postgres', namespace: `world-${world}`, database, world };
}

/** `stolen` has only the group of `infra/k8s`; `nobody` is known to the API server and may do nothing; `watchdog-cert` is user watchdog-cert, the two others are watchdog. */
export function kubeconfig(
  who: 'watchdog' | 'watchdog-cert' | 'watchdog-exec' | 'nobody' | 'stolen',
): string {
  return join(state, `${who}.kubeconfig`);
}

const ports: Record<Engine, string> = {
  postgres: process.env.WATCHDOG_RIG_POSTGRES_PORT ?? '16432',
  mariadb: process.env.WATCHDOG_RIG_MARIADB_PORT ?? '16306',
};

/** The read-only role, from the host. */
export function databaseUrl(target: Airflow, user = 'scheduler_watchdog:watchdog'): string {
  const { engine, database, world } = target;
  const port = world === undefined ? ports[engine] : Number(ports[engine]) + 100 + world;
  return `${engine === 'postgres' ? 'postgresql' : 'mysql'}://${user}@127.0.0.1:${port}/${database}`;
}

async function script(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await run(join(here, name), args, { env: { ...process.env, ...env }, maxBuffer: 64e6 });
  return stdout.trim();
}

/** A script that means one Airflow alone. */
export function scriptFor(
  target: Airflow,
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
) {
  const world = target.world === undefined ? {} : { WATCHDOG_RIG_WORLD: String(target.world) };
  return script(name, args, { ...env, ...world });
}

/** The whole rig, with its progress on stderr: minutes the first time, seconds afterwards. */
export async function ensureUp(env: NodeJS.ProcessEnv = {}): Promise<void> {
  for (const name of ['build', 'up']) {
    const child = spawn(join(here, name), { stdio: 'inherit', env: { ...process.env, ...env } });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`test/rig/${name} ended with exit code ${code}`);
  }
}

export function isUp(): boolean {
  return existsSync(join(RIG_HOME, 'run/ready'));
}

/** Where the API server listens on the host, and who signs its certificate. */
export const serverUrl = () => `https://127.0.0.1:${process.env.WATCHDOG_RIG_API_PORT ?? '16443'}`;
export const certificateAuthority = () => readFileSync(join(state, 'pki/ca.crt'), 'utf8');

export async function down(): Promise<void> {
  await script('down', []);
}

export async function kubectl(...args: readonly string[]): Promise<string> {
  const options = ['kubectl', '--kubeconfig', join(state, 'admin-host.kubeconfig'), ...args];
  const { stdout } = await run(join(RIG_HOME, 'cache/bin/rig'), options, { maxBuffer: 64e6 });
  return stdout.trim();
}

/** Makes or changes one object in the namespace of an Airflow. */
export async function applied(target: Airflow, object: unknown): Promise<void> {
  const file = join(state, `applied-${target.namespace}.json`);
  await writeFile(file, JSON.stringify(object));
  await kubectl('-n', target.namespace, 'apply', '-f', file);
}

/** A signal to the API server itself, which all in the rig share. */
export async function apiServer(signal: 'STOP' | 'CONT'): Promise<void> {
  const { stdout } = await run('pgrep', ['-f', `^${join(RIG_HOME, 'cache/bin/rig')} kube-apiserver`]);
  for (const pid of stdout.trim().split('\n')) process.kill(Number(pid), `SIG${signal}`);
}

/** As the superuser of the engine, in the Airflow's own database. */
export function sql(target: Airflow, text: string): Promise<string> {
  return scriptFor(target, 'database', [target.engine, 'sql', target.database, text]);
}

export async function deploy(target: Airflow, { replicas = 1, probePeriod = 60 } = {}): Promise<void> {
  const env = { WATCHDOG_RIG_PROBE_PERIOD: String(probePeriod) };
  await script('deploy', [target.version.slice(0, 1), target.engine, String(replicas)], env);
}

interface PodObject {
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  status: {
    phase: string;
    containerStatuses?: { restartCount: number; state: { running?: object } }[];
  };
}

/** Scheduler pods, those that are terminating too. */
export const pods = (target: Airflow): Promise<Pod[]> => podsOf(target, 'scheduler');

export async function podsOf(target: Airflow, component: string): Promise<Pod[]> {
  const text = await kubectl(
    '-n',
    target.namespace,
    'get',
    'pods',
    '-l',
    `component=${component}`,
    '-o',
    'json',
  );
  const { items } = JSON.parse(text) as { items: PodObject[] };
  return items.map(({ metadata, status }) => ({
    name: metadata.name,
    uid: metadata.uid,
    phase: status.phase,
    restarts: status.containerStatuses?.[0]?.restartCount ?? 0,
    running: status.containerStatuses?.[0]?.state.running !== undefined,
    deleting: metadata.deletionTimestamp !== undefined,
  }));
}

/** Names of the schedulers whose row was written within the last 20 seconds. */
export async function beating(target: Airflow): Promise<string[]> {
  const age =
    target.engine === 'postgres'
      ? 'extract(epoch from now() - latest_heartbeat)'
      : 'timestampdiff(second, latest_heartbeat, utc_timestamp(6))';
  const text = `select hostname from job where job_type = 'SchedulerJob' and state = 'running' and ${age} < 20`;
  return (await sql(target, text)).split('\n').filter((line) => line !== '');
}

/** Waits until exactly so many schedulers run, beat and say so themselves, and no other is left. */
export async function waitHealthy(target: Airflow, replicas = 1): Promise<Pod[]> {
  // After an outage of its database kubelet may wait five minutes before it starts a container anew.
  return until(`${replicas} healthy in ${target.namespace}`, 420, async () => {
    const all = await pods(target);
    const alive = await beating(target);
    if (all.length !== replicas || !all.every((p) => p.running && alive.includes(p.name))) return undefined;
    const answers = await Promise.all(all.map((pod) => saysHealthy(target, pod)));
    return answers.every((answer) => answer) ? all : undefined;
  });
}

/** By its own health server, which starts after its first heartbeat. */
async function saysHealthy({ namespace }: Airflow, { name }: Pod): Promise<boolean> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}:8974/proxy/health`;
  return kubectl('get', '--raw', path).then(
    () => true,
    () => false,
  );
}

export type Fault = 'stop' | 'cont' | 'kill' | 'block' | 'heal';
export async function hurt(target: Airflow, pod: Pod, fault: Fault): Promise<void> {
  await script('break', [fault, target.namespace, pod.name]);
}
/** Leaves the container's runtime so many processes that every exec probe errors: how many that is differs between machines. */
export async function starveRuntime(target: Airflow, pod: Pod, spare: number): Promise<void> {
  await script('break', ['eagain', target.namespace, pod.name, String(spare)]);
}
/** Brings the container's working set to so many percent of its limit. */
export function fillMemory(target: Airflow, pod: Pod, percent: number): Promise<string> {
  return script('break', ['fill', target.namespace, pod.name, String(percent)]);
}

/** Without a name: every DAG. Tasks under way go on. */
export async function pauseDags(target: Airflow): Promise<void> {
  await sql(target, 'update dag set is_paused = true');
}
export async function unpauseDag(target: Airflow, dag = 'rig_minute'): Promise<void> {
  await sql(target, `update dag set is_paused = false where dag_id = '${dag}'`);
}

export async function stopDatabase(engine: Engine, how: 'fast' | 'immediate' = 'fast'): Promise<void> {
  await script('database', [engine, 'stop', how]);
}
export async function startDatabase(engine: Engine): Promise<void> {
  await script('database', [engine, 'start']);
}

/** A way of its own to the API server, which a test can cut without harm to the others. */
export async function ownApiPort(name: string, port: number, file: string) {
  const text = await readFile(kubeconfig('watchdog'), 'utf8');
  await writeFile(file, text.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`));
  const open = () => script('forward', ['start', name, String(port), join(RIG_HOME, 'run/api.sock')]);
  const close = () => script('forward', ['stop', name]);
  await open();
  return { open, close };
}

interface AuditLine {
  verb: string;
  user: { username: string };
  objectRef: { namespace: string; name: string };
  responseStatus: { code: number };
  requestObject?: { dryRun?: string[]; preconditions?: { uid?: string } };
  requestReceivedTimestamp: string;
}

/** Deletes of pods that the API server answered with yes, from its audit log; dry runs are left out. */
export async function removals(who: string | readonly string[], target: Airflow): Promise<Removal[]> {
  const users = typeof who === 'string' ? [who] : who;
  const text = await readFile(join(state, 'audit.log'), 'utf8');
  const lines = text.split('\n').filter((line) => users.some((user) => line.includes(`"${user}"`)));
  return lines
    .map((line) => JSON.parse(line) as AuditLine)
    .filter((line) => line.verb === 'delete' && line.responseStatus.code === 200)
    .filter((line) => users.includes(line.user.username) && line.objectRef.namespace === target.namespace)
    .filter((line) => (line.requestObject?.dryRun ?? []).length === 0)
    .map((line) => ({
      user: line.user.username,
      namespace: line.objectRef.namespace,
      pod: line.objectRef.name,
      uid: line.requestObject?.preconditions?.uid,
      at: line.requestReceivedTimestamp,
    }));
}

/** Asks again and again until there is an answer; says every ten seconds what it waits for. */
export async function until<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | undefined> | T | undefined,
  everyMs = 500,
): Promise<T> {
  const began = Date.now();
  for (let said = began; ; await sleep(everyMs)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    const waited = Math.round((Date.now() - began) / 1000);
    if (waited > seconds) throw new Error(`waited ${waited} s in vain for: ${what}`);
    if (Date.now() - said >= 10_000) {
      said = Date.now();
      process.stderr.write(`e2e: waiting for ${what} (${waited} s)\n`);
    }
  }
}
