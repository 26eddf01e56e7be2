import { AWS_KEYS, type ChannelStub, isObject, isSignedFor, isText, json, parsed } from './channel-stub.ts';
import type { Answer, Received } from './faults.ts';
import { startHttpStub } from './http-stub.ts';

export interface EventBridgeStub extends ChannelStub {
  /** The next entry is refused with this code in an answer of 200. */
  refuse(code: string): void;
}

/** EventBridge's PutEvents (docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html), with the signature checked. */
export async function startEventBridgeStub(): Promise<EventBridgeStub> {
  const accepted: string[] = [];
  let code: string | null = null;
  const stub = await startHttpStub({
    take,
    rateLimited: () => json(400, { __type: 'ThrottlingException', message: 'Rate exceeded' }),
    revoked: () =>
      json(400, { __type: 'com.amazon.coral.service#AccessDeniedException', Message: 'not authorized' }),
    archived: () => json(400, { __type: 'ResourceNotFoundException', message: 'Event bus does not exist.' }),
  });
  return {
    settings: { bus: 'default', region: 'eu-west-1' },
    endpoint: stub.origin,
    secret: AWS_KEYS.secretAccessKey,
    accepted,
    requests: stub.requests,
    fail: stub.fail,
    refuse: (next) => {
      code = next;
    },
    close: stub.close,
  };

  function take({ method, path, headers, body }: Received): Answer {
    if (!isSignedFor('events', { method, url: path, headers, body }))
      return json(400, { __type: 'InvalidSignatureException', message: 'The signature does not match' });
    if (headers['x-amz-target'] !== 'AWSEvents.PutEvents')
      return json(400, { __type: 'UnknownOperationException' });
    const { Entries: entries } = parsed(body) ?? {};
    if (
      !Array.isArray(entries) ||
      entries.length < 1 ||
      entries.length > 10 ||
      Buffer.byteLength(body) > 256 * 1024
    )
      return json(400, { __type: 'ValidationException', message: 'Entries' });
    const ErrorCode = code ?? entries.map(entryFault).find((fault) => fault !== null) ?? null;
    code = null;
    if (ErrorCode !== null)
      return json(200, { FailedEntryCount: 1, Entries: [{ ErrorCode, ErrorMessage: 'no' }] });
    accepted.push(body);
    return json(200, { FailedEntryCount: 0, Entries: [{ EventId: '11710aed-b79e-4468-a20b-bb3c0c3b4860' }] });
  }
}

function entryFault(entry: unknown): string | null {
  if (!isObject(entry) || !isText(entry.Source) || `${entry.Source}`.startsWith('aws.'))
    return 'NotAuthorizedForSourceException';
  if (!isText(entry.DetailType, 128)) return 'InvalidArgument';
  return isText(entry.Detail) && parsed(entry.Detail) !== null ? null : 'MalformedDetail';
}
