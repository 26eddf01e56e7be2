import type { Notification } from '../../core/notification.ts';
import { isoOf } from '../../core/time.ts';
import { webLinks } from './links.ts';
import { clean, oneLine } from './text.ts';

/** `[critical] prod-airflow: scheduler dead`, one line. */
export function headline({ kind, severity, title, target }: Notification): string {
  return oneLine(
    `[${kind === 'resolved' ? kind : severity}] ${oneLine(title) || oneLine(`${target} ${kind}`)}`,
  );
}

/** The whole message as text, for channels that know no layout. */
export function plainMessage(notification: Notification): string {
  const { text, fields, at, target, incident } = notification;
  const lines = [
    headline(notification),
    '',
    clean(text).trim(),
    '',
    ...fields.map(({ name, value }) => `${oneLine(name)}: ${oneLine(value)}`),
    ...webLinks(notification).map(({ name, url }) => `${name}: ${url}`),
    '',
    `${oneLine(target)} · ${isoOf(at)} · ${oneLine(incident)}`,
  ];
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
