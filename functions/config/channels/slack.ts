import { channelForm, type SecretShape, type SettingsOf, secretText, secretUrl } from '../channel-form.ts';
import { text } from '../form.ts';

const webhook = secretUrl(
  'web address of a Slack webhook: expected https and a path below /services/ or /workflows/',
  (url) =>
    /(^|\.)slack(-gov)?\.com$/.test(url.hostname) && !/^\/(services|workflows|triggers)\/./.test(url.pathname)
      ? 'no webhook'
      : null,
);

const token: SecretShape = {
  expected: 'bot token: expected one that begins with xoxb-',
  fits: (found) => /^xoxb-[A-Za-z0-9-]{10,250}$/.test(found),
};

export const slackForm = channelForm({
  type: 'slack',
  meaning: 'Slack: an incoming webhook, or a bot that keeps one message per incident up to date.',
  shape: () => ({
    webhook: secretText(webhook, 'an https URL (http only to this machine)')
      .optional()
      .describe('The incoming webhook, best as a reference: the URL is a secret.'),
    token: secretText(token, 'a bot token that begins with xoxb-')
      .optional()
      .describe('The bot token (scope chat:write), best as a reference; needs channel.'),
    channel: text(/^[CDG][A-Z0-9]{6,20}$/, "the channel's ID, such as C0123ABCDEF")
      .optional()
      .describe('ID of the channel that the bot posts to.'),
  }),
  example: '{ type: slack, webhook: env:SLACK_WEBHOOK }',
  secrets: { webhook, token },
  hosts: ['hooks.slack.com', 'hooks.slack-gov.com', 'slack.com', 'slack-gov.com'],
  endpoint: 'scheme and host of the webhook, or https://slack.com',
  addressOf: ({ webhook: found }) => (typeof found === 'string' ? found : 'https://slack.com'),
  rule: (document) => {
    const has = (key: string) => document[key] !== undefined;
    const wrong = (at: string) => ({ at, expected: 'either webhook, or token and channel' });
    if (has('webhook')) return has('token') || has('channel') ? wrong('webhook') : null;
    if (has('token') && has('channel')) return null;
    return wrong(has('token') ? 'channel' : has('channel') ? 'token' : 'webhook');
  },
});

export type SlackSettings = SettingsOf<typeof slackForm>;
