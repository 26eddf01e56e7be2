import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Approval } from '../../functions/core/approval.ts';
import { rememberBeat } from '../../functions/core/beat.ts';
import { isRemovable, isUnknown } from '../../functions/core/cause.ts';
import type { Finding } from '../../functions/core/condition.ts';
import { type Candidate, decide } from '../../functions/core/decision.ts';
import { judge } from '../../functions/core/diagnosis.ts';
import { type GuardFacts, holdsOf } from '../../functions/core/guards.ts';
import { tell } from '../../functions/core/incident.ts';
import type { Notification, OutboxEntry } from '../../functions/core/notification.ts';
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
  freeFacts,
  MINUTE,
  NO_DETAILS,
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
const arbitraryNode = fc.record({
  isReady: fc.boolean(),
  reason: fc.constant(null),
  pressures: fc.subarray(['MemoryPressure', 'DiskPressure', 'PIDPressure']),
  since: fc.constant(null),
  isSchedulable: fc.boolean(),
});
const arbitraryPatient: fc.Arbitrary<Patient> = fc
  .record({
    heartbeat: arbitraryHeartbeat,
    own: arbitraryOwn,
    motion: arbitraryMotion,
    database: arbitraryDatabase,
    newestBeatMs: fc.option(fc.integer({ min: 0, max: 1_000_000 })),
    stalePeer: fc.boolean(),
    databaseProvedUp: fc.boolean(),
    provenOwn: fc.boolean(),
    allSilent: fc.boolean(),
    ageMs: fc.integer({ min: 0, max: 100 * MINUTE }),
    node: fc.option(arbitraryNode),
    terminating: fc.boolean(),
  })
  .map(({ terminating, heartbeat, ...change }) =>
    patient({
      ...change,
      ...beatingAs(heartbeat),
      pod: aPod('airflow-scheduler-a', { terminatingSince: terminating ? NOW : null }),
    }),
  );

/** A heartbeat and the silence that follows from it. */
function beatingAs(heartbeat: Patient['heartbeat']): Pick<Patient, 'heartbeat' | 'beat' | 'silentMs'> {
  const known = rememberBeat(null, heartbeat, NOW);
  return {
    heartbeat,
    beat: known,
    silentMs: heartbeat?.kind === 'answered' ? (known?.silentMs ?? null) : null,
  };
}

const ASKED = {
  starving: 'remove',
  nodeSick: 'remove',
  memory: { restartAbove: 0.9, when: 'quiet' },
} as const;
const removable = (one: Patient) => isRemovable(judge(one).cause, ASKED);

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
      (one, heartbeat) => !removable({ ...one, ...beatingAs(heartbeat), own: silent() }),
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
        return !removable({ ...one, database, ...beatingAs(beat(age)) });
      },
    ),
  );
});

test('a fresh heartbeat never leaves a pod dead or unreachable, and with work that moves never removable', () => {
  fc.assert(
    fc.property(arbitraryPatient, fc.double({ min: 0, max: 30, noNaN: true }), (one, age) => {
      const fresh = { ...one, ...beatingAs(beat(age)) };
      expect(['dead', 'unreachable']).not.toContain(judge(fresh).cause);
      if (one.motion?.kind !== 'waiting') expect(isRemovable(judge(fresh).cause)).toBe(false);
    }),
  );
});

test('its own server reading a fresh row always keeps a pod', () => {
  fc.assert(
    fc.property(arbitraryPatient, (one) => {
      const { cause } = judge({ ...one, own: own('healthy'), ...beatingAs(beat(94)) });
      expect(isRemovable(cause, ASKED)).toBe(false);
    }),
  );
});

test('a node that is not ready never costs a pod, unless the policy asks for that', () => {
  fc.assert(
    fc.property(arbitraryPatient, arbitraryNode, (one, node) => {
      const { cause } = judge({ ...one, node: { ...node, isReady: false }, ...beatingAs(beat(94)) });
      expect(isRemovable(cause)).toBe(false);
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
        streak = extendStreak(streak, verdict(cause), now, POLICY, MINUTE, false);
        expect(streak?.count ?? 0).toBeLessThanOrEqual(at + 1);
        if (isUnknown(cause)) expect(streak).toBe(before);
        if (before !== null && streak !== null && now - before.lastAt > 150 * SECOND && !isUnknown(cause)) {
          expect(streak.count).toBe(1);
        }
      }
    }),
  );
});

const FREE = freeFacts();
const arbitraryApproval: fc.Arbitrary<Approval> = fc.record({
  uid: fc.constantFrom(patient().pod.uid, 'uid-of-another'),
  by: fc.constant('ann'),
  at: fc.integer({ min: -30 * MINUTE, max: 30 * MINUTE }).map((ago) => NOW - ago),
  until: fc.integer({ min: -30 * MINUTE, max: 30 * MINUTE }).map((left) => NOW + left),
});
const candidate: Candidate = { patient: patient(), verdict: verdict('dead'), cause: 'dead' };
const arbitraryFacts: fc.Arbitrary<GuardFacts> = fc
  .record({
    mode: fc.constantFrom('watch' as const, 'ask' as const, 'remediate' as const),
    approval: fc.option(arbitraryApproval),
    tasks: fc.constantFrom('ignore' as const, 'hold' as const),
    acting: fc.boolean(),
    storm: fc.boolean(),
    failing: fc.boolean(),
    spent: fc.boolean(),
    doubts: fc.array(fc.constant('it began late'), { maxLength: 1 }),
    startedMsAgo: fc.integer({ min: 0, max: 60 * MINUTE }),
    intents: fc.array(fc.integer({ min: 0, max: 10 * 60 * MINUTE }), { maxLength: 3 }),
    tasksRunning: fc.integer({ min: 0, max: 3 }),
    tickLateMs: fc.integer({ min: 0, max: 3 * MINUTE }),
    proven: fc.boolean(),
  })
  .map(({ mode, tasks, storm, failing, spent, intents, ...rest }) => ({
    ...FREE,
    ...rest,
    policy: { ...POLICY, mode, tasksRunning: tasks },
    fleet: {
      storm: storm ? 'a storm' : null,
      repairsFailing: failing ? 'repairs fail' : null,
      budget: spent ? 'spent' : null,
    },
    remediations: intents.map((ago) =>
      aRemediation({
        intendedAt: NOW - ago,
        outcome: { kind: 'recovered', at: NOW - ago, detail: '', replacement: 'x' },
      }),
    ),
  }));
const removes = (facts: GuardFacts) => decide(candidate, facts).kind === 'remove';

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

test('where a person is asked nothing goes without a fresh approval of that very pod', () => {
  fc.assert(
    fc.property(arbitraryFacts, (one) => {
      const { approval, policy } = one;
      if (policy.mode !== 'ask' || !removes(one)) return;
      expect(approval?.uid).toBe(candidate.patient.pod.uid);
      const leftMs = (approval?.until ?? 0) - NOW;
      expect(leftMs > 0 && leftMs <= 15 * MINUTE).toBe(true);
    }),
  );
});

test('an approval lets go what it is asked for and nothing else', () => {
  const approval = { uid: candidate.patient.pod.uid, by: 'ann', at: NOW, until: NOW + MINUTE };
  fc.assert(
    fc.property(arbitraryFacts, (one) => {
      const asked = { ...one, policy: { ...one.policy, mode: 'ask' as const }, approval };
      const unasked = { ...one, policy: { ...one.policy, mode: 'remediate' as const } };
      expect(holdsOf(asked)).toEqual(holdsOf(unasked));
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

const finding = (subject: string, severity: 'warning' | 'critical'): Finding => ({
  subject,
  kind: 'dead',
  since: NOW,
  severity,
  stage: severity,
  isDue: true,
  title: subject,
  text: subject,
});

test('notifications of an incident are numbered and ordered, growing worse pages anew, and the end comes once', () => {
  const steps = fc.array(
    fc.record({
      found: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
      critical: fc.boolean(),
      over: fc.boolean(),
      clear: fc.boolean(),
      muted: fc.boolean(),
    }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      let state: TargetState = NEW_STATE;
      const told: Notification[] = [];
      for (const [at, { found, critical, over, clear, muted }] of all.entries()) {
        const now = NOW + at * MINUTE;
        const next = tell(state, {
          target: 'prod',
          findings: found.map((subject) => finding(subject, critical ? 'critical' : 'warning')),
          isOver: () => over,
          clear,
          muted,
          scheduledAt: now,
          now,
          slotMs: MINUTE,
          summary: () => '',
          details: () => NO_DETAILS,
        });
        state = next.state;
        if (muted) expect(next.notification?.kind ?? 'resolved').toBe('resolved');
        if (next.notification !== null) told.push(next.notification);
      }
      expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
      for (const story of Map.groupBy(told, (one) => one.incident).values()) {
        const kinds = story.map(({ kind }) => kind);
        expect(kinds[0]).toBe('opened');
        expect(kinds.slice(1).includes('opened')).toBe(false);
        expect(kinds.slice(0, -1).includes('resolved')).toBe(false);
        // Whoever follows the pages has exactly one open until the end.
        let open: string | null = null;
        for (const one of story) {
          if (one.kind === 'escalated') expect(one.endsPage).toBe(open);
          else if (open !== null) expect(one.page).toBe(open);
          if (one.kind === 'escalated') expect(one.page).not.toBe(open);
          open = one.page;
        }
      }
    }),
  );
});

test('whatever is new is told, whatever else is open, and nothing is told twice', () => {
  const subjects = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(subjects, { maxLength: 12 }), (rounds) => {
      let state: TargetState = NEW_STATE;
      const known = new Set<string>();
      for (const [at, found] of rounds.entries()) {
        const now = NOW + at * 10 * SECOND;
        const { state: next, notification } = tell(state, {
          target: 'prod',
          findings: found.map((subject) => finding(subject, 'critical')),
          isOver: () => false,
          clear: false,
          muted: false,
          scheduledAt: now,
          now,
          slotMs: MINUTE,
          summary: () => '',
          details: () => NO_DETAILS,
        });
        const fresh = found.filter((subject) => !known.has(subject));
        expect(notification === null).toBe(fresh.length === 0);
        for (const subject of fresh) {
          known.add(subject);
          expect(`${notification?.title} ${notification?.text}`).toContain(subject);
        }
        state = next;
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
          page: incident,
          endsPage: null,
          target: 't',
          at: NOW,
          kind: 'opened',
          severity: 'info',
          title: '',
          text: '',
          fields: [],
          about: NO_DETAILS.about,
          links: [],
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
