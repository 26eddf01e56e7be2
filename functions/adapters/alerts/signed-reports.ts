import type { Link, Notification } from '../../core/notification.ts';
import type { Notifier } from '../../ports.ts';
import { LINK_GOOD_FOR_MS, signedQuery } from '../http/signed-link.ts';

export interface Signing {
  /** Where reports are read, ending in a slash. */
  readonly url: string;
  /** Rejects where the key cannot be had. */
  readonly key: () => Promise<string>;
  /** Told once for each time that links had to go unsigned. */
  readonly unsigned: (why: string) => void;
}

/** Signs links to reports on their way out, for each message anew: a reminder has a fresh one, and neither state nor ledger keeps any. */
export function withSignedReports(notifier: Notifier, signing: Signing): Notifier {
  const { url, key, unsigned } = signing;
  return {
    ...notifier,
    async send(notification, memo) {
      if (!notification.links.some((one) => nameOf(one, url) !== null))
        return notifier.send(notification, memo);
      // An alert without a working link is worth more than none; the reader says what such a link lacks.
      const known = await key().catch((error: unknown) => {
        unsigned(Error.isError(error) ? error.message : `${error}`);
        return null;
      });
      return notifier.send(known === null ? notification : signed(notification, url, known), memo);
    },
  };
}

/** A page of ours has a plain name; what else an owner has put below that address is not ours to sign. */
function nameOf({ url }: Link, base: string): string | null {
  const name = url.startsWith(base) ? url.slice(base.length) : '';
  return /^[A-Za-z0-9_-]+\.html$/.test(name) ? name : null;
}

/** Good from the moment of the message, so that every try of it has the same. */
function signed(notification: Notification, url: string, key: string): Notification {
  const until = notification.at + LINK_GOOD_FOR_MS;
  const links = notification.links.map((link) => {
    const name = nameOf(link, url);
    return name === null ? link : { ...link, url: `${link.url}?${signedQuery(name, until, key)}` };
  });
  return { ...notification, links };
}
