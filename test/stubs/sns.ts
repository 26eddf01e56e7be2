import { AWS_KEYS, type ChannelStub, isSignedFor, parsed } from './channel-stub.ts';
import type { Answer, Received } from './faults.ts';
import { startHttpStub } from './http-stub.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:oncall';

/** SNS's Publish (docs.aws.amazon.com/sns/latest/api/API_Publish.html), with the signature checked. */
export async function startSnsStub(topicArn = TOPIC): Promise<ChannelStub> {
  const accepted: string[] = [];
  const seen = new Set<string>();
  const stub = await startHttpStub({
    take,
    rateLimited: () => refused(400, 'Throttled', 'Rate exceeded'),
    revoked: () => refused(403, 'AuthorizationError', 'not authorized to perform: SNS:Publish'),
    archived: () => refused(404, 'NotFound', 'Topic does not exist'),
  });
  return {
    settings: { topicArn },
    endpoint: stub.origin,
    secret: AWS_KEYS.secretAccessKey,
    accepted,
    requests: stub.requests,
    fail: stub.fail,
    close: stub.close,
  };

  function take({ method, path, headers, body }: Received): Answer {
    if (!isSignedFor('sns', { method, url: path, headers, body }))
      return refused(403, 'SignatureDoesNotMatch', 'The signature does not match');
    const form = Object.fromEntries(new URLSearchParams(body));
    if (form.Action !== 'Publish' || form.TopicArn !== topicArn)
      return refused(404, 'NotFound', 'Topic does not exist');
    const fault = publicationFault(form);
    if (fault !== null) return refused(400, 'InvalidParameter', fault);
    const key = form.MessageDeduplicationId;
    if (key === undefined || !seen.has(key)) accepted.push(form.Message ?? '');
    if (key !== undefined) seen.add(key);
    return {
      status: 200,
      headers: { 'content-type': 'text/xml' },
      body: '<PublishResponse><PublishResult><MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId></PublishResult></PublishResponse>',
    };
  }
}

/** In the words of SNS; null when it takes the message. */
export function publicationFault(form: Readonly<Record<string, string | undefined>>): string | null {
  const { Subject: subject = '', Message: message = '', TopicArn: topic = '' } = form;
  if (subject !== '' && (subject.length >= 100 || !/^[\x21-\x7e][\x20-\x7e]*$/.test(subject)))
    return 'Subject';
  if (message === '' || Buffer.byteLength(message) > 256 * 1024) return 'Message too long';
  if (form.MessageStructure === 'json' && typeof parsed(message)?.default !== 'string')
    return 'Message Structure - No default entry in JSON message body';
  for (let at = 1; form[`MessageAttributes.entry.${at}.Name`] !== undefined; at += 1) {
    if (!form[`MessageAttributes.entry.${at}.Value.StringValue`])
      return 'MessageAttributes must contain non-empty values';
  }
  if (topic.endsWith('.fifo') !== (form.MessageGroupId !== undefined)) return 'MessageGroupId';
  return null;
}

function refused(status: number, code: string, message: string): Answer {
  const body = `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return { status, body, headers: { 'content-type': 'text/xml' } };
}
