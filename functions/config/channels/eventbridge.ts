import { channelForm, type SettingsOf } from '../channel-form.ts';
import { text } from '../form.ts';

export const eventbridgeForm = channelForm({
  type: 'eventbridge',
  meaning: 'An event bus of Amazon EventBridge, with the credentials that the watchdog runs with.',
  shape: () => ({
    bus: text(
      /^(arn:aws[a-z-]*:events:[a-z]{2}(-[a-z]+)+-\d:\d{12}:event-bus\/)?[A-Za-z0-9._/-]{1,256}$/,
      'the name or ARN of an event bus, such as default',
    ).describe('The event bus; the watchdog needs events:PutEvents on it.'),
    region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region such as eu-west-1')
      .optional()
      .describe("Region of a bus that is given by name. Default: the watchdog's own."),
  }),
  example: '{ type: eventbridge, bus: default }',
  secrets: {},
  hosts: ['events.*.amazonaws.com', 'events.*.amazonaws.com.cn'],
  endpoint: 'https://events.REGION.amazonaws.com',
  addressOf: ({ bus, region }) => {
    const known = regionOfBus(`${bus}`) ?? region;
    return typeof known === 'string' ? eventsAddress(`${bus}`, known) : null;
  },
});

/** Of a bus that is given by its ARN. */
export function regionOfBus(bus: string): string | null {
  return bus.startsWith('arn:') ? (bus.split(':')[3] ?? null) : null;
}

export function eventsAddress(bus: string, region: string): string {
  return `https://events.${region}.amazonaws.com${bus.startsWith('arn:aws-cn:') ? '.cn' : ''}/`;
}

export type EventBridgeSettings = SettingsOf<typeof eventbridgeForm>;
