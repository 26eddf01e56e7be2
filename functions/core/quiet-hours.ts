import type { QuietHours } from './channel.ts';
import type { EpochMs } from './time.ts';

/** Whether the moment lies in the quiet hours; `to` itself does not. A zone that this system does not know has none. */
export function isQuiet(hours: QuietHours | null, at: EpochMs): boolean {
  if (hours === null) return false;
  const minute = minuteOfDay(at, hours.zone);
  if (minute === null) return false;
  const { from, to } = hours;
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

function minuteOfDay(at: EpochMs, zone: string): number | null {
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    const [hour = Number.NaN, minute = Number.NaN] = format.format(at).split(':').map(Number);
    return hour * 60 + minute;
  } catch {
    return null;
  }
}
