import { basename, dirname, resolve } from 'node:path';
import { withSignedReports } from '../adapters/alerts/signed-reports.ts';
import { KEY_LEAST_CHARS } from '../adapters/http/signed-link.ts';
import { createFolderReports } from '../adapters/local/folder-reports.ts';
import { literalOrReference } from '../config/build.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type {
  Clock,
  FleetSubject,
  Notifier,
  Ports,
  ReportStore,
  ReportSubject,
  Reports,
  SecretSource,
} from '../ports.ts';
import type { Aws } from './aws.ts';
import type { Lazy } from './lazy.ts';
import { type ReportsRef, type Settings, usage } from './settings.ts';

/** Where reports are kept and how they are made; null where none are. What draws them is loaded with the first. */
export function openReports(
  ref: ReportsRef | null,
  url: string | null,
  { aws }: { readonly clock: Clock; readonly aws: Lazy<Aws> },
): Reports | null {
  if (ref === null) return null;
  const put: ReportStore['put'] =
    ref.kind === 'folder'
      ? createFolderReports(ref.path).put
      : async (name, html) => (await aws()).reports(ref.bucket).put(name, html);
  return {
    url,
    put,
    async render(entries, about) {
      const page = await renderIncident(entries, about);
      if (page === null) throw new Error('the ledger holds nothing of it');
      return page;
    },
    renderFleet,
  };
}

type Notifiers = ReadonlyMap<string, Notifier>;

/** Signs what alerts say of reports, where a key is named; else they are as they were. */
export function signingOf(
  { reportsUrl: url = null, reportsKey: text = null }: Partial<Pick<Settings, 'reportsUrl' | 'reportsKey'>>,
  secrets: SecretSource,
  progress: Ports['progress'],
): (notifiers: Notifiers) => Notifiers {
  if (url === null || text === null) return (notifiers) => notifiers;
  const key = keyOfLinks(text, secrets);
  const unsigned = (why: string) =>
    progress({ target: null, text: `alerts have links to reports that are not signed: ${why}` });
  return (notifiers) =>
    new Map(
      [...notifiers].map(([name, one]) => [name, withSignedReports(one, { url, key, unsigned })] as const),
    );
}

/** The key of signed links; a source keeps what it has fetched. */
export function keyOfLinks(
  text: string,
  secrets: SecretSource,
): (options?: { readonly renew?: boolean }) => Promise<string> {
  const found = literalOrReference(text, (path) => resolve(path));
  return async (options) => {
    const key = (typeof found === 'string' ? found : await secrets.resolve(found, options)).trim();
    if (key.length < KEY_LEAST_CHARS)
      throw usage(
        'WATCHDOG_REPORTS_KEY',
        'too short',
        `at least ${KEY_LEAST_CHARS} random characters, or where they lie, such as ssm:NAME`,
      );
    return key;
  };
}

/** One incident as a page; null when the ledger holds nothing of it. */
export async function renderIncident(
  entries: readonly LedgerEntry[],
  about: ReportSubject,
): Promise<string | null> {
  const [{ reportOf }, { incidentPage }] = await Promise.all([
    import('../report/incident-report.ts'),
    import('../report/incident-page.ts'),
  ]);
  const report = reportOf(entries, about);
  return report === null ? null : incidentPage(report);
}

/** All targets as a page. */
export async function renderFleet(about: FleetSubject): Promise<string> {
  const [{ fleetReportOf }, { fleetPage }] = await Promise.all([
    import('../report/fleet-report.ts'),
    import('../report/fleet-page.ts'),
  ]);
  return fleetPage(fleetReportOf(about));
}

/** Writes a page where somebody asked for it; resolves to its full path. */
export async function writePage(file: string, html: string): Promise<string> {
  const path = resolve(file);
  const folder = createFolderReports(dirname(path));
  await folder.put(basename(path), html);
  return folder.pathOf(basename(path));
}
