import {
  type EventBridgeSettings,
  eventsAddress,
  regionOfBus,
} from '../../../config/channels/eventbridge.ts';
import type { Notification } from '../../../core/notification.ts';
import { SECOND_MS } from '../../../core/time.ts';
import { awsRefusal, callAws, foreign } from '../aws-answer.ts';
import { eventData } from '../event.ts';
import type { ChannelDelivery, CreateSender } from '../sender.ts';

const SERVICE = 'EventBridge';

/** Puts one event on a bus. It knows no key: a lost answer may mean an event twice, with the same `detail.id`. */
export const createSender: CreateSender<EventBridgeSettings> = (settings, { request, sign }) => {
  const { bus, endpoint, region = null } = settings;
  const right = `events:PutEvents on ${bus}`;
  return {
    async send(notification) {
      const { delivery, body } = await callAws(
        {
          service: 'events',
          region: regionOfBus(bus) ?? region,
          urlIn: (at) => endpoint ?? eventsAddress(bus, at),
          headers: {
            'content-type': 'application/x-amz-json-1.1',
            'x-amz-target': 'AWSEvents.PutEvents',
          },
          body: JSON.stringify({ Entries: [entryOf(notification, bus)] }),
        },
        { request, sign, service: SERVICE, right },
      );
      return delivery ?? taken(body, right);
    },
  };
};

function entryOf(notification: Notification, bus: string) {
  return {
    // A name that begins with "aws." is refused.
    Source: 'scheduler-watchdog',
    DetailType: `Incident ${notification.kind}`,
    Detail: JSON.stringify(eventData(notification)),
    EventBusName: bus,
    Time: Math.floor(notification.at / SECOND_MS),
  };
}

/** An answer of 200 may hold a refused entry (docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html). */
function taken(body: string, right: string): ChannelDelivery {
  try {
    const { FailedEntryCount: failed, Entries: entries } = JSON.parse(body);
    const [entry] = Array.isArray(entries) ? entries : [];
    if (failed === 0 && typeof entry?.EventId === 'string') return { kind: 'delivered' };
    const code = /^[A-Za-z]{1,80}$/.test(entry?.ErrorCode) ? entry.ErrorCode : 'no code';
    return awsRefusal(code, `200, ${code}`, SERVICE, right);
  } catch {
    return foreign(SERVICE);
  }
}
