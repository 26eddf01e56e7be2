import type { Notification } from '../../core/notification.ts';
import { quote } from '../../core/redact.ts';
import { isoOf } from '../../core/time.ts';
import type { Notifier } from '../../ports.ts';
import { webLinks } from './links.ts';
import { RETRY_MS } from './post.ts';
import { oneLine } from './text.ts';

/** Prints every notification as one line, for people at a terminal; `write` gets it without a line end. */
export function consoleNotifier(write: (line: string) => void): Notifier {
  return {
    async send(notification) {
      try {
        write(lineOf(notification));
        return { kind: 'delivered' };
      } catch (error) {
        return {
          kind: 'later',
          afterMs: RETRY_MS,
          detail: `The line could not be printed: ${quote(`${error}`)}`,
        };
      }
    },
  };
}

function lineOf(notification: Notification): string {
  const { at, severity, kind, title, text, fields } = notification;
  const links = webLinks(notification).map(({ name, url }) => ({ name, value: url }));
  const details = [...fields, ...links].map(({ name, value }) => `${name}: ${value}`).join('; ');
  const says = [title, text, details].map(oneLine).filter((part) => part !== '');
  return `${isoOf(at)} ${severity} ${kind}: ${says.join(' — ')}`;
}
