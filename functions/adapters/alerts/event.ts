import type { Notification } from '../../core/notification.ts';
import { isoOf } from '../../core/time.ts';
import { webLinks } from './links.ts';
import { clean, cut, oneLine } from './text.ts';

/** Longer than any id that the watchdog makes. */
const ID_CHARS = 300;
const FIELDS = 10;

/** What machines get: `webhook`, `sns` and `eventbridge` say the same. The keys are a contract (docs/channels.md). */
export function eventData(notification: Notification, chars = 2_000): Readonly<Record<string, unknown>> {
  const { kind, severity, at, title, text, fields, about, occasion = null } = notification;
  const id = (value: string) => cut(oneLine(value), ID_CHARS);
  return {
    id: id(notification.id),
    incident: id(notification.incident),
    page: id(notification.page),
    target: id(notification.target),
    at: isoOf(at),
    change: kind,
    severity,
    occasion,
    about: Object.fromEntries(
      Object.entries(about).map(([key, value]) => [key, value === null ? null : id(value)]),
    ),
    title: cut(oneLine(title), chars),
    text: cut(clean(text), chars),
    fields: fields.slice(0, FIELDS).map(({ name, value }) => ({
      name: cut(oneLine(name), Math.min(chars, ID_CHARS)),
      value: cut(clean(value), chars),
    })),
    links: webLinks(notification),
  };
}
