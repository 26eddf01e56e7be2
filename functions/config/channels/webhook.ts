import { channelForm, type SecretShape, type SettingsOf, secretText, secretUrl } from '../channel-form.ts';

/** 24 to 64 bytes in base64, as the specification asks for. */
const SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

const url = secretUrl('web address: expected https', (found) =>
  /^(169\.254\.|\[fe80:|\[fd00:ec2::254\]$)/.test(found.hostname) ? 'metadata' : null,
);
const secret: SecretShape = {
  expected: 'secret of a webhook: expected whsec_ and 24 to 64 bytes in base64',
  fits: (found) => SECRET.test(found),
};

export const webhookForm = channelForm({
  type: 'webhook',
  meaning: 'Any receiver of webhooks, signed as standardwebhooks.com specifies.',
  shape: () => ({
    url: secretText(url, 'an https URL (http only to this machine)').describe('Where it is posted to.'),
    secret: secretText(secret, 'whsec_ and 24 to 64 bytes in base64').describe(
      'What the receiver checks the signature with, best as a reference.',
    ),
  }),
  example: '{ type: webhook, url: "https://example.com/hook", secret: env:WEBHOOK_SECRET }',
  secrets: { url, secret },
  hosts: [],
  endpoint: 'scheme and host of url',
});

export type WebhookSettings = SettingsOf<typeof webhookForm>;
