import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { withAcknowledgement } from '../../functions/core/acknowledgement.ts';
import { EVERYTHING, type RoutingRules } from '../../functions/core/channel.ts';
import type { Incident } from '../../functions/core/incident.ts';
import { NOTHING, type Notification } from '../../functions/core/notification.ts';
import { isQuiet } from '../../functions/core/quiet-hours.ts';
import { route } from '../../functions/core/routing.ts';
import { memoOf, NOTHING_ROUTED, withMemo } from '../../functions/core/routing-memory.ts';
import type { Routable } from '../../functions/core/routing-rules.ts';
import { HOUR_MS, MINUTE_MS } from '../../functions/core/time.ts';

const T0 = Date.UTC(2026, 10, 23, 12);

/** One target whose incidents are told to channels with these rules. */
function routed(rules: Readonly<Record<string, Partial<RoutingRules>>>) {
  const routes = Object.entries(rules).map(([name, own]) => ({ name, rules: { ...EVERYTHING, ...own } }));
  let now = T0;
  let incidents = 0;
  let updates = 0;
  let state: Routable = { incident: null, conditions: [], outbox: [], routing: NOTHING_ROUTED, pause: null };
  const sent: { readonly channel: string; readonly notification: Notification }[] = [];
  const step = (notification: Notification | null) => {
    state = route(state, notification, { routes, now });
    sent.push(...state.outbox);
    state = { ...state, outbox: [] };
  };
  const say = (
    kind: Notification['kind'],
    severity: Notification['severity'],
    more: Partial<Notification> = {},
  ) => {
    const { id = '', page = '', told = 0 } = state.incident ?? {};
    const base = {
      incident: id,
      page,
      endsPage: null,
      target: 'prod-airflow',
      at: now,
      text: 't',
      fields: [],
      about: NOTHING,
      links: [],
    };
    step({ ...base, id: `${id}/${told}`, kind, severity, title: `${kind} ${severity}`, ...more });
  };
  const world = {
    sent,
    state: () => state,
    wait(ms: number) {
      for (const end = now + ms; now < end; ) {
        now += MINUTE_MS;
        step(null);
      }
    },
    open(severity: Notification['severity'], cause: Incident['cause'] = 'dead') {
      const id = `i${++incidents}`;
      const incident = {
        id,
        openedAt: now,
        cause,
        subject: 'pod u',
        since: now,
        headline: 'h',
        severity,
        page: id,
        told: 1,
      };
      state = { ...state, incident };
      say('opened', severity);
    },
    update: () =>
      say('updated', state.incident?.severity ?? 'info', { id: `${state.incident?.id}/u${++updates}` }),
    worsen() {
      if (state.incident === null) throw new Error('nothing is open');
      const { page, id } = state.incident;
      state = {
        ...state,
        incident: { ...state.incident, severity: 'critical', page: `${id}-critical`, told: 2 },
      };
      say('escalated', 'critical', { endsPage: page });
    },
    end() {
      const open = state.incident;
      if (open === null) throw new Error('nothing is open');
      state = { ...state, incident: null };
      const end = { incident: open.id, page: open.page, id: `${open.id}/end` };
      say('resolved', 'info', end);
    },
    pause(untilMs: number) {
      state = { ...state, pause: { by: 'ann', reason: 'looking', until: now + untilMs } };
      step(null);
    },
    acknowledge(by: string) {
      const { id = '', page = '' } = state.incident ?? {};
      state = { ...state, acknowledgement: { incident: id, page, by, at: now } };
      step(null);
    },
    told: (channel: string) =>
      sent
        .filter((one) => one.channel === channel)
        .map(({ notification: { kind, occasion } }) => occasion ?? kind),
  };
  return world;
}

describe('filters', () => {
  test('a channel that has filtered the warning hears of it when it grows critical, and then of the end', () => {
    const world = routed({ all: {}, pager: { severity: 'critical' } });
    world.open('warning');
    world.update();
    expect(world.told('pager')).toEqual([]);
    world.worsen();
    world.end();
    expect(world.told('all')).toEqual(['opened', 'updated', 'escalated', 'resolved']);
    expect(world.told('pager')).toEqual(['opened', 'resolved']);
    const [first, last] = world.sent.filter(({ channel }) => channel === 'pager');
    expect(first?.notification).toMatchObject({ page: 'i1-critical', endsPage: null });
    expect(last?.notification.page).toBe('i1-critical');
  });

  test.each([
    { name: 'its target', rules: { targets: ['prod-airflow'] }, isTold: true },
    { name: 'the beginning of its target', rules: { targets: ['prod-*'] }, isTold: true },
    { name: 'another target', rules: { targets: ['staging-*'] }, isTold: false },
    { name: 'its cause', rules: { causes: ['dead'] }, isTold: true },
    { name: 'another cause', rules: { causes: ['database-down'] }, isTold: false },
  ] as const)('a channel for $name: told $isTold', ({ rules, isTold }) => {
    const world = routed({ one: rules, other: {} });
    world.open('critical');
    world.end();
    expect(world.told('one')).toEqual(isTold ? ['opened', 'resolved'] : []);
  });

  test('what is critical and suits nobody goes to everybody', () => {
    const world = routed({ one: { targets: ['staging'] }, two: { causes: ['storm'] } });
    world.open('critical');
    world.end();
    expect(world.told('one')).toEqual(['opened', 'resolved']);
    expect(world.told('two')).toEqual(['opened', 'resolved']);
  });
});

describe('time', () => {
  const NIGHT = { from: 22 * 60, to: 7 * 60, zone: 'UTC' };

  test('a warning in quiet hours is told when they end, if it is still open', () => {
    const world = routed({ team: { quietHours: { from: 11 * 60, to: 13 * 60, zone: 'UTC' } } });
    world.open('warning');
    world.wait(30 * MINUTE_MS);
    expect(world.told('team')).toEqual([]);
    world.wait(31 * MINUTE_MS);
    expect(world.told('team')).toEqual(['opened']);
    world.end();
    expect(world.told('team')).toEqual(['opened', 'resolved']);
  });

  test('a warning that came and went in quiet hours is not told, and what is critical is told at once', () => {
    const world = routed({ team: { quietHours: { from: 11 * 60, to: 13 * 60, zone: 'UTC' } } });
    world.open('warning');
    world.end();
    expect(world.told('team')).toEqual([]);
    world.open('critical');
    expect(world.told('team')).toEqual(['opened']);
  });

  test.each([
    { at: '2026-11-23T21:59:00Z', zone: 'UTC', quiet: false },
    { at: '2026-11-23T22:00:00Z', zone: 'UTC', quiet: true },
    { at: '2026-11-24T06:59:00Z', zone: 'UTC', quiet: true },
    { at: '2026-11-24T07:00:00Z', zone: 'UTC', quiet: false },
    { at: '2026-11-23T21:30:00Z', zone: 'Europe/Berlin', quiet: true },
    { at: '2026-07-01T05:30:00Z', zone: 'Europe/Berlin', quiet: false },
    { at: '2026-01-01T05:30:00Z', zone: 'Europe/Berlin', quiet: true },
    { at: '2026-11-24T03:00:00Z', zone: 'Mars/Olympus', quiet: false },
  ])('from 22:00 to 07:00, $at in $zone: quiet $quiet', ({ at, zone, quiet }) => {
    expect(isQuiet({ ...NIGHT, zone }, Date.parse(at))).toBe(quiet);
  });

  test('an open incident is repeated, and a refresh is no reminder', () => {
    const world = routed({ team: { remindEveryMs: HOUR_MS }, prom: { refreshEveryMs: 3 * MINUTE_MS } });
    world.open('warning');
    world.wait(125 * MINUTE_MS);
    expect(world.told('team')).toEqual(['opened', 'reminder', 'reminder']);
    expect(world.told('prom').filter((one) => one === 'refresh').length).toBeGreaterThanOrEqual(40);
    world.end();
    world.wait(2 * HOUR_MS);
    expect(world.told('team').at(-1)).toBe('resolved');
    expect(world.told('prom').at(-1)).toBe('resolved');
  });

  test('unanswered for long it is escalated; answered by a pause it is not, and that is said once', () => {
    const world = routed({ team: {}, lead: { escalateAfterMs: 30 * MINUTE_MS } });
    world.open('critical');
    world.wait(29 * MINUTE_MS);
    expect(world.told('lead')).toEqual([]);
    world.wait(2 * MINUTE_MS);
    expect(world.told('lead')).toEqual(['opened']);
    world.end();
    world.open('critical');
    world.wait(10 * MINUTE_MS);
    world.pause(4 * HOUR_MS);
    world.wait(HOUR_MS);
    expect(world.told('team')).toEqual(['opened', 'resolved', 'opened', 'answered']);
    expect(world.told('lead')).toEqual(['opened', 'resolved']);
  });
});

describe('what a person has taken up', () => {
  const rules = { team: { remindEveryMs: HOUR_MS }, lead: { escalateAfterMs: 30 * MINUTE_MS } };

  test('is said once, is named in what follows, and is neither repeated nor escalated', () => {
    const world = routed(rules);
    world.open('warning');
    world.wait(10 * MINUTE_MS);
    world.acknowledge('ann');
    world.wait(5 * HOUR_MS);
    world.update();
    world.end();
    expect(world.told('team')).toEqual(['opened', 'answered', 'updated', 'resolved']);
    expect(world.told('lead')).toEqual([]);
    const said = world.sent
      .filter(({ channel }) => channel === 'team')
      .map(({ notification }) => notification);
    expect(said[1]).toMatchObject({ title: 'prod-airflow: ann has taken it up', acknowledgedBy: 'ann' });
    expect(said[2]?.fields).toEqual([{ name: 'Taken up', value: expect.stringMatching(/^by ann at 2026-/) }]);
    expect(said.map(({ acknowledgedBy }) => acknowledgedBy)).toEqual([undefined, 'ann', 'ann', undefined]);
  });

  test('asks a person anew when it grows critical', () => {
    const world = routed(rules);
    world.open('warning');
    world.acknowledge('ann');
    world.wait(MINUTE_MS);
    world.worsen();
    world.wait(125 * MINUTE_MS);
    expect(world.told('team')).toEqual(['opened', 'answered', 'escalated', 'reminder', 'reminder']);
    expect(world.told('lead')).toEqual(['opened']);
    world.acknowledge('bob');
    world.wait(3 * HOUR_MS);
    expect(world.told('team').slice(5)).toEqual(['answered']);
  });

  test('says nothing of the next incident', () => {
    const world = routed(rules);
    world.open('warning');
    world.acknowledge('ann');
    world.wait(MINUTE_MS);
    world.end();
    world.open('warning');
    world.wait(65 * MINUTE_MS);
    expect(world.told('team').slice(3)).toEqual(['opened', 'reminder']);
    expect(world.told('lead')).toEqual(['opened']);
  });

  test('keeps within ten fields, and gives way to nothing that says what to do', () => {
    const names = ['Cause', 'Pod', 'Where', 'Since', 'For', 'Done', 'Next', 'Look', 'Budget', 'Runbook'];
    const fields = names.map((name) => ({ name, value: 'x' }));
    const taken = { incident: 'i1', page: 'i1', by: 'ann', at: T0 };
    const { fields: shown } = withAcknowledgement({ fields } as unknown as Notification, taken);
    expect(shown.map(({ name }) => name)).toEqual([
      ...['Cause', 'Pod', 'Where', 'Since', 'Taken up', 'Done', 'Next', 'Look', 'Budget', 'Runbook'],
    ]);
  });
});

describe('what comes and goes', () => {
  const often = (world: ReturnType<typeof routed>, times: number) => {
    for (let at = 0; at < times; at += 1) {
      world.open('warning');
      world.wait(4 * MINUTE_MS);
      world.end();
      world.wait(4 * MINUTE_MS);
    }
  };

  test('is said once and then told as one story with one end', () => {
    const world = routed({ team: {} });
    often(world, 7);
    expect(world.told('team')).toEqual([
      'opened',
      'resolved',
      'opened',
      'resolved',
      'opened',
      'resolved',
      'opened',
    ]);
    expect(world.sent.at(-1)?.notification.title).toBe('comes and goes: opened warning');
    world.wait(31 * MINUTE_MS);
    expect(world.told('team').at(-1)).toBe('resolved');
    expect(world.sent.at(-1)?.notification).toMatchObject({
      incident: 'i4',
      text: expect.stringMatching(/come 7 times/),
    });
    expect(world.state().routing.followed).toEqual([]);
  });

  test('is told all the same where it grows graver or has another cause', () => {
    const world = routed({ team: {} });
    often(world, 5);
    const before = world.told('team').length;
    world.open('warning', 'blind');
    world.worsen();
    expect(world.told('team').slice(before)).toEqual(['updated', 'escalated']);
    expect(world.sent.at(-1)?.notification).toMatchObject({
      incident: 'i4',
      page: 'i6-critical',
      endsPage: 'i4',
    });
    world.end();
    world.wait(31 * MINUTE_MS);
    expect(world.sent.at(-1)?.notification).toMatchObject({ kind: 'resolved', page: 'i6-critical' });
  });
});

test('a memo is kept for its channel and incident until the end has arrived, and one too long is not kept', () => {
  const world = routed({ team: {}, other: {} });
  world.open('warning');
  const [entry] = world.sent;
  if (entry === undefined) throw new Error('nothing was told');
  const kept = withMemo(world.state().routing, entry, 'ts-1');
  expect(memoOf(kept, entry)).toBe('ts-1');
  expect(memoOf(kept, { ...entry, channel: 'other' })).toBeNull();
  expect(memoOf(withMemo(kept, entry, 'x'.repeat(1_001)), entry)).toBe('ts-1');
  expect(withMemo(kept, entry, undefined)).toBe(kept);
});

test('an incident begun before anybody kept who follows it ends for everybody', () => {
  const routes = [{ name: 'team', rules: EVERYTHING }];
  const state: Routable = { incident: null, conditions: [], outbox: [], routing: NOTHING_ROUTED };
  const end = {
    id: 'i/9',
    incident: 'i',
    page: 'i',
    endsPage: null,
    target: 'a',
    at: T0,
    kind: 'resolved',
    severity: 'info',
  } as const;
  const told = route(
    state,
    { ...end, title: 't', text: '', fields: [], about: NOTHING, links: [] },
    { routes, now: T0 },
  );
  expect(told.outbox).toEqual([expect.objectContaining({ channel: 'team' })]);
});

test('by whatever rules: each channel hears opened first, the end last, nothing twice, and no other page than it has', () => {
  const rules = fc.record(
    {
      severity: fc.constantFrom('info', 'warning', 'critical'),
      targets: fc.constantFrom(null, ['prod-*'], ['staging']),
      quietHours: fc.constantFrom(null, { from: 12 * 60, to: 13 * 60, zone: 'UTC' }),
      remindEveryMs: fc.constantFrom(null, 5 * MINUTE_MS),
      escalateAfterMs: fc.constantFrom(null, 10 * MINUTE_MS),
      refreshEveryMs: fc.constantFrom(null, 3 * MINUTE_MS),
    } as const,
    { requiredKeys: [] },
  );
  const act = fc.constantFrom(
    'wait',
    'worsen',
    'update',
    'end',
    'pause',
    'acknowledge',
    'open-warning',
    'open-critical',
  );
  fc.assert(
    fc.property(rules, rules, fc.array(act, { maxLength: 40 }), (a, b, acts) => {
      const world = routed({ a, b } as Parameters<typeof routed>[0]);
      for (const one of acts) {
        const { incident } = world.state();
        if (one === 'wait') world.wait(4 * MINUTE_MS);
        if (one === 'pause') world.pause(20 * MINUTE_MS);
        if (one === 'acknowledge' && world.state().incident !== null) world.acknowledge('bob');
        if (incident === null) {
          if (one === 'open-warning') world.open('warning');
          if (one === 'open-critical') world.open('critical');
          continue;
        }
        if (one === 'update') world.update();
        if (one === 'end') world.end();
        if (one === 'worsen' && incident.severity !== 'critical') world.worsen();
      }
      if (world.state().incident !== null) world.end();
      world.wait(45 * MINUTE_MS);
      for (const channel of ['a', 'b']) {
        const own = world.sent
          .filter((one) => one.channel === channel)
          .map(({ notification }) => notification);
        expect(new Set(own.map(({ id }) => id)).size).toBe(own.length);
        for (const story of Map.groupBy(own, ({ incident }) => incident).values()) {
          expect(story[0]?.kind).toBe('opened');
          expect(story.at(-1)?.kind).toBe('resolved');
          expect(story.filter(({ kind }) => kind === 'opened' || kind === 'resolved')).toHaveLength(2);
          let page = story[0]?.page;
          for (const { kind, page: own, endsPage } of story) {
            if (kind === 'escalated') {
              expect(endsPage).toBe(page);
              page = own;
            }
            expect(own).toBe(page);
          }
        }
      }
      expect(world.state().routing.followed).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
