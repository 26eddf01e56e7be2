import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { podFact } from '../../../functions/adapters/k8s/pod-facts.ts';
import type { Pod } from '../../../functions/adapters/k8s/wire.ts';

const NOW = Date.parse('2026-11-23T03:13:00Z');
const odd = fc.oneof(
  ...[
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.constant({}),
    fc.constant([]),
  ],
  ...[
    fc.constant('\u001b[2J\u202e'),
    fc.constant('2026-11-23T03:00:00Z'),
    fc.constant(-5),
    fc.constant('running'),
  ],
);
const mostly = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: odd });
const record = (model: Record<string, fc.Arbitrary<unknown>>) =>
  mostly(fc.record(model, { requiredKeys: [] }));
const terminated = record({ reason: odd, exitCode: odd, finishedAt: odd });
const state = record({ running: record({ startedAt: odd }), waiting: record({ reason: odd }), terminated });
const pod = fc.record(
  {
    metadata: record({
      ...{
        uid: mostly(fc.constant('u')),
        name: mostly(fc.constant('n')),
        namespace: odd,
        labels: record({ a: odd }),
      },
      ...{ creationTimestamp: odd, deletionTimestamp: odd, deletionGracePeriodSeconds: odd },
      ownerReferences: mostly(
        fc.array(record({ kind: odd, name: odd, controller: mostly(fc.constant(true)) })),
      ),
    }),
    spec: record({
      ...{ nodeName: odd, hostname: odd, subdomain: odd, terminationGracePeriodSeconds: odd },
      containers: mostly(
        fc.array(
          record({
            name: mostly(fc.constant('scheduler')),
            env: mostly(fc.array(record({ name: fc.constant('AIRFLOW__CORE__EXECUTOR'), value: odd }))),
            resources: record({ limits: record({ memory: odd }) }),
          }),
        ),
      ),
    }),
    status: record({
      ...{ phase: odd, podIP: odd, podIPs: mostly(fc.array(record({ ip: odd }))) },
      containerStatuses: mostly(
        fc.array(
          record({
            name: mostly(fc.constant('scheduler')),
            ready: odd,
            restartCount: odd,
            state,
            lastState: state,
          }),
        ),
      ),
    }),
  },
  { requiredKeys: [] },
);

/** A number as JSON carries it, and none any more once it is milliseconds. */
const IN_1E305_SECONDS = {
  metadata: {
    uid: 'u',
    name: 'n',
    deletionTimestamp: '2026-11-23T03:00:00Z',
    deletionGracePeriodSeconds: 1.8e305,
  },
};

/** What throws makes the whole look unreadable (`looking`), which removes nothing. */
function factOf(object: unknown): unknown {
  try {
    return podFact(object as Pod, { name: 'scheduler', selector: 'a', container: null }, NOW);
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return null;
  }
}

/** Every number and every text of a fact but its labels, which must be compared as they are. */
function* leaves(value: unknown, key = ''): Generator<readonly [string, unknown]> {
  if (key === 'labels') return;
  if (typeof value !== 'object' || value === null) yield [key, value];
  else for (const [name, inner] of Object.entries(value)) yield* leaves(inner, name);
}

test('whatever stands in a pod, its fact has sound numbers and texts that do nothing, or the list is unreadable', () => {
  fc.assert(
    fc.property(pod, (object) => {
      const fact = factOf(object);
      for (const [key, value] of leaves(fact)) {
        if (typeof value === 'number') expect([key, Number.isFinite(value)]).toEqual([key, true]);
        if (typeof value === 'string')
          expect([key, value]).toEqual([key, expect.not.stringMatching(/[\p{Cc}\p{Bidi_Control}]/u)]);
      }
    }),
    { numRuns: 1_000, examples: [[IN_1E305_SECONDS]] },
  );
});
