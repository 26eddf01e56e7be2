import { FLEET_PAGE } from '../core/message.ts';
import type { Target } from '../core/target.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Clock, FleetSubject, Ports } from '../ports.ts';
import { loadFleet, loadTarget } from './saved-state.ts';

/** The newest entries that a report is made of: a day of decisions, and looks of four hours of trouble. */
const ENTRIES = 500;
const LOOKS = 240;
/** Some hundred incidents of a month. */
const FLEET_ENTRIES = 5_000;
const PATIENCE_MS = 5 * SECOND_MS;

/** Writes the report of an incident anew. One that cannot be kept costs the tick some seconds and nothing else. */
export async function keepReport(target: Target, incident: string, ports: Ports): Promise<void> {
  const { reports, state, clock, progress } = ports;
  if (reports === undefined) return;
  const problem = await problemOf(async () => {
    const [entries, looks] = await Promise.all([
      state.history({ target: target.id, limit: ENTRIES, without: 'looks' }),
      state.history({ target: target.id, limit: LOOKS, kind: 'looks' }),
    ]);
    const html = await reports.render([...entries, ...looks], { incident, target, now: clock.now() });
    await reports.put(`${incident}.html`, html);
  }, clock);
  if (problem !== null)
    progress({ target: target.id, text: `the report of ${incident} was not kept: ${problem}` });
}

/** Writes the page of all targets anew, beside the reports that it leads to. */
export async function keepFleetPage(targets: readonly Target[], ports: Ports): Promise<void> {
  const { reports, clock, progress } = ports;
  if (reports === undefined) return;
  const problem = await problemOf(async () => {
    await reports.put(FLEET_PAGE, await reports.renderFleet(await fleetSubject(targets, ports)));
  }, clock);
  if (problem !== null) progress({ target: null, text: `the page of the fleet was not kept: ${problem}` });
}

/** All that the page of the fleet is made of, from state and ledger. */
export async function fleetSubject(
  targets: readonly Target[],
  { state, clock }: { readonly state: Ports['state']; readonly clock: Pick<Clock, 'now'> },
): Promise<FleetSubject> {
  const [states, fleet, entries] = await Promise.all([
    Promise.all(
      targets.map(async (target) => ({ target, state: (await loadTarget(state, target.id)).state })),
    ),
    loadFleet(state),
    state.history({ target: null, limit: FLEET_ENTRIES, without: 'looks' }),
  ]);
  return { targets: states, fleet: fleet.state, entries, now: clock.now() };
}

/** Why it was not written, or null. What hangs is not waited for. */
async function problemOf(write: () => Promise<void>, clock: Clock): Promise<string | null> {
  const over = new AbortController();
  const problem = await Promise.race([
    write().then(
      () => null,
      (error: unknown) => (Error.isError(error) ? error.message : String(error)),
    ),
    clock.sleep(PATIENCE_MS, over.signal).then(() => 'it took too long'),
  ]);
  over.abort();
  return problem;
}
