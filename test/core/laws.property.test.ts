import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isRemovable, isUnknown } from '../../functions/core/cause.ts';
import { decide, subjectOf } from '../../functions/core/decision.ts';
import { judge } from '../../functions/core/diagnosis.ts';
import { type GuardFacts, holdsOf } from '../../functions/core/guards.ts';
import { tell } from '../../functions/core/incident.ts';
import type { OutboxEntry } from '../../functions/core/notification.ts';
import { dueOf, enqueue, keyOf } from '../../functions/core/outbox.ts';
import type { Patient } from '../../functions/core/patient.ts';
import { quote } from '../../functions/core/redact.ts';
import { NEW_STATE, type Streak, type TargetState } from '../../functions/core/state.ts';
import { extendStreak } from '../../functions/core/streak.ts';
import { formatDuration, parseDuration } from '../../functions/core/time.ts';
import {
  aPod,
  aRemediation,
  beat,
  MINUTE,
  NOW,
  own,
  POLICY,
  patient,
  SECOND,
  silent,
  unreadable,
  verdict,
} from './builders.ts';

const arbitraryAge = fc.oneof(fc.constant(null), fc.double({ min: -100, max: 10_000, noNaN: true }));
const arbitraryHeartbeat = fc.oneof(
  fc.constant(null),
  arbitraryAge.map((age) => beat(age)),
  arbitraryAge.map((age) => beat(age, 'web')),
  fc.constantFrom(silent(), silent('refused'), unreadable('locked'), unreadable('forbidden')),
);
const arbitraryOwn = fc.constantFrom(
  null,
  own('healthy'),
  own('unhealthy'),
  silent(),
  silent('refused'),
  silent('tls'),
);
const arbitraryMotion = fc.constantFrom(
  null,
  { kind: 'moving', decidedAgoSeconds: 1, why: 'moves' } as const,
  { kind: 'idle', why: 'nothing to do' } as const,
  { kind: 'waiting', forSeconds: 400, why: 'waits' } as const,
);
const arbitraryDatabase = fc.constantFrom<Patient['database']>(
  { kind: 'up' },
  { kind: 'none' },
  { kind: 'down', why: 'refused' },
  { kind: 'locked', why: 'locked' },
  { kind: 'shared-stop', why: 'all at once' },
  { kind: 'recovering', why: 'just back' },
  { kind: 'unreadable', why: 'no grant' },
);
const arbitraryPatient: fc.Arbitrary<Patient> = fc
  .record({
    heartbeat: arbitraryHeartbeat,
    own: arbitraryOwn,
    motion: arbitraryMotion,
    database: arbitraryDatabase,
    freshPeer: fc.boolean(),
    stalePeer: fc.boolean(),
    databaseProvedUp: fc.boolean(),
    provenHttp: fc.constantFrom(null, 'scheduler' as const, 'web' as const),
    seenBeating: fc.boolean(),
    ageMs: fc.integer({ min: 0, max: 100 * MINUTE }),
    terminating: fc.boolean(),
  })
  .map(({ terminating, ...change }) =>
    patient({ ...change, pod: aPod('airflow-scheduler-a', { terminatingSince: terminating ? NOW : null }) }),
  );

const removable = (one: Patient) => isRemovable(judge(one).cause, 'remove');

test('every patient gets a cause and a sentence', () => {
  fc.assert(
    fc.property(arbitraryPatient, (one) => {
      expect(judge(one)).toMatchObject({
        rule: expect.not.stringMatching(/^none$/),
        why: expect.stringMatching(/./),
      });
    }),
  );
});

test('a pod that is terminating is never to be removed', () => {
  const going = aPod('airflow-scheduler-a', { terminatingSince: NOW });
  fc.assert(fc.property(arbitraryPatient, (one) => !removable({ ...one, pod: going })));
});

test('silence on every side is never a reason, unless the health endpoint is the only witness there ever was', () => {
  const noAnswer = fc.constantFrom(silent(), silent('tls'), unreadable('locked'), unreadable('forbidden'));
  fc.assert(
    fc.property(
      arbitraryPatient,
      noAnswer,
      (one, heartbeat) => !removable({ ...one, heartbeat, own: silent() }),
    ),
  );
});

test('a sick database is never a reason, while nobody has a fresh heartbeat', () => {
  const sick = arbitraryDatabase.filter(({ kind }) => kind !== 'up' && kind !== 'none');
  fc.assert(
    fc.property(
      arbitraryPatient,
      sick,
      fc.double({ min: 31, max: 9_999, noNaN: true }),
      (one, database, age) => {
        return !removable({ ...one, database, heartbeat: beat(age) });
      },
    ),
  );
});

test('a fresh heartbeat never leaves a pod dead or unreachable, and with work that moves never removable', () => {
  fc.assert(
    fc.property(arbitraryPatient, fc.double({ min: 0, max: 30, noNaN: true }), (one, age) => {
      const fresh = { ...one, heartbeat: beat(age) };
      expect(['dead', 'unreachable']).not.toContain(judge(fresh).cause);
      if (one.motion?.kind !== 'waiting') expect(isRemovable(judge(fresh).cause)).toBe(false);
    }),
  );
});

test('its own server reading a fresh row always keeps a pod', () => {
  fc.assert(
    fc.property(arbitraryPatient, (one) => {
      const { cause } = judge({ ...one, own: own('healthy'), heartbeat: beat(94), seenBeating: false });
      expect(isRemovable(cause, 'remove')).toBe(false);
    }),
  );
});

const arbitraryCauses = fc.array(
  fc.record({
    cause: fc.constantFrom(
      'healthy',
      'dead',
      'stalled',
      'blind',
      'database-down',
      'contradictory',
      'starting' as const,
    ),
    afterMs: fc.integer({ min: 1, max: 5 * MINUTE }),
  }),
  { maxLength: 40 },
);

test('a streak never exceeds the looks, a gap restarts it, and what is unknown leaves it alone', () => {
  fc.assert(
    fc.property(arbitraryCauses, (steps) => {
      let now = NOW;
      let streak: Streak | null = null;
      for (const [at, { cause, afterMs }] of steps.entries()) {
        now += afterMs;
        const before: Streak | null = streak;
        streak = extendStreak(streak, verdict(cause), now, POLICY);
        expect(streak?.count ?? 0).toBeLessThanOrEqual(at + 1);
        if (isUnknown(cause)) expect(streak).toBe(before);
        if (before !== null && streak !== null && now - before.lastAt > 150 * SECOND && !isUnknown(cause)) {
          expect(streak.count).toBe(1);
        }
      }
    }),
  );
});

const FREE: GuardFacts = {
  now: NOW,
  policy: POLICY,
  cause: 'dead',
  acting: true,
  pause: null,
  causes: ['dead'],
  databaseRecovering: null,
  fleet: { sick: 1, targets: 5, stormUntil: null },
  workload: { name: 'airflow-scheduler', rollingOut: null, paused: null },
  pod: aPod(),
  labelsMatch: true,
  startedMsAgo: 60 * MINUTE,
  remediations: [],
  tasksRunning: 0,
  tickLateMs: 0,
  proven: true,
};
const subject = subjectOf({ patient: patient(), verdict: verdict('dead'), cause: 'dead' });
const arbitraryFacts: fc.Arbitrary<GuardFacts> = fc
  .record({
    mode: fc.constantFrom('watch' as const, 'remediate' as const),
    tasks: fc.constantFrom('ignore' as const, 'hold' as const),
    acting: fc.boolean(),
    sick: fc.integer({ min: 0, max: 10 }),
    startedMsAgo: fc.integer({ min: 0, max: 60 * MINUTE }),
    intents: fc.array(fc.integer({ min: 0, max: 10 * 60 * MINUTE }), { maxLength: 3 }),
    tasksRunning: fc.integer({ min: 0, max: 3 }),
    tickLateMs: fc.integer({ min: 0, max: 3 * MINUTE }),
    proven: fc.boolean(),
  })
  .map(({ mode, tasks, sick, intents, ...rest }) => ({
    ...FREE,
    ...rest,
    policy: { ...POLICY, mode, tasksRunning: tasks },
    fleet: { sick, targets: 10, stormUntil: null },
    remediations: intents.map((ago) =>
      aRemediation({
        intendedAt: NOW - ago,
        outcome: { kind: 'recovered', at: NOW - ago, detail: '', replacement: 'x' },
      }),
    ),
  }));
const removes = (facts: GuardFacts) => decide(subject, 'why', facts).kind === 'remove';

test('with everything known and in order the removal passes', () => {
  expect(holdsOf(FREE)).toEqual([]);
});

test('a fact that could not be learned never turns a hold into a removal', () => {
  const facts = [
    'causes',
    'fleet',
    'workload',
    'pod',
    'labelsMatch',
    'startedMsAgo',
    'tasksRunning',
  ] as const;
  fc.assert(
    fc.property(arbitraryFacts, fc.constantFrom(...facts), (one, key) => {
      if (!removes(one)) expect(removes({ ...one, [key]: null })).toBe(false);
    }),
  );
});

test.each(['causes', 'fleet', 'workload', 'pod', 'labelsMatch', 'startedMsAgo'] as const)(
  'a removal is held while %s is not known',
  (key) => expect(removes({ ...FREE, [key]: null })).toBe(false),
);

test('watch mode never removes, and a run that may not act never does', () => {
  fc.assert(
    fc.property(arbitraryFacts, (one) => {
      expect(removes({ ...one, policy: { ...one.policy, mode: 'watch' } })).toBe(false);
      expect(removes({ ...one, acting: false })).toBe(false);
    }),
  );
});

test('a longer grace, a longer cool-down or a smaller budget never creates a removal', () => {
  fc.assert(
    fc.property(arbitraryFacts, fc.integer({ min: 0, max: 60 * MINUTE }), (one, more) => {
      if (removes(one)) return;
      const { policy } = one;
      const stricter = {
        ...policy,
        startupGraceMs: policy.startupGraceMs + more,
        cooldownMs: policy.cooldownMs + more,
        budget: { removals: Math.max(1, policy.budget.removals - 1), perMs: policy.budget.perMs + more },
      };
      expect(removes({ ...one, policy: stricter })).toBe(false);
    }),
  );
});

test('notifications of an incident are numbered, and the last one is the only resolve', () => {
  const situation = (key: string) => ({
    key,
    cause: 'dead' as const,
    since: NOW,
    severity: 'critical' as const,
    title: key,
    text: key,
  });
  const steps = fc.array(
    fc.record({ key: fc.constantFrom(null, 'a', 'b'), clear: fc.boolean(), quiet: fc.boolean() }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      let state: TargetState = NEW_STATE;
      const told: { readonly id: string; readonly incident: string; readonly kind: string }[] = [];
      for (const [at, { key, clear, quiet }] of all.entries()) {
        const now = NOW + at * MINUTE;
        const next = tell(state, {
          target: 'prod',
          situation: key === null ? null : situation(key),
          clear,
          quiet,
          scheduledAt: now,
          now,
          summary: '',
        });
        state = next.state;
        if (next.notification !== null) told.push(next.notification);
      }
      expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
      for (const incident of new Set(told.map((one) => one.incident))) {
        const kinds = told.filter((one) => one.incident === incident).map(({ kind }) => kind);
        expect(kinds[0]).toBe('opened');
        expect(kinds.slice(1, -1).every((kind) => kind === 'updated')).toBe(true);
      }
    }),
  );
});

test('the outbox sends one entry per channel and incident at a time, in order, and loses none', () => {
  const entries = fc.array(
    fc.tuple(fc.constantFrom('slack', 'pager'), fc.constantFrom('i1', 'i2'), fc.nat(9)),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(entries, (list) => {
      let outbox: readonly OutboxEntry[] = [];
      for (const [channel, incident, number] of list) {
        const notification = {
          id: `${incident}/${number}`,
          incident,
          target: 't',
          at: NOW,
          kind: 'opened',
          severity: 'info',
          title: '',
          text: '',
          fields: [],
        } as const;
        outbox = enqueue(outbox, notification, [channel], NOW);
      }
      const wanted = new Set(list.map(([channel, incident, number]) => `${channel} ${incident}/${number}`));
      expect(new Set(outbox.map(keyOf))).toEqual(wanted);
      const due = dueOf(outbox, NOW);
      const lanes = due.map(({ channel, notification }) => `${channel} ${notification.incident}`);
      expect(new Set(lanes).size).toBe(lanes.length);
    }),
  );
});

test('a given secret never survives a quote', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.stringMatching(/^[A-Za-z0-9]{8,40}$/),
      fc.string(),
      (before, secret, after) => {
        expect(quote(`${before}${secret}${after}`, 300, [secret])).not.toContain(secret);
      },
    ),
  );
});

test('a duration of whole seconds reads back as it was written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seconds) => {
      expect(parseDuration(formatDuration(seconds * SECOND))).toBe(seconds * SECOND);
    }),
  );
});
