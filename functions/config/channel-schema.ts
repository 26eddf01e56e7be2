import * as z from 'zod';
import { isPlainUrl, isSafeUrl, map, NAME, NAME_FORM, REFERENCE, REFERENCE_FORM, text } from './form.ts';

/** Types that can be used now, and those that the contract names but this build cannot send yet. */
export const CHANNEL_TYPES = ['slack', 'pagerduty'] as const;
export const PLANNED_CHANNEL_TYPES = ['sns', 'webhook', 'eventbridge'] as const;

const looksLikeReference = (found: string) => /^(env|file|ssm|secretsmanager):/.test(found);

/** A reference, or the value itself. A text that starts like a reference has to be a whole one. */
const value = (isLiteral: (found: string) => boolean, literal: string) => {
  const expected = `${REFERENCE_FORM}, or ${literal}`;
  return z
    .string({ error: expected })
    .refine((found) => (looksLikeReference(found) ? REFERENCE.test(found) : isLiteral(found)), {
      error: expected,
    });
};

const endpoint = (meaning: string) =>
  z
    .string({ error: 'an http or https URL without user and password' })
    .refine(isPlainUrl, { error: 'an http or https URL without user and password' })
    .optional()
    .describe(meaning);

const slackSchema = map(
  {
    type: z.literal('slack').describe('A Slack incoming webhook.'),
    webhook: value(isSafeUrl, 'an https URL (http only to this machine)').describe(
      'The incoming webhook, best as a reference: the URL is a secret.',
    ),
    endpoint: endpoint('For tests and proxies: replaces scheme and host of the webhook.'),
  },
  'a map such as { type: slack, webhook: env:SLACK_WEBHOOK }',
);

const pagerdutySchema = map(
  {
    type: z.literal('pagerduty').describe('PagerDuty Events API v2.'),
    routingKey: value(
      (found) => /^[A-Za-z0-9]{32}$/.test(found),
      'an integration key of 32 letters and digits',
    ).describe('Integration (routing) key of the service, best as a reference.'),
    endpoint: endpoint('For tests, proxies and the EU region: replaces https://events.pagerduty.com.'),
  },
  'a map such as { type: pagerduty, routingKey: env:PAGERDUTY_KEY }',
);

export const CHANNEL_SCHEMAS = { slack: slackSchema, pagerduty: pagerdutySchema } as const;
export type ChannelDocument = z.infer<typeof slackSchema> | z.infer<typeof pagerdutySchema>;

/** The form of channels.yaml; only for editors, `parse-channels.ts` judges each channel by itself. */
export const channelFileSchema = map(
  {
    $schema: z.string().optional().describe('For editors; ignored.'),
    channels: z
      .record(text(NAME, NAME_FORM), z.discriminatedUnion('type', [slackSchema, pagerdutySchema]))
      .describe('The channels by name.'),
  },
  'a map with channels',
);
