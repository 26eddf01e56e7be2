/**
 * The case the product exists for, and Airflow on MariaDB. Airflow 3.3 does not support MariaDB: the rig switches off the one
 * job of its scheduler that is an error of syntax there (see test/rig/airflow-env), and all else runs.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as rig from '../rig/rig.ts';
import { expectQuiet, expectRecovered, expectRemovedOnce } from './expect.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

const targets = [rig.airflow('2.11', 'mariadb'), rig.airflow('3.3', 'mariadb')];
const both = <T>(act: (target: rig.Airflow) => Promise<T>) => Promise.all(targets.map(act));
/** 2.11 is watched through an exec plugin, 3.3 with a client certificate. */
const who = (target: rig.Airflow) => (target.version === '2.11' ? 'watchdog-exec' : 'watchdog-cert');
const user = (target: rig.Airflow) => (target.version === '2.11' ? 'watchdog' : 'watchdog-cert');
let watchdog: Watchdog;

async function watch(name: string): Promise<Watchdog> {
  return startWatchdog({ name, targets, kubeconfig: (target) => rig.kubeconfig(who(target)) });
}
async function onlyPod(target: rig.Airflow): Promise<rig.Pod> {
  const [pod] = await rig.waitHealthy(target);
  if (pod === undefined) throw new Error(`${target.namespace} has no scheduler`);
  return pod;
}

const sick = new Map<rig.Airflow, rig.Pod>();

describe('memory at its limit, exec probes that cannot be started', () => {
  const stories = new Map<rig.Airflow, Promise<void>>();

  beforeAll(async () => {
    // A task of the minute DAG needs more than is left in a full container, and would cost the scheduler its life.
    await both(rig.pauseDags);
    await both((target) => rig.deploy(target, { probePeriod: 5 }));
    await both(async (target) => sick.set(target, await onlyPod(target)));
    watchdog = await watch('memory');
    await watchdog.ticks(3);
    // Both versions at once, each told by a test of its own.
    for (const target of targets) {
      const story = starve(target, sick.get(target) as rig.Pod);
      story.catch(() => undefined);
      stories.set(target, story);
    }
  });
  afterAll(async () => {
    // What is under way must not reach into the next suite; a container that is blocked can end only when it is healed.
    await Promise.allSettled(stories.values());
    await both(async (target) =>
      rig.hurt(target, sick.get(target) as rig.Pod, 'heal').catch(() => undefined),
    );
    await watchdog.stop();
  });

  test.each(targets)(
    '$version: kubelet keeps the pod; the watchdog says starving, then dead, and removes it',
    async (target) => {
      await stories.get(target);
      const { uid = '' } = sick.get(target) ?? {};
      await expectRecovered(watchdog, target);
      await expectRemovedOnce(watchdog, target, user(target), uid);
      const evidence = JSON.stringify(await watchdog.history(target));
      expect(evidence).toMatch(/Liveness probe errored[^"]*OCI runtime exec failed/);
      expect(evidence).toMatch(/"limitBytes":805306368/);
      const sets = [...evidence.matchAll(/"workingSetBytes":(\d+)/g)].map(([, bytes]) => Number(bytes));
      expect(Math.max(...sets)).toBeGreaterThan(0.9 * 805_306_368);
    },
  );
});

async function starve(target: rig.Airflow, first: rig.Pod): Promise<void> {
  const pod = await starved(target, first, 3);
  sick.set(target, pod);
  const removal = await watchdog.seen(target, 'a removal', 200, ({ decision }) => decision.kind === 'remove');
  expect(removal.decision).toMatchObject({ cause: 'dead', uid: pod.uid, answer: 'deleted' });
  const kept = (await rig.pods(target)).find(({ uid }) => uid === pod.uid);
  expect(kept).toMatchObject({ phase: 'Running', deleting: true });
  // While it ends kubelet may start its container once more; until it was removed kubelet had left it as it was.
  expect(await restartsSeen(target, pod)).toEqual([0]);
  await rig.hurt(target, pod, 'heal');
}

/** Told as starving, and then blocked. A pod that the rig broke is no patient: the next one is taken. */
async function starved(target: rig.Airflow, first: rig.Pod, tries: number): Promise<rig.Pod> {
  const pod = await prepared(target, first);
  try {
    await watchdog.seen(target, 'a starving scheduler', 90, ({ pods }) =>
      pods.some(({ cause, uid }) => cause === 'starving' && uid === pod.uid),
    );
    expect(watchdog.removals(target)).toEqual([]);
    await rig.hurt(target, pod, 'block');
    return pod;
  } catch (error) {
    if (tries <= 1 || !(await isBroken(target, pod))) throw error;
    return starved(target, await another(target, pod), tries - 1);
  }
}

/** How often its container had been started anew, by every look that is kept of the pod. */
async function restartsSeen(target: rig.Airflow, { uid }: rig.Pod): Promise<readonly unknown[]> {
  const entries = (await watchdog.history(target, 'looks')) as readonly {
    readonly looks?: { readonly pods: readonly { uid: string; container: { restarts: number } | null }[] };
  }[];
  const pods = entries.flatMap(({ looks }) => looks?.pods ?? []).filter((one) => one.uid === uid);
  return [...new Set(pods.map(({ container }) => container?.restarts))];
}

/** Processes that the runtime keeps, in the order in which they are tried: too many and the probe runs, too few and the runtime dies. */
const SPARES = [4, 4, 2, 6, 1, 3];

/**
 * A pod near its memory limit whose exec probe cannot be started, by kubelet's own word. The rig may break a pod on the way there
 * (its runtime dies without threads, kubelet starts the container anew): such a pod is no patient, and the next one is taken.
 */
async function prepared(target: rig.Airflow, first: rig.Pod): Promise<rig.Pod> {
  let pod = first;
  for (const spare of SPARES) {
    const failure = await prepare(target, pod, spare).then(
      () => null,
      (error: unknown) => String(error),
    );
    const broken = await isBroken(target, pod);
    if (failure === null && !broken) return pod;
    process.stderr.write(`e2e: ${pod.name} with ${spare} spare processes: ${failure ?? 'it broke'}\n`);
    if (!broken) continue;
    pod = await another(target, pod);
  }
  throw new Error(`the rig could not make the exec probe of ${target.namespace} fail to start`);
}

/** What was done to the broken one is undone first: without a runtime it could never end. */
async function another(target: rig.Airflow, broken: rig.Pod): Promise<rig.Pod> {
  await rig.hurt(target, broken, 'heal').catch(() => undefined);
  const options = ['--grace-period=1', '--ignore-not-found', '--wait=false'];
  await rig.kubectl('-n', target.namespace, 'delete', 'pod', broken.name, ...options);
  return onlyPod(target);
}

async function prepare(target: rig.Airflow, pod: rig.Pod, spare: number): Promise<void> {
  await rig.starveRuntime(target, pod, spare);
  await rig.fillMemory(target, pod, 92);
  await rig.until(`kubelet's word that it cannot start the probe of ${pod.name}`, 40, async () => {
    if (await isBroken(target, pod)) throw new Error('it broke');
    const events = await rig.kubectl('-n', target.namespace, 'get', 'events', '-o', 'json');
    const { items } = JSON.parse(events) as {
      items: { message: string; involvedObject: { uid: string } }[];
    };
    const own = items.filter(({ involvedObject }) => involvedObject.uid === pod.uid);
    return own.some(({ message }) => /probe errored.*OCI runtime exec failed/.test(message)) || undefined;
  });
}

/** A pod of an earlier template goes with its rollout; one that was started anew has lost what was done to it. */
async function isBroken(target: rig.Airflow, pod: rig.Pod): Promise<boolean> {
  const found = (await rig.pods(target)).find(({ uid }) => uid === pod.uid);
  return found === undefined || found.restarts > 0 || found.deleting;
}

describe('on MariaDB', () => {
  let stopped: rig.Pod[];

  beforeAll(async () => {
    await both((target) => rig.deploy(target));
    await both((target) => rig.unpauseDag(target));
    stopped = await both(onlyPod);
    watchdog = await watch('mariadb');
  });
  afterAll(() => watchdog.stop());

  test('healthy and busy: nothing happens in 10 ticks', async () => {
    await watchdog.ticks(10);
    for (const target of targets) await expectQuiet(watchdog, target, /^(healthy|idle)$/);
  });

  test('the main process is stopped: removed once, the recovery is proved, both alerts are sent and resolved', async () => {
    await both((target) => rig.hurt(target, stopped[targets.indexOf(target)] as rig.Pod, 'stop'));
    await both(async (target) => {
      await watchdog.seen(target, 'a removal', 120, ({ decision }) => decision.kind === 'remove');
      await expectRecovered(watchdog, target);
      await expectRemovedOnce(watchdog, target, user(target), stopped[targets.indexOf(target)]?.uid ?? '');
    });
  });
});
