import { quote } from '../../core/redact.ts';
import type { AwsCall, SignAws } from '../http/aws-call.ts';
import { type Posted, postJson, RETRY_MS, type Request } from './post.ts';
import type { ChannelDelivery } from './sender.ts';

/** What AWS calls being too busy (docs.aws.amazon.com, "Common errors"); those with 4xx are not told by their status. */
const BUSY =
  /Throttl|TooManyRequests|RequestLimit|SlowDown|InternalFailure|InternalError|ServiceUnavailable/i;
const CREDENTIALS =
  /Expired|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|IncompleteSignature/i;

export interface AwsService {
  readonly request: Request;
  readonly sign: SignAws;
  readonly service: string;
  /** What the role must be allowed to do. */
  readonly right: string;
}

/** Signs a call, sends it once, and says what AWS answered; null: it was taken, as far as the status tells. */
export async function callAws(
  call: AwsCall,
  { request, sign, service, right }: AwsService,
): Promise<{ readonly delivery: ChannelDelivery | null; readonly body: string }> {
  const signed = await sign(call).catch((error: unknown) =>
    Error.isError(error) ? error : new Error(`${error}`),
  );
  if (signed instanceof Error) {
    const detail = `There are no credentials of AWS to sign with: ${quote(signed.message, 200)}; nothing was sent`;
    return { delivery: { kind: 'later', afterMs: RETRY_MS, detail }, body: '' };
  }
  const { url, headers } = signed;
  const posted = await postJson(call.body, { request, service, url, secrets: [], headers });
  return { delivery: settle(posted, service, right), body: posted.kind === 'answered' ? posted.body : '' };
}

function settle(posted: Posted, service: string, right: string): ChannelDelivery | null {
  if (posted.kind === 'unsettled') return posted.delivery;
  const { status, said, body } = posted;
  if (status >= 200 && status < 300) return null;
  return awsRefusal(codeIn(body), `${status}, ${said}`, service, right);
}

/** By AWS's own code, which says more than the status. */
export function awsRefusal(code: string, said: string, service: string, right: string): ChannelDelivery {
  if (BUSY.test(code))
    return { kind: 'later', afterMs: RETRY_MS, detail: `${service} asks to slow down (${code})` };
  if (CREDENTIALS.test(code))
    return {
      kind: 'later',
      afterMs: RETRY_MS,
      detail: `${service} does not take the credentials (${code}); they may have just been renewed`,
    };
  if (/AccessDenied|AuthorizationError|NotAuthorized/i.test(code))
    return { kind: 'refused', detail: `${service} forbids it (${code}); allow the watchdog's role ${right}` };
  if (/NotFound/i.test(code))
    return {
      kind: 'refused',
      detail: `${service} knows no such place (${code}); correct the channel's document`,
    };
  return { kind: 'refused', detail: `${service} refused the message (${said})` };
}

/** Said yes, but not in the service's own words. */
export function foreign(service: string): ChannelDelivery {
  const detail = `What answered (200) does not speak as ${service} does; a proxy may be in the way`;
  return { kind: 'later', afterMs: RETRY_MS, detail };
}

/** `<Code>X</Code>` of the query services, `"__type":"…#X"` of the JSON ones. */
function codeIn(body: string): string {
  return (
    /<Code>([A-Za-z.]{1,80})<\/Code>/.exec(body)?.[1] ??
    /"__type"\s*:\s*"(?:[^"#]*#)?([A-Za-z]{1,80})"/.exec(body)?.[1] ??
    ''
  );
}
