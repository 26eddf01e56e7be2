import { expect, test } from '@jest/globals';
import { fleetReport, report } from '../../functions/commands/report.ts';
import { renderFleet, renderIncident } from '../../functions/wiring/reports.ts';
import { recordedOutput } from '../fakes/output.ts';
import { wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';

function portsOf(world: World, files: Map<string, string>) {
  const write = async (name: string, html: string) => {
    files.set(name, html);
    return `/there/${name}`;
  };
  return { ...world.start().ports, write, render: renderIncident, renderFleet };
}

test('the report of an incident is written where it says', async () => {
  const { world } = await wedgedWorld();
  await world.ticks(4);
  const incident = world.sent[0]?.notification.incident ?? '';
  const files = new Map<string, string>();
  const said = recordedOutput();
  expect(await report(incident, portsOf(world, files), said.output)).toBe(0);
  expect(said.text()).toContain(`/there/${incident}.html`);
  expect(files.get(`${incident}.html`)).toContain('Evidence, kept before the removal');
});

test('a target that left the list still has its reports', async () => {
  const { world } = await wedgedWorld();
  await world.ticks(4);
  world.world.listError = new Error('the list is gone');
  const files = new Map<string, string>();
  const incident = world.sent[0]?.notification.incident ?? '';
  expect(await report(incident, portsOf(world, files), recordedOutput().output)).toBe(0);
  expect(files.size).toBe(1);
});

test.each([
  ['is no id', 'yesterday', /is no id of an incident/],
  ['is unknown', 'a-2020-01-01T00-00-00Z', /holds nothing of the incident/],
])('an incident that %s is refused, and nothing is written', async (_, incident, words) => {
  const { world } = await wedgedWorld();
  const files = new Map<string, string>();
  const asked = report(incident, portsOf(world, files), recordedOutput().output);
  await expect(asked).rejects.toThrow(words);
  await expect(asked).rejects.toThrow(/^WD_INCIDENT_UNKNOWN/);
  expect(files.size).toBe(0);
});

test('the page of the fleet says how many targets it shows', async () => {
  const { world } = await wedgedWorld();
  await world.ticks(1);
  const files = new Map<string, string>();
  const said = recordedOutput('report');
  expect(await fleetReport(portsOf(world, files), said.output)).toBe(0);
  expect(said.lines()).toEqual([{ targets: 1, file: '/there/fleet.html', bytes: expect.any(Number) }]);
  expect(files.get('fleet.html')).toContain('1 of 1 targets are sick');
});
