import { type EpochMs, epochOf } from '../../core/time.ts';

/** The one form that servers may send (RFC 9110, 5.6.7). `Date.parse` alone takes "12" for a month. */
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** The server's own time with an answer, in whole seconds; null when it sent none that can be read. */
export function serverTime({
  headers,
}: {
  readonly headers: Readonly<Record<string, string>>;
}): EpochMs | null {
  const date = headers.date ?? '';
  return IMF_FIXDATE.test(date) ? epochOf(date) : null;
}
