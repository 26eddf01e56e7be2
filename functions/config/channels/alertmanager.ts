import { MINUTE_MS } from '../../core/time.ts';
import { channelForm, isKeptSecret, type SecretShape, type SettingsOf, secretText } from '../channel-form.ts';
import { isPlainUrl } from '../form.ts';

const url: SecretShape = {
  expected: 'web address of an Alertmanager: expected http or https, such as http://alertmanager:9093',
  fits: isPlainUrl,
  address: { safe: ['https:', 'http:'], plain: [], isSecret: false },
};
const token: SecretShape = {
  expected: 'bearer token: expected letters, digits and ._~+/=-',
  fits: (found) => /^[A-Za-z0-9._~+/=-]{8,4096}$/.test(found),
};

export const alertmanagerForm = channelForm({
  type: 'alertmanager',
  meaning: 'Prometheus Alertmanager, API v2.',
  shape: () => ({
    url: secretText(url, 'an http or https URL').describe('Its address, such as http://alertmanager:9093.'),
    token: secretText(token, 'a bearer token')
      .optional()
      .describe('Bearer token for a proxy in front of it, best as a reference; needs https.'),
  }),
  example: '{ type: alertmanager, url: "http://alertmanager:9093" }',
  secrets: { url, token },
  hosts: [],
  endpoint: 'url',
  // An alert that is not repeated ends by its `endsAt`; three repeats may be lost.
  refreshEveryMs: 3 * MINUTE_MS,
  rule: ({ url: found, token: given }) =>
    given !== undefined && typeof found === 'string' && isPlainUrl(found) && !isKeptSecret(new URL(found))
      ? { at: 'url', expected: 'https, since there is a token' }
      : null,
});

export type AlertmanagerSettings = SettingsOf<typeof alertmanagerForm>;
