import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda';
import { FLEET_PAGE } from './core/message.ts';
import { type EpochMs, isoOf } from './core/time.ts';
import { openReportDoor, type ReportDoor } from './wiring/reader.ts';

/** Shows reports to whoever has a link that an alert of ours had, behind a function URL that anybody may call. */

type Answer = Exclude<LambdaFunctionURLResult, string>;

/** As they are kept: the id of an incident, or the page of all targets. */
const NAME = /^[a-z0-9][A-Za-z0-9_-]{0,150}\.html$/;
/** Nothing is fetched, nothing runs, and the address, which opens the page, goes nowhere. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'private, no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
} as const;

let kept: Promise<ReportDoor> | null = null;

export async function handler(event: LambdaFunctionURLEvent): Promise<Answer> {
  kept ??= openReportDoor();
  const door = await kept.catch((error: unknown) => {
    kept = null;
    throw error;
  });
  try {
    return await answer(event, door);
  } catch (error) {
    // The answer is read by who clicked; why it failed is for who reads the log.
    log({ failed: Error.isError(error) ? error.message : `${error}` });
    return words(502, 'The report cannot be read just now.', 'Try again in a minute.');
  } finally {
    door.dropConnections();
  }
}

async function answer(event: LambdaFunctionURLEvent, door: ReportDoor): Promise<Answer> {
  const method = event.requestContext?.http?.method;
  const name = /^\/([^/]+)$/.exec(event.rawPath ?? '')?.[1] ?? '';
  if ((method !== 'GET' && method !== 'HEAD') || !NAME.test(name)) return nothingHere();
  const asked = new URLSearchParams(event.rawQueryString ?? '');
  const until = await door.goodUntil({
    name,
    until: asked.get('until') ?? '',
    signature: asked.get('signature') ?? '',
  });
  if (until === null) {
    log({ refused: 'its link is not signed by us' });
    return words(
      403,
      'This link does not open the report.',
      'Use the link of an alert as it is, with all that stands behind the question mark; where alerts have no such links, see docs/deploy.md.',
    );
  }
  if (door.clock.now() >= until) {
    log({ refused: 'its link is too old', name });
    return words(
      410,
      `This link was good until ${isoOf(until).slice(0, 16).replace('T', ' ')} UTC.`,
      'A newer message about the incident has a newer one; the report itself is kept in the bucket, and scheduler-watchdog report draws it anew.',
    );
  }
  const page = await door.page(name);
  log({ shown: name, found: page !== null });
  if (page === null)
    return words(404, 'There is no such report.', 'It may not have been written yet, or is kept no more.');
  return {
    statusCode: 200,
    headers: HEADERS,
    body: name === FLEET_PAGE ? await led(page, until, door) : page,
  };
}

/** The page of all targets leads to reports beside it: whoever may read it may read those, as long and no longer. */
async function led(page: string, until: EpochMs, { queryOf }: ReportDoor): Promise<string> {
  const names = new Set([...page.matchAll(BESIDE)].map(([, name = '']) => name));
  const queries = new Map<string, string>();
  for (const name of names) if (NAME.test(name)) queries.set(name, await queryOf(name, until));
  return page.replace(BESIDE, (whole, name: string) => {
    const query = queries.get(name);
    return query === undefined ? whole : `href="./${name}?${query.replaceAll('&', '&amp;')}"`;
  });
}

const BESIDE = /href="\.\/([^"/?]+)"/g;

const nothingHere = () => words(404, 'There is nothing here.', 'Links to reports are in alerts.');

function words(statusCode: number, what: string, next: string): Answer {
  const body = `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>scheduler-watchdog</title><style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:3em auto;padding:0 1em}</style></head><body><main><h1>${what}</h1><p>${next}</p></main></body></html>\n`;
  return { statusCode, headers: HEADERS, body };
}

function log(line: object): void {
  console.log(JSON.stringify(line));
}
