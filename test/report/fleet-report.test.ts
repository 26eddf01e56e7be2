import { expect, test } from '@jest/globals';
import { fleetPage } from '../../functions/report/fleet-page.ts';
import { createWorld } from '../fakes/world.ts';
import { fleetReportIn, fleetStory } from './pages.ts';

test('the fleet is told by how its targets stand, and by what its last days were', async () => {
  const report = await fleetReportIn(await fleetStory());
  expect(report.targets.map(({ id, is, mode }) => `${id} ${is} ${mode}`)).toEqual([
    'data-airflow sick watch',
    'ml-airflow well remediate',
    'prod-airflow well remediate',
  ]);
  expect(report.targets[0]?.conditions).toMatchObject([{ kind: 'dead' }]);
  expect(
    report.incidents.map(({ target, cause, endedAt }) => `${target} ${cause} ${endedAt !== null}`),
  ).toEqual([
    'data-airflow dead false',
    'prod-airflow dead true',
    'ml-airflow blind true',
    'prod-airflow dead true',
  ]);
  expect(report.removals).toEqual([{ answer: 'deleted', times: 2 }]);
  expect(report.outcomes).toEqual([{ outcome: 'recovered', times: 2 }]);
  expect(report.holds).toContainEqual({ code: 'watch-mode', times: 1 });
  const dead = report.causes.find(({ cause }) => cause === 'dead');
  expect(dead).toMatchObject({ incidents: 3, removals: 2 });
  expect(dead?.detectMs).toBeGreaterThan(45_000);
  expect(dead?.detectMs).toBeLessThan(180_000);
  expect(dead?.repairMs).toBeGreaterThan(20_000);
  const blind = Object.fromEntries(report.targets.map(({ id, blindMs }) => [id, blindMs / 60_000]));
  expect(blind).toEqual({ 'data-airflow': 0, 'ml-airflow': 12, 'prod-airflow': 0 });
});

test('a fleet that was never looked at has a page, too', async () => {
  const report = await fleetReportIn(createWorld([{ id: 'new' }]));
  expect(report.targets).toMatchObject([{ id: 'new', is: 'not looked at yet' }]);
  const html = fleetPage(report);
  expect(html).toContain('No incident.');
  expect(html).not.toMatch(/<script|<link|<img/);
});
