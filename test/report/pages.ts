import type { LedgerEntry } from '../../functions/core/ledger.ts';
import { fleetSubject } from '../../functions/flow/keep-report.ts';
import { fleetPage } from '../../functions/report/fleet-page.ts';
import { type FleetReport, fleetReportOf } from '../../functions/report/fleet-report.ts';
import { incidentPage } from '../../functions/report/incident-page.ts';
import { type IncidentReport, reportOf } from '../../functions/report/incident-report.ts';
import { calmWorld, wedgedWorld } from '../fakes/stories.ts';
import type { World, WorldTarget } from '../fakes/world.ts';

const MEBIBYTE = 1_048_576;

export const PROD: WorldTarget = {
  id: 'prod-airflow',
  components: { scheduler: 2 },
  target: {
    cluster: { kind: 'eks', name: 'prod-eu', region: 'eu-west-1', roleArn: null, externalId: null },
    health: [{ kind: 'pod', port: 8974, path: '/health' }],
    links: { runbook: 'https://wiki.example.com/airflow', dashboard: 'https://grafana.example.com/d/1' },
  },
};

/** Memory climbs while a scheduler still works, its probe cannot be started any more, then it wedges. */
async function climb(world: World, minutes: number): Promise<void> {
  const { clock, weather } = world;
  for (let minute = 0; minute < minutes; minute += 1) {
    weather.memory = { workingSetBytes: (1_720 + minute * 22) * MEBIBYTE, limitBytes: 2_048 * MEBIBYTE };
    weather.probes = [
      {
        kind: 'errored',
        message:
          'Liveness probe errored and resulted in unknown state: OCI runtime exec failed: exec failed: setns: cannot allocate memory',
        count: minute + 1,
        lastAt: clock.now() + 55_000,
      },
    ];
    await world.tick();
  }
}

/** Wedged, found, removed, replaced and proved. */
export async function removedStory(): Promise<World> {
  const { world, pod } = await wedgedWorld(PROD);
  for (const span of pod.wedges) span.to = span.from;
  await climb(world, 14);
  world.wedge('prod-airflow');
  world.clock.advanceTo(world.clock.now() + 20_000);
  await climb(world, 3);
  world.weather.probes = [];
  world.weather.memory = { workingSetBytes: 420 * MEBIBYTE, limitBytes: 2_048 * MEBIBYTE };
  await world.ticks(4);
  return world;
}

/** Wedged and held, since somebody paused it; still open. */
export async function heldStory(): Promise<World> {
  const { world } = await wedgedWorld({ ...PROD, components: { scheduler: 1 } });
  world.of('prod-airflow').world.annotation = 'upgrade tonight, says ann';
  await world.ticks(12);
  return world;
}

export async function entriesOf(world: World): Promise<readonly LedgerEntry[]> {
  return world.store.history({ target: null, limit: 10_000 });
}

export function incidentsOf(entries: readonly LedgerEntry[]): readonly string[] {
  return [...new Set(entries.flatMap((entry) => (entry.kind === 'told' ? [entry.body.incident] : [])))];
}

/** The report of the incident in which a pod was removed, or else of the newest. */
export async function reportIn(world: World): Promise<IncidentReport> {
  const entries = await entriesOf(world);
  const removal = entries.find((entry) => entry.kind === 'removal');
  const incident = removal?.body.incident ?? incidentsOf(entries).at(-1) ?? '';
  const target = world.world.targets[0] ?? null;
  const report = reportOf(entries, { incident, target, now: world.clock.now() });
  if (report === null) throw new Error('nothing is known of the incident');
  return report;
}

export async function removedPage(): Promise<string> {
  return incidentPage(await reportIn(await removedStory()));
}

export async function heldPage(): Promise<string> {
  return incidentPage(await reportIn(await heldStory()));
}

/** Three targets with a past: one repaired, one still sick, one blind for a while, one never looked at. */
export async function fleetStory(): Promise<World> {
  const world = await calmWorld(
    { ...PROD, id: 'prod-airflow' },
    { ...PROD, id: 'data-airflow', policy: { mode: 'watch' } },
    { ...PROD, id: 'ml-airflow' },
  );
  const hours = async (count: number) => {
    world.clock.advanceTo(world.clock.now() + count * 3_600_000);
    await world.ticks(9);
  };
  world.wedge('prod-airflow');
  await world.ticks(5);
  await hours(30);
  const { begin, end, blinds } = world.of('ml-airflow');
  begin(blinds, world.clock.now());
  await world.ticks(12);
  end(blinds, world.clock.now());
  await world.ticks(8);
  await hours(200);
  world.wedge('prod-airflow', 1);
  await world.ticks(6);
  await hours(90);
  world.wedge('data-airflow');
  await world.ticks(4);
  return world;
}

export async function fleetReportIn(world: World): Promise<FleetReport> {
  const { ports } = world.start();
  return fleetReportOf(await fleetSubject(world.world.targets, ports));
}

export async function fleetPageOfStory(): Promise<string> {
  return fleetPage(await fleetReportIn(await fleetStory()));
}
