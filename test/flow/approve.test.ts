import { expect, test } from '@jest/globals';
import type { Approval } from '../../functions/core/approval.ts';
import { LIMITS } from '../../functions/core/policy.ts';
import { NEW_STATE } from '../../functions/core/state.ts';
import { HOUR_MS, MINUTE_MS } from '../../functions/core/time.ts';
import { approveRemoval } from '../../functions/flow/approve.ts';
import { changeTarget, loadTarget } from '../../functions/flow/saved-state.ts';
import { wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';

const ASK = { policy: { mode: 'ask' } } as const;
const WAITS = { kind: 'hold', code: 'awaiting-approval' };

async function waitingWorld() {
  const found = await wedgedWorld(ASK);
  const report = await found.world.tick();
  expect(report.targets[0]?.decision).toMatchObject({ ...WAITS, uid: found.pod.uid });
  return found;
}
const approve = ({ store, clock }: World, pod: string) =>
  approveRemoval('a', pod, 'ann', { state: store, clock });
const decisionOf = async (world: World) => (await world.tick()).targets[0]?.decision;
const forge = ({ store }: World, approval: Approval) =>
  changeTarget(store, 'a', (state) => ({ ...state, approval }));

test('a removal waits for a person, is told with what to run, and goes exactly once after the yes', async () => {
  const { world, pod } = await waitingWorld();
  const [opened] = world.sent.map(({ notification }) => notification);
  expect(opened).toMatchObject({
    kind: 'opened',
    title: `a: scheduler dead, the removal of ${pod.name} waits for approval`,
    text: expect.stringContaining(`\`scheduler-watchdog approve a --pod ${pod.name}\``),
  });
  expect(opened?.fields).toContainEqual({
    name: 'Next',
    value: `\`scheduler-watchdog approve a --pod ${pod.name}\` lets exactly that pod go; a yes is good for 15 minutes`,
  });
  expect(await decisionOf(world)).toMatchObject(WAITS);
  expect(world.removed).toEqual([]);
  await approve(world, pod.name);
  expect(await decisionOf(world)).toMatchObject({ kind: 'remove', uid: pod.uid, answer: 'deleted' });
  await world.ticks(10);
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  expect(world.kinds().at(-1)).toBe('resolved');
  const [entry] = await world.ledger('approval');
  expect(entry?.body).toMatchObject({ by: 'ann', pod: pod.name, uid: pod.uid });
});

test('the approval is gone from the very save that holds the intent', async () => {
  const { world, pod } = await waitingWorld();
  await approve(world, pod.uid);
  const from = world.log.length;
  const seen: unknown[] = [];
  const { store } = world;
  const save = store.save.bind(store);
  store.save = async (key, body, version) => {
    const answer = await save(key, body, version);
    const state = await world.stateOf();
    if (key === 'a' && state.remediations.some((one) => one.answer === null))
      seen.push([state.approval, state.waiting]);
    return answer;
  };
  await world.tick();
  expect(world.lines(from, ['save'])).toContain('save a intent');
  expect(seen).toEqual([[null, []]]);
});

test('a run that dies between intent and delete has spent the approval: it takes another one, and is told', async () => {
  const { world, pod } = await waitingWorld();
  await approve(world, pod.name);
  // The fleet's book, then the intent.
  expect(await world.dyingTick({ crash: { at: 1, when: 'after' } })).toBeNull();
  expect(await world.stateOf()).toMatchObject({
    approval: null,
    remediations: [{ uid: pod.uid, answer: null }],
  });
  expect(await decisionOf(world)).toMatchObject({ ...WAITS, uid: pod.uid });
  expect(world.removed).toEqual([]);
  await approve(world, pod.name);
  expect(await decisionOf(world)).toMatchObject({ kind: 'remove', answer: 'deleted' });
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
});

test('what Kubernetes refused waits anew, and says so', async () => {
  const { world, pod } = await waitingWorld();
  await approve(world, pod.name);
  world.weather.removals.push('forbidden');
  expect(await decisionOf(world)).toMatchObject({ kind: 'remove', answer: 'forbidden' });
  expect(world.sent.at(-1)?.notification.text).toContain('it waits for another approval');
  expect(await decisionOf(world)).toMatchObject(WAITS);
  expect(world.titles().at(-1)).toBe(`a: scheduler dead, the removal of ${pod.name} waits for approval`);
  expect(world.removed).toEqual([]);
});

test.each<{ readonly name: string; readonly change: (approval: Approval) => Partial<Approval> }>([
  { name: 'of another pod', change: () => ({ uid: 'uid-of-another' }) },
  { name: 'that is over', change: ({ at }) => ({ until: at }) },
  { name: 'by a clock that is far ahead', change: ({ until }) => ({ until: until + 60 * MINUTE_MS }) },
])('an approval $name removes nothing', async ({ change }) => {
  const { world, pod } = await waitingWorld();
  const { approval } = await approve(world, pod.name);
  await forge(world, { ...approval, ...change(approval) });
  expect(await decisionOf(world)).toMatchObject(WAITS);
  await world.ticks(3);
  expect(world.removed).toEqual([]);
});

test('an approval is good for a quarter of an hour and not for longer', async () => {
  const { world, pod } = await waitingWorld();
  await approve(world, pod.name);
  world.clock.advanceTo(world.clock.now() + LIMITS.approvalMs);
  for (const _ of [1, 2, 3]) expect(await decisionOf(world)).toMatchObject(WAITS);
  expect((await world.stateOf()).approval).toBeNull();
  expect(world.removed).toEqual([]);
});

test('an approval of a pod is not one of the pod that comes after it', async () => {
  const { world, pod } = await waitingWorld();
  const { approval } = await approve(world, pod.name);
  await world.tick();
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  await world.ticks(20);
  const next = world.wedge();
  expect(next.uid).not.toBe(pod.uid);
  // Even one that was never spent.
  await forge(world, { ...approval, until: world.clock.now() + 5 * MINUTE_MS });
  world.clock.advanceTo(world.clock.now() + 70_000);
  expect(await decisionOf(world)).toMatchObject({ ...WAITS, uid: next.uid });
  await world.ticks(3);
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
});

test('a pod that is well again takes its approval with it', async () => {
  const { world, pod } = await waitingWorld();
  await approve(world, pod.name);
  const of = world.of('a');
  of.end(pod.wedges, world.clock.now());
  await world.ticks(2);
  expect(await world.stateOf()).toMatchObject({ approval: null, waiting: [] });
  expect(world.removed).toEqual([]);
});

test('no other guard lets go for an approval, and what another holds cannot be approved', async () => {
  const { world, pod } = await waitingWorld();
  await approve(world, pod.name);
  const pause = { by: 'bob', reason: 'hands off', until: world.clock.now() + 5 * MINUTE_MS };
  await changeTarget(world.store, 'a', (state) => ({ ...state, pause }));
  expect(await decisionOf(world)).toMatchObject({ kind: 'hold', code: 'paused' });
  await expect(approve(world, pod.name)).rejects.toThrow(
    'WD_NOT_WAITING: no pod of a waits for an approval; nothing was approved.',
  );
  expect(world.removed).toEqual([]);
});

test('a pod that does not wait is refused with the one that does, and nothing is saved', async () => {
  const { world, pod } = await waitingWorld();
  const before = await world.store.load('a');
  await expect(approve(world, 'airflow-webserver')).rejects.toThrow(
    `airflow-webserver does not wait for an approval; of a there waits ${pod.name}`,
  );
  expect(await world.store.load('a')).toEqual(before);
  expect(await world.ledger('approval')).toEqual([]);
});

test('a yes that comes while a tick is at work is kept, and counts from the next one', async () => {
  const { world, pod } = await waitingWorld();
  await approve(world, pod.name);
  await world.tick({ fate: { conflicts: [1] } });
  expect(world.removed).toEqual([]);
  expect((await world.stateOf()).approval).toMatchObject({ uid: pod.uid });
  await world.tick();
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
});

test('a yes by a clock that is two hours ahead does not lie in wait for that hour', async () => {
  const { world, pod } = await waitingWorld();
  const ahead = { ...world.clock, now: () => world.clock.now() + 2 * HOUR_MS };
  await approveRemoval('a', pod.uid, 'ann', { state: world.store, clock: ahead });
  await world.ticks(150);
  expect(world.removed).toEqual([]);
});

test('a state of a version that knew no approvals has none, and nothing waits in it', async () => {
  const { world } = await wedgedWorld();
  const { approval: _approval, waiting: _waiting, ...old } = NEW_STATE;
  await world.store.save('old', old as typeof NEW_STATE, 0);
  expect((await loadTarget(world.store, 'old')).state).toEqual(NEW_STATE);
  await expect(
    approveRemoval('old', 'any', 'ann', { state: world.store, clock: world.clock }),
  ).rejects.toThrow('WD_NOT_WAITING');
});
