import { type LinkClaims, signedQuery, signedUntil } from '../adapters/http/signed-link.ts';
import { createClock } from '../adapters/local/clock.ts';
import { createLocalSecrets } from '../adapters/local/secrets.ts';
import { type EpochMs, MINUTE_MS } from '../core/time.ts';
import type { Clock } from '../ports.ts';
import { keyOfLinks } from './reports.ts';
import { readSettings, type Settings, usage } from './settings.ts';

/** What shows reports to whoever has a link of ours is made of. */
export interface ReportDoor {
  readonly clock: Pick<Clock, 'now'>;
  /** Until when a link is good; null when it is none of ours. */
  readonly goodUntil: (claims: LinkClaims) => Promise<EpochMs | null>;
  /** The query of a link to another page, good as long as the one that led here. */
  readonly queryOf: (name: string, until: EpochMs) => Promise<string>;
  /** null: there is no such page. */
  readonly page: (name: string) => Promise<string | null>;
  /** For a function that was frozen. */
  readonly dropConnections: () => void;
}

/** Strangers may guess as often as they like; SSM is asked for a newer key no oftener than this. */
const RENEW_EVERY_MS = MINUTE_MS;

export async function openReportDoor(settings: Settings = readSettings({})): Promise<ReportDoor> {
  const { reports, reportsKey, env } = settings;
  if (reports?.kind !== 's3') throw usage('WATCHDOG_REPORTS', '', 's3:BUCKET, where the reports are');
  if (reportsKey === null)
    throw usage('WATCHDOG_REPORTS_KEY', '', 'the key that links are signed with, such as ssm:NAME');
  const clock = createClock();
  const { createAws } = await import('./aws.ts');
  const aws = createAws(clock);
  const local = createLocalSecrets(env);
  const key = keyOfLinks(reportsKey, aws.secrets(local));
  const bucket = aws.reports(reports.bucket);
  let renewedAt = clock.now();
  return {
    clock,
    page: bucket.get,
    queryOf: async (name, until) => signedQuery(name, until, await key()),
    async goodUntil(claims) {
      const until = signedUntil(claims, await key());
      if (until !== null || clock.now() - renewedAt < RENEW_EVERY_MS) return until;
      // It may be signed with a key that is newer than the one that is kept here.
      renewedAt = clock.now();
      return signedUntil(claims, await key({ renew: true }));
    },
    dropConnections: () => aws.dropConnections(),
  };
}
