import { expect, test } from '@jest/globals';
import { migrated } from '../../functions/core/migrate.ts';
import { NEW_STATE } from '../../functions/core/state.ts';
import { aRemediation, NOW } from './builders.ts';

const { curedAt: _curedAt, ...remediation } = aRemediation();
const pause = { by: 'ann', reason: 'upgrade', until: NOW };

test.each([null, undefined, 7, 'text', [], {}, { schema: 2, lastTick: NOW }, { schema: 3 }])(
  'leaves %j as it is',
  (body) => {
    expect(migrated(body)).toBe(body);
  },
);

test('carries over what keeps pods safe: removals, pauses, ticks, what was proved', () => {
  const http = { at: NOW, from: 'scheduler' };
  const body = {
    schema: 1,
    lastTick: NOW,
    pause,
    remediations: [remediation],
    proven: { heartbeat: { scheduler: NOW }, http, progress: NOW },
    standing: 'sick',
    streaks: {},
  };
  expect(migrated(body)).toEqual({
    schema: 2,
    lastTick: NOW,
    pause,
    remediations: [{ ...remediation, curedAt: null }],
    proven: { ...NEW_STATE.proven, heartbeat: { scheduler: NOW }, progress: NOW, own: NOW, health: NOW },
  });
});

test('a health endpoint of the web server proves no scheduler', () => {
  const http = { at: NOW, from: 'web' };
  expect(
    migrated({ schema: 1, remediations: [], proven: { heartbeat: {}, http, progress: null } }),
  ).toMatchObject({
    proven: { own: null, health: NOW },
  });
});

test('of an old target without anything nothing is made up', () => {
  expect(migrated({ schema: 1, remediations: [] })).toEqual({
    schema: 2,
    lastTick: null,
    pause: null,
    remediations: [],
    proven: NEW_STATE.proven,
  });
});

test('the fleet of an older version begins anew', () => {
  expect(migrated({ schema: 1, storm: { since: NOW } })).toEqual({ schema: 2 });
});
