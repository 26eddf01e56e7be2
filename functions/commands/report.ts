import { WatchdogError } from '../core/errors.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import { fleetSubject } from '../flow/keep-report.ts';
import type { Clock, FleetSubject, ReportSubject, StateStore, TargetSource } from '../ports.ts';
import { emit, type Output } from './output.ts';

export interface ReportPorts {
  readonly state: Pick<StateStore, 'history'>;
  readonly targets: TargetSource;
  readonly clock: Pick<Clock, 'now'>;
  /** null when the ledger holds nothing of the incident. */
  readonly render: (entries: readonly LedgerEntry[], about: ReportSubject) => Promise<string | null>;
  /** Writes a file and says where it is. */
  readonly write: (name: string, html: string) => Promise<string>;
}

/** `prod-airflow-2026-11-23T03-13-00Z` → `prod-airflow` */
const INCIDENT = /^(.+)-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/;

/** All that the ledger keeps of the newest incidents of a target: a month of decisions, and looks of five days of trouble. */
const ENTRIES = 20_000;
const LOOKS = 7_200;

/** One incident as an HTML file that needs nothing else. */
export async function report(incident: string, ports: ReportPorts, output: Output): Promise<number> {
  const [, id] = INCIDENT.exec(incident) ?? [];
  if (id === undefined)
    throw unknown(`"${incident}" is no id of an incident; it looks like prod-airflow-2026-11-23T03-13-00Z`);
  const { state, targets, clock } = ports;
  const [entries, looks, list] = await Promise.all([
    state.history({ target: id, limit: ENTRIES, without: 'looks' }),
    state.history({ target: id, limit: LOOKS, kind: 'looks' }),
    // A report of what is past needs no list that can be read today.
    targets.load().catch(() => null),
  ]);
  const target = list?.targets.find((one) => one.id === id) ?? null;
  const html = await ports.render([...entries, ...looks], { incident, target, now: clock.now() });
  if (html === null) throw unknown(`the ledger holds nothing of the incident "${incident}"`);
  const path = await ports.write(`${incident}.html`, html);
  emit(output, { incident, file: path, bytes: html.length }, [`${path}  (one file; open it in a browser)`]);
  return 0;
}

export interface FleetPagePorts extends Pick<ReportPorts, 'targets' | 'write'> {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly renderFleet: (about: FleetSubject) => Promise<string>;
}

/** All targets as one HTML file: how they stand now, and their last 30 days. */
export async function fleetReport(ports: FleetPagePorts, output: Output): Promise<number> {
  const { targets } = await ports.targets.load();
  const subject = await fleetSubject(targets, ports);
  const html = await ports.renderFleet(subject);
  const path = await ports.write('fleet.html', html);
  emit(output, { targets: targets.length, file: path, bytes: html.length }, [
    `${path}  (one file; open it in a browser)`,
  ]);
  return 0;
}

function unknown(what: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_INCIDENT_UNKNOWN',
    what,
    notDone: 'no report was made',
    run: 'Run `scheduler-watchdog history --kind told --json` to see the ids.',
  });
}
