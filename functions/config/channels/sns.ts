import { channelForm, type SettingsOf } from '../channel-form.ts';
import { text } from '../form.ts';

export const snsForm = channelForm({
  type: 'sns',
  meaning: 'A topic of Amazon SNS, with the credentials that the watchdog runs with.',
  shape: () => ({
    topicArn: text(
      /^arn:aws[a-z-]*:sns:[a-z]{2}(-[a-z]+)+-\d:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$/,
      'a topic such as arn:aws:sns:eu-west-1:123456789012:oncall',
    ).describe('The topic; the watchdog needs sns:Publish on it.'),
  }),
  example: '{ type: sns, topicArn: "arn:aws:sns:eu-west-1:123456789012:oncall" }',
  secrets: {},
  hosts: ['sns.*.amazonaws.com', 'sns.*.amazonaws.com.cn'],
  endpoint: 'https://sns.REGION.amazonaws.com',
  addressOf: ({ topicArn }) => snsAddress(`${topicArn}`),
});

/** In the region and partition of the topic. */
export function snsAddress(topicArn: string): string {
  const [, partition, , region] = topicArn.split(':');
  return `https://sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}/`;
}

export type SnsSettings = SettingsOf<typeof snsForm>;
