import { createHash } from 'node:crypto';
import { type SnsSettings, snsAddress } from '../../../config/channels/sns.ts';
import type { Notification } from '../../../core/notification.ts';
import { callAws, foreign } from '../aws-answer.ts';
import { eventData } from '../event.ts';
import { headline, plainMessage } from '../plain.ts';
import type { CreateSender } from '../sender.ts';
import { clean, cut } from '../text.ts';

/** docs.aws.amazon.com/sns/latest/api/API_Publish.html: a subject is shorter than 100 characters of ASCII. */
const SUBJECT_CHARS = 99;
/** SMS ends here; SNS would cut it into several. */
const SMS_CHARS = 140;
/** All of a message may have 256 KB, and it holds the same some ten times. */
const TEXT_CHARS = 8_000;
const VALUE_CHARS = 500;

/** Publishes to a topic: text for people, JSON for subscriptions with raw protocols, attributes for filter policies. A standard topic
 *  knows no key, so a lost answer may mean a message twice; a FIFO topic drops the second. */
export const createSender: CreateSender<SnsSettings> = ({ topicArn, endpoint }, { request, sign }) => {
  const region = topicArn.split(':')[3] ?? null;
  return {
    async send(notification) {
      const { delivery, body } = await callAws(
        {
          service: 'sns',
          region,
          urlIn: () => endpoint ?? snsAddress(topicArn),
          headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
          body: new URLSearchParams(publication(notification, topicArn)).toString(),
        },
        { request, sign, service: 'SNS', right: `sns:Publish on ${topicArn}` },
      );
      return delivery ?? (body.includes('<MessageId>') ? { kind: 'delivered' } : foreign('SNS'));
    },
  };
};

function publication(notification: Notification, topicArn: string): Record<string, string> {
  const data = JSON.stringify(eventData(notification, VALUE_CHARS));
  const text = cut(plainMessage(notification), TEXT_CHARS);
  const message = {
    default: text,
    email: text,
    sms: cut(headline(notification), SMS_CHARS),
    ...Object.fromEntries(
      ['http', 'https', 'lambda', 'sqs', 'email-json', 'firehose'].map((to) => [to, data]),
    ),
  };
  const { target, severity, kind, id, incident } = notification;
  return {
    Action: 'Publish',
    Version: '2010-03-31',
    TopicArn: topicArn,
    Subject: subjectOf(notification),
    MessageStructure: 'json',
    Message: JSON.stringify(message),
    ...attributes({ target, severity, change: kind }),
    ...(topicArn.endsWith('.fifo') && {
      MessageGroupId: digest(incident),
      MessageDeduplicationId: digest(id),
    }),
  };
}

function attributes(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value], at) => {
      const key = `MessageAttributes.entry.${at + 1}`;
      return [
        [`${key}.Name`, name],
        [`${key}.Value.DataType`, 'String'],
        [`${key}.Value.StringValue`, cut(clean(value), 300) || 'none'],
      ];
    }),
  );
}

/** ASCII without control characters that begins with a letter, digit or sign. */
function subjectOf(notification: Notification): string {
  const ascii = headline(notification)
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '?')
    .trim();
  return (ascii === '' ? 'scheduler-watchdog' : ascii).slice(0, SUBJECT_CHARS);
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
