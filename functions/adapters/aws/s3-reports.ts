import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { SECOND_MS } from '../../core/time.ts';
import type { Clock, ReportStore } from '../../ports.ts';
import { createAgent } from '../http/agent.ts';
import { boundedRequest, type HttpAnswer } from '../http/request.ts';
import type { Credentials } from './presign.ts';

export interface S3ReportsOptions {
  readonly bucket: string;
  readonly credentials: Credentials;
  readonly region: () => Promise<string>;
  readonly clock: Pick<Clock, 'now'>;
  /** Of an emulator, which takes the bucket in the path; null is S3 itself. */
  readonly endpoint: string | null;
}

export interface S3Reports extends Pick<ReportStore, 'put'> {
  /** The page; null where there is none of that name. S3 says so only to who may list, else that it is forbidden. */
  get(name: string): Promise<string | null>;
}

const DEADLINE_MS = 4 * SECOND_MS;
/** Reports have 300 KB at most, the page of the fleet grows with it. */
const PAGE_BYTES = 5 * 1024 * 1024;

/** Pages in a bucket, by one signed request each: the SDK's client would be a third of the package. */
export function createS3Reports(options: S3ReportsOptions): S3Reports {
  return {
    async put(name, html) {
      const { status, body } = await call(options, name, html);
      if (status !== 200) throw new Error(`S3 answered ${status} ${codeOf(body)}`.trim());
    },
    async get(name) {
      const { status, body, truncated } = await call(options, name, null);
      if (status === 404 || status === 403) return null;
      if (status !== 200) throw new Error(`S3 answered ${status} ${codeOf(body)}`.trim());
      if (truncated) throw new Error(`the page has more than ${PAGE_BYTES} bytes`);
      return body;
    },
  };
}

/** @param html what is put; null: what is there is asked for. */
async function call(
  { bucket, credentials, region, clock, endpoint }: S3ReportsOptions,
  name: string,
  html: string | null,
): Promise<HttpAnswer> {
  const where = await region();
  const url = placeOf(bucket, where, name, endpoint);
  const signer = new SignatureV4({
    service: 's3',
    region: where,
    credentials,
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: true,
  });
  const signed = await signer.sign(
    {
      method: html === null ? 'GET' : 'PUT',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== '' && { port: Number(url.port) }),
      path: url.pathname,
      headers: {
        host: url.host,
        ...(html !== null && { 'content-type': 'text/html; charset=utf-8' }),
      },
      ...(html !== null && { body: html }),
    },
    { signingDate: new Date(clock.now()) },
  );
  const dispatcher = createAgent();
  const answer = await boundedRequest({
    url: url.href,
    method: html === null ? 'GET' : 'PUT',
    headers: signed.headers,
    ...(html === null ? { maxBytes: PAGE_BYTES } : { body: html }),
    dispatcher,
    deadlineMs: DEADLINE_MS,
    fresh: true,
  }).finally(() => dispatcher.destroy());
  if (answer.kind !== 'answer') throw new Error(`S3 could not be reached: ${answer.detail}`);
  return answer;
}

function placeOf(bucket: string, region: string, name: string, endpoint: string | null): URL {
  const key = encodeURIComponent(name);
  if (endpoint !== null) return new URL(`${endpoint.replace(/\/$/, '')}/${bucket}/${key}`);
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return new URL(`https://${bucket}.s3.${region}.${domain}/${key}`);
}

/** `AccessDenied`: the code says enough. */
const codeOf = (xml: string): string => /<Code>(\w{1,60})<\/Code>/.exec(xml)?.[1] ?? '';
