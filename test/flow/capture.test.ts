import { expect, test } from '@jest/globals';
import { bounded, EVIDENCE_MOST_BYTES, type Evidence } from '../../functions/core/evidence.ts';
import { HOLD_CODES } from '../../functions/core/guards.ts';
import type { Cluster, Ports } from '../../functions/ports.ts';
import { wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';

async function evidenceOf(world: World): Promise<Evidence> {
  const [intent] = await world.ledger('intent');
  const evidence = intent?.body.evidence;
  if (evidence == null) throw new Error('no evidence was kept');
  return evidence;
}

/** A tick through a cluster of which a part was changed. */
async function tickWith(
  world: World,
  change: (cluster: Cluster) => Partial<Cluster>,
  more: Partial<Ports> = {},
) {
  const { ports } = world.start();
  world.nextMinute();
  return world.run({
    ...ports,
    ...more,
    clusterOf: async (target) => {
      const cluster = await ports.clusterOf(target);
      return { ...cluster, ...change(cluster) };
    },
  });
}

test('the evidence holds what convicted, every guard with its answer, the policy, and our looks', async () => {
  const { world, pod } = await wedgedWorld({ components: { scheduler: 2 } });
  world.weather.memory = { workingSetBytes: 900, limitBytes: 1_000 };
  await world.tick();
  const evidence = await evidenceOf(world);
  expect(evidence).toMatchObject({
    rule: 'dead',
    node: 'node-1',
    leftOut: [],
    policy: { mode: 'remediate' },
  });
  expect(evidence.seen).toMatch(/older than the limit/);
  expect(evidence.guards.map(({ code }) => code)).toEqual(HOLD_CODES);
  expect(evidence.guards.filter(({ why }) => why !== null)).toEqual([]);
  expect(evidence.events).toMatchObject({ kind: 'answered', events: [{ message: `${pod.name} started` }] });
  expect(evidence.looks).toHaveLength(7);
  expect(evidence.looks[0]?.pods).toMatchObject([{ cause: 'dead', streak: 1 }, { cause: 'healthy' }]);
  expect(evidence.peers).toHaveLength(1);
});

test('what hangs is left out and said, and the removal is not kept waiting', async () => {
  const { world } = await wedgedWorld();
  await tickWith(world, () => ({ logs: () => new Promise(() => {}) }));
  const evidence = await evidenceOf(world);
  expect(evidence.logs).toBeNull();
  expect(evidence.leftOut).toEqual(['logs: not there within 5s']);
  expect(evidence.tasks).toMatchObject({ kind: 'answered' });
  expect(world.removed).toHaveLength(1);
  const asked = world.log.find(({ kind }) => kind === 'events')?.at ?? 0;
  expect((world.removed[0]?.at ?? 0) - asked).toBe(5_000);
});

test('evidence that breaks is left out and said', async () => {
  const { world } = await wedgedWorld();
  await tickWith(world, () => ({ events: () => Promise.reject(new TypeError('events of undefined')) }));
  expect((await evidenceOf(world)).leftOut).toEqual(['events: events of undefined']);
  expect(world.removed).toHaveLength(1);
});

test('how memory has grown is told from earlier looks', async () => {
  const { world } = await wedgedWorld({ policy: { mode: 'watch' } });
  for (let minute = 0; minute < 5; minute += 1) {
    world.weather.memory = { workingSetBytes: 100_000 + minute * 5_000, limitBytes: 200_000 };
    await world.tick();
  }
  world.world.targets = world.world.targets.map((target) => ({
    ...target,
    policy: { ...target.policy, mode: 'remediate' },
  }));
  world.weather.memory = { workingSetBytes: 125_000, limitBytes: 200_000 };
  await world.tick();
  const { memorySlope } = await evidenceOf(world);
  expect(memorySlope).toMatchObject({ looks: 6 });
  expect(Math.round((memorySlope?.bytesPerMinute ?? 0) / 1_000)).toBe(5);
});

test('too much evidence is cut from what matters least, and says so', async () => {
  const { world } = await wedgedWorld();
  await world.tick();
  const evidence = await evidenceOf(world);
  const long = Array.from({ length: 300 }, () => 'é'.repeat(300));
  const cut = bounded({
    ...evidence,
    urls: long.map((url) => ({
      url,
      look: { kind: 'unreachable', at: 0, tookMs: 0, cause: 'dns', detail: url },
    })),
    logs: { kind: 'answered', at: 0, tookMs: 0, lines: long.slice(0, 200) },
  });
  expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThanOrEqual(EVIDENCE_MOST_BYTES);
  expect(cut.urls).toEqual([]);
  expect(cut.logs).toMatchObject({ kind: 'answered' });
  expect(cut.leftOut).toEqual([expect.stringMatching(/^urls: /)]);
  expect(cut.guards).toEqual(evidence.guards);
});

test('no output holds a secret that this process knows, wherever it was quoted', async () => {
  const secret = 'correct-horse-battery';
  const { world } = await wedgedWorld();
  world.weather.probes = [
    {
      kind: 'errored',
      message: `Liveness probe errored: ${secret}`,
      count: 3,
      lastAt: world.clock.now() + 60_000,
    },
  ];
  world.weather.memory = { workingSetBytes: 990, limitBytes: 1_000 };
  world.of('a').world.annotation = `paused, ${secret}`;
  const known = { knownSecrets: () => [secret] };
  const printed: unknown[] = [];
  printed.push(await tickWith(world, () => ({}), known));
  world.of('a').world.annotation = null;
  const logs: Cluster['logs'] = async () => ({
    kind: 'answered',
    at: 0,
    tookMs: 0,
    lines: [`password=${secret}`, secret],
  });
  printed.push(await tickWith(world, () => ({ logs }), known));
  const ledger = await world.store.history({ target: null, limit: 1_000 });
  expect(world.removed).toHaveLength(1);
  expect(ledger.some(({ kind }) => kind === 'intent')).toBe(true);
  const all = JSON.stringify([printed, ledger, world.sent]);
  expect(all).toContain('<secret>');
  expect(all).not.toContain(secret);
});
