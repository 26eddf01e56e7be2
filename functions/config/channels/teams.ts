import { channelForm, type SettingsOf, secretText, secretUrl } from '../channel-form.ts';

const webhook = secretUrl(
  'web address of a Teams workflow: expected https and a path below /workflows/ or /powerautomate/',
  (url) => (/\/(workflows|powerautomate)\/./.test(url.pathname) ? null : 'no workflow'),
);

export const teamsForm = channelForm({
  type: 'teams',
  meaning: 'Microsoft Teams: a workflow that posts what a webhook brings.',
  shape: () => ({
    webhook: secretText(webhook, 'the https URL of a workflow').describe(
      'URL of the workflow "Post to a channel when a webhook request is received", best as a reference: it is a secret.',
    ),
  }),
  example: '{ type: teams, webhook: env:TEAMS_WORKFLOW }',
  secrets: { webhook },
  hosts: ['*.logic.azure.com', '*.api.powerplatform.com'],
  endpoint: 'scheme and host of the webhook',
});

export type TeamsSettings = SettingsOf<typeof teamsForm>;
