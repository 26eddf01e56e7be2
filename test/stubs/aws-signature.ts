import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface SignedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Signature {
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  readonly region: string;
  readonly service: string;
  readonly signedAt: number;
  /** Whether it was made with this secret. */
  isFrom(secretAccessKey: string): boolean;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** AWS Signature Version 4 of a request, in its query or in its header; null when there is none or it is malformed. */
export function signatureOf(request: SignedRequest): Signature | null {
  const { pathname, searchParams } = new URL(request.url, 'http://unused');
  const query = [...searchParams];
  const given = searchParams.has('X-Amz-Signature') ? inQuery(searchParams) : inHeader(request.headers);
  const [accessKeyId, day, region, service, end] = (given?.credential ?? '').split('/');
  if (given === null || !accessKeyId || !day || !region || !service || end !== 'aws4_request') return null;
  const signedAt = Date.parse(
    given.date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (Number.isNaN(signedAt) || !given.date.startsWith(day)) return null;
  const names = given.signedHeaders.split(';');
  if (!names.includes('host')) return null;

  const canonical = [
    request.method,
    pathname,
    query
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
      .sort()
      .join('&'),
    ...names.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`),
    '',
    given.signedHeaders,
    sha256(request.body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = [ALGORITHM, given.date, scope, sha256(canonical)].join('\n');
  return {
    accessKeyId,
    sessionToken: given.sessionToken,
    region,
    service,
    signedAt,
    isFrom(secretAccessKey) {
      let key: Buffer | string = `AWS4${secretAccessKey}`;
      for (const part of [day, region, service, 'aws4_request']) key = hmac(key, part);
      const wanted = hmac(key, text);
      const actual = Buffer.from(given.signature, 'hex');
      return actual.length === wanted.length && timingSafeEqual(actual, wanted);
    },
  };
}

function inQuery(query: URLSearchParams) {
  return {
    credential: query.get('X-Amz-Credential') ?? '',
    date: query.get('X-Amz-Date') ?? '',
    signedHeaders: query.get('X-Amz-SignedHeaders') ?? '',
    signature: query.get('X-Amz-Signature') ?? '',
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
  };
}

function inHeader(headers: IncomingHttpHeaders) {
  const form = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/;
  const [, credential, signedHeaders, signature] = form.exec(headers.authorization ?? '') ?? [];
  if (credential === undefined || signedHeaders === undefined || signature === undefined) return null;
  const sessionToken = headers['x-amz-security-token'] as string | undefined;
  return { credential, date: String(headers['x-amz-date'] ?? ''), signedHeaders, signature, sessionToken };
}

const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const escaped = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
