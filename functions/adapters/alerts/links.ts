import type { Link, Notification } from '../../core/notification.ts';
import { cut, oneLine } from './text.ts';

/** Below what any of the services takes for an address. */
const URL_CHARS = 600;
const NAME_CHARS = 60;
/** Report, runbook, dashboard, and one to spare. */
const LINKS = 4;

/** The links of a notification as every medium can show them; what is no address of the web, or too long for one, is left out. */
export function webLinks({ links }: Notification): readonly Link[] {
  return links
    .flatMap(({ name, url }) => {
      const parsed = URL.parse(url);
      if (parsed === null || !/^https?:$/.test(parsed.protocol)) return [];
      const label = cut(oneLine(name), NAME_CHARS) || parsed.host;
      return parsed.href.length <= URL_CHARS ? [{ name: label, url: parsed.href }] : [];
    })
    .slice(0, LINKS);
}
