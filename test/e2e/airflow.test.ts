/** Airflow 2.11 and 3.3 as pods, on PostgreSQL; the two are watched and hurt side by side. The cases build on each other in order. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as rig from '../rig/rig.ts';
import {
  expectNeverRemoved,
  expectQuiet,
  expectRecovered,
  expectRemovedOnce,
  pages,
  slackTexts,
} from './expect.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

const targets = [rig.airflow('2.11', 'postgres'), rig.airflow('3.3', 'postgres')];
const both = <T>(act: (target: rig.Airflow) => Promise<T>) => Promise.all(targets.map(act));
const started: Watchdog[] = [];
let watchdog: Watchdog;

async function watch(name: string, kubeconfig = rig.kubeconfig('watchdog')): Promise<Watchdog> {
  const one = await startWatchdog({ name, targets, kubeconfig });
  started.push(one);
  return one;
}
/** A fresh watchdog with no history for the next case. */
async function watchAnew(name: string): Promise<Watchdog> {
  await watchdog.stop();
  return watch(name);
}
async function onlyPod(target: rig.Airflow): Promise<rig.Pod> {
  const [pod] = await rig.waitHealthy(target);
  if (pod === undefined) throw new Error(`${target.namespace} has no scheduler`);
  return pod;
}

beforeAll(async () => {
  await both((target) => rig.unpauseDag(target));
  await both((target) => rig.waitHealthy(target));
  watchdog = await watch('busy');
});
afterAll(async () => {
  await Promise.allSettled(started.map((one) => one.stop()));
});

test('healthy and busy: nothing happens in 30 ticks', async () => {
  const before = await both((target) => rig.removals('watchdog', target));
  await watchdog.ticks(30);
  for (const target of targets) {
    await expectQuiet(watchdog, target, /^(healthy|idle)$/);
    expect(watchdog.causes(target)).toContain('healthy');
    expect(await rig.removals('watchdog', target)).toEqual(before[targets.indexOf(target)]);
    expect(
      Number(await rig.sql(target, "select count(*) from task_instance where state = 'success'")),
    ).toBeGreaterThan(0);
  }
});

describe('the main process is stopped', () => {
  let forbidden: Watchdog;
  let cutOff: Watchdog;
  let sick: rig.Pod[];

  beforeAll(async () => {
    const file = join(tmpdir(), `watchdog-e2e-own-${process.pid}.kubeconfig`);
    const api = await rig.ownApiPort('e2e', 16_453, file);
    [forbidden, cutOff] = await Promise.all([
      watch('forbidden', rig.kubeconfig('nobody')),
      watch('cut-off', file),
    ]);
    await cutOff.ticks(4);
    await api.close();
    sick = await both(onlyPod);
    await both(async (target) => rig.hurt(target, await onlyPod(target), 'stop'));
  });

  test.each(targets)(
    '$version: removed once, the recovery is proved, both alerts are sent and resolved',
    async (target) => {
      const { uid = '' } = sick[targets.indexOf(target)] ?? {};
      await watchdog.seen(target, 'a removal', 120, ({ decision }) => decision.kind === 'remove');
      await expectRecovered(watchdog, target);
      await expectRemovedOnce(watchdog, target, 'watchdog', uid);
      expect(watchdog.removals(target)[0]?.decision.cause).toBe('dead');
      const fresh = await rig.waitHealthy(target);
      expect(fresh.map((pod) => pod.uid)).not.toContain(uid);
    },
  );

  test.each(targets)(
    '$version: forbidden by the API server (403): blind, and never removed',
    async (target) => {
      await expectBlind(forbidden, target);
      expect(await rig.removals('nobody', target)).toEqual([]);
    },
  );

  test.each(targets)('$version: API server unreachable: blind, and never removed', async (target) => {
    await expectBlind(cutOff, target);
    const { uid } = sick[targets.indexOf(target)] ?? {};
    const removed = (await rig.removals('watchdog', target)).filter((removal) => removal.uid === uid);
    expect(removed).toHaveLength(1);
  });

  afterAll(async () => {
    await Promise.all([forbidden.stop(), cutOff.stop()]);
  });
});

async function expectBlind(blind: Watchdog, target: rig.Airflow): Promise<void> {
  await blind.seen(target, 'a hold because it is blind', 60, ({ decision }) => decision.code === 'blind');
  await expectNeverRemoved(blind, target);
  await rig.until(`an alert that ${target.namespace} cannot be seen`, 180, () => {
    return (slackTexts(blind, target).length > 0 && pages(blind, target).length > 0) || undefined;
  });
}

test('one of two schedulers is stopped: exactly that one is removed', async () => {
  await both((target) => rig.deploy(target, { replicas: 2 }));
  const pairs = await both((target) => rig.waitHealthy(target, 2));
  watchdog = await watchAnew('pair');
  await watchdog.ticks(3);
  const sick = pairs.map(([first]) => first as rig.Pod);
  await both((target) => rig.hurt(target, sick[targets.indexOf(target)] as rig.Pod, 'stop'));
  await both(async (target) => {
    const index = targets.indexOf(target);
    await watchdog.seen(target, 'a removal', 120, ({ decision }) => decision.kind === 'remove');
    await expectRecovered(watchdog, target);
    await expectRemovedOnce(watchdog, target, 'watchdog', sick[index]?.uid ?? '');
    const after = await rig.waitHealthy(target, 2);
    expect(after.map(({ uid }) => uid)).toContain(pairs[index]?.[1]?.uid);
  });
});

test('idle, all DAGs paused: nothing happens', async () => {
  await both((target) => rig.deploy(target, { replicas: 1 }));
  await both(rig.pauseDags);
  await both((target) => rig.waitHealthy(target));
  watchdog = await watchAnew('idle');
  await watchdog.ticks(12);
  // Tasks that ran when their DAGs were paused come to their end first.
  await both((target) =>
    watchdog.seen(target, 'an idle tick', 120, ({ pods }) => pods.some(({ cause }) => cause === 'idle')),
  );
  for (const target of targets) await expectQuiet(watchdog, target, /^(healthy|idle)$/);
});

test('the database is stopped, then back: nothing is removed, one alert about the database', async () => {
  const before = await both((target) => rig.removals('watchdog', target));
  watchdog = await watchAnew('database');
  await watchdog.ticks(3);
  await rig.stopDatabase('postgres');
  await both((target) =>
    watchdog.seen(target, 'that the database is down', 60, ({ pods }) =>
      pods.some(({ cause }) => cause === 'database-down'),
    ),
  );
  await rig.until('an alert about the database', 180, () => {
    return targets.every((target) => /database/i.test(slackTexts(watchdog, target).join())) || undefined;
  });
  await rig.startDatabase('postgres');
  await both((target) => rig.waitHealthy(target));
  // What comes and goes within three minutes is one story, so its end is told no sooner.
  await rig.until('the alert to be resolved', 360, () => {
    const { open } = watchdog.pagerDuty;
    return (open.size > 0 && [...open.values()].every((state) => state === 'resolved')) || undefined;
  });
  for (const target of targets) {
    await expectNeverRemoved(watchdog, target);
    expect(pages(watchdog, target)).toEqual([
      { summary: expect.stringMatching(/database/i), resolved: true },
    ]);
  }
  expect(await both((target) => rig.removals('watchdog', target))).toEqual(before);
});
