/** One run of one case in one world, from a fresh Airflow to what was seen. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startWatchdog, type Watchdog } from '../e2e/watchdog.ts';
import type { Airflow, Fault, Pod } from '../rig/rig.ts';
import { hurt, kubeconfig, kubectl, podsOf, scriptFor, sql, unpauseDag, until } from '../rig/rig.ts';
import type { By, Case, Expectation, Scene, Seen } from './case.ts';
import { PROOF_SECONDS } from './judge.ts';
import { SHORT } from './limits.ts';
import { look, recoveredAt } from './observe.ts';
import { makeWorld } from './world.ts';

const WELL = /^(healthy|idle)$/;
/** The exec probe of the chart needs five failures a minute apart. */
const PROBE_SECONDS = 480;

export async function runCase(one: Case, airflow: Airflow, by: By): Promise<Seen> {
  const undo: (() => Promise<void> | void)[] = [];
  try {
    await makeWorld(airflow, by, one.world ?? {});
    await one.before?.(airflow, (step) => void undo.push(step));
    const pods = await podsOf(airflow, one.world?.component ?? 'scheduler');
    const watchdog = by === 'watchdog' ? await startWell(one, airflow) : undefined;
    if (watchdog !== undefined) undo.push(() => watchdog.stop());
    const { scene, state } = sceneOf(airflow, pods, watchdog, undo);
    await one.fault(scene);
    if (watchdog === undefined) return await probed(airflow, pods[0] as Pod, state.faultAt);
    return await watched(one.expected, asker(airflow, watchdog, state), state);
  } finally {
    for (const step of undo.reverse()) await Promise.resolve(step()).catch(() => undefined);
  }
}

async function startWell({ id, watch = {} }: Case, airflow: Airflow): Promise<Watchdog> {
  const limits = watch.limits ?? SHORT;
  const watchdog = await startWatchdog({
    name: `matrix-${id}`,
    targets: [airflow],
    kubeconfig: watch.kubeconfig?.(airflow) ?? kubeconfig('watchdog'),
    every: limits.every,
    policy: limits.policy,
    ...(watch.document === undefined ? {} : { document: watch.document }),
    ...(watch.beside === undefined ? {} : { beside: watch.beside }),
  });
  const isWell = watch.before ?? WELL;
  let last = '';
  try {
    // Two ticks in a row: the first may be the one that only learns.
    await watchdog.seen(airflow, 'that all is well before the fault', 240, ({ tick, pods = [] }) => {
      const well = pods.length > 0 && pods.every(({ cause }) => isWell.test(cause));
      const isSecond = well && last !== '' && last !== tick;
      last = well ? tick : '';
      return isSecond;
    });
  } catch (error) {
    await watchdog.stop();
    throw error;
  }
  return watchdog;
}

interface State {
  faultAt: number;
  expectedUid: string;
}

function sceneOf(
  airflow: Airflow,
  pods: readonly Pod[],
  watchdog: Watchdog | undefined,
  undo: (() => Promise<void> | void)[],
): { scene: Scene; state: State } {
  const [sick] = pods;
  if (sick === undefined) throw new Error(`${airflow.namespace} has no pod to hurt`);
  const state: State = { faultAt: Date.now(), expectedUid: sick.uid };
  const broken = (verb: string, pod: Pod, ...more: readonly string[]) =>
    scriptFor(airflow, 'break', [verb, airflow.namespace, pod.name, ...more]);
  const scene: Scene = {
    airflow,
    watchdog,
    pods,
    sick,
    begin: () => {
      state.faultAt = Date.now();
    },
    expects: (uid) => {
      state.expectedUid = uid;
    },
    hurt: (fault: Fault, pod = sick) => hurt(airflow, pod, fault),
    signalAll: async (signal, pod = sick) => void (await broken('all', pod, signal)),
    run: async (python, pod = sick) => void (await broken('run', pod, python)),
    sql: (text) => sql(airflow, text),
    unpause: (dag) => unpauseDag(airflow, dag),
    database: async (...args) => void (await scriptFor(airflow, 'database', ['postgres', ...args])),
    kubectl: (...args) => kubectl('-n', airflow.namespace, ...args),
    sleep: (seconds) => sleep(seconds * 1_000),
    until: async (what, seconds, ask) =>
      void (await until(`${what} in ${airflow.namespace}`, seconds, async () => (await ask()) || undefined)),
    atEnd: (step) => void undo.push(step),
  };
  return { scene, state };
}

/** The ledger is asked now and then: that takes a process. */
const LEDGER_EVERY_MS = 12_000;

function asker(airflow: Airflow, watchdog: Watchdog, state: State): () => Promise<Seen> {
  let askedAt = Date.now();
  return async () => {
    const since = { airflow, watchdog, ...state };
    const seen = await look(since);
    const isDue = seen.removals.length > 0 && Date.now() - askedAt > LEDGER_EVERY_MS;
    if (seen.provedSeconds !== null || !isDue) return seen;
    askedAt = Date.now();
    return { ...seen, provedSeconds: await recoveredAt(since) };
  };
}

/** Looks until what is expected has come, or cannot come any more. */
async function watched(expected: Expectation, ask: () => Promise<Seen>, state: State): Promise<Seen> {
  for (;;) {
    await sleep(2_000);
    const seen = await ask();
    const elapsed = (Date.now() - state.faultAt) / 1_000;
    if (expected.kind !== 'removed') {
      if (elapsed >= expected.watched || seen.removals.length > 0) return seen;
      continue;
    }
    const [first] = seen.removals;
    if (first === undefined && elapsed > expected.within * 2) return seen;
    if (first !== undefined && first.uid !== state.expectedUid) return seen;
    if (first === undefined) continue;
    if (seen.removals.length > 1) return seen;
    if (elapsed > first.seconds + (expected.thenHeldFor ?? PROOF_SECONDS)) return seen;
    if (expected.thenHeldFor === undefined && seen.provedSeconds !== null) return seen;
  }
}

/** Whether kubelet starts the container anew, with no watchdog there. */
async function probed(airflow: Airflow, { uid }: Pod, faultAt: number): Promise<Seen> {
  const empty = {
    removals: [],
    expectedUid: uid,
    cause: null,
    provedSeconds: null,
    told: [],
    causes: [],
    holds: [],
  };
  for (;;) {
    await sleep(4_000);
    const all = await podsOf(airflow, 'scheduler');
    const restarts = all.find((pod) => pod.uid === uid)?.restarts ?? 0;
    const elapsed = (Date.now() - faultAt) / 1_000;
    if (restarts > 0 || elapsed > PROBE_SECONDS) {
      return { ...empty, restarts, restartSeconds: restarts > 0 ? elapsed : null, watchedSeconds: elapsed };
    }
  }
}
