import { channelForm, type SecretShape, type SettingsOf, secretText } from '../channel-form.ts';
import { choice } from '../form.ts';

const routingKey: SecretShape = {
  expected: 'routing key: expected 32 letters and digits, as the integration shows them',
  fits: (found) => /^[A-Za-z0-9]{32}$/.test(found),
};

/** By the service region of the account. */
export const PAGERDUTY = {
  us: 'https://events.pagerduty.com',
  eu: 'https://events.eu.pagerduty.com',
} as const;

export const pagerdutyForm = channelForm({
  type: 'pagerduty',
  meaning: 'PagerDuty Events API v2.',
  shape: () => ({
    routingKey: secretText(routingKey, 'an integration key of 32 letters and digits').describe(
      'Integration (routing) key of the service, best as a reference.',
    ),
    region: choice(['us', 'eu']).optional().describe('Service region of the account. Default: us.'),
  }),
  example: '{ type: pagerduty, routingKey: env:PAGERDUTY_KEY }',
  secrets: { routingKey },
  hosts: ['events.pagerduty.com', 'events.eu.pagerduty.com'],
  endpoint: 'https://events.pagerduty.com',
  addressOf: ({ region }) => PAGERDUTY[region === 'eu' ? 'eu' : 'us'],
});

export type PagerDutySettings = SettingsOf<typeof pagerdutyForm>;
