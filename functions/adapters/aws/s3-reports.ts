import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { SECOND_MS } from '../../core/time.ts';
import type { Clock, ReportStore } from '../../ports.ts';
import { createAgent } from '../http/agent.ts';
import { boundedRequest } from '../http/request.ts';
import type { Credentials } from './presign.ts';

export interface S3ReportsOptions {
  readonly bucket: string;
  readonly credentials: Credentials;
  readonly region: () => Promise<string>;
  readonly clock: Pick<Clock, 'now'>;
  /** Of an emulator, which takes the bucket in the path; null is S3 itself. */
  readonly endpoint: string | null;
}

const DEADLINE_MS = 4 * SECOND_MS;

/** Pages in a bucket, by one signed PUT each: the SDK's client would be a third of the package. */
export function createS3Reports({
  bucket,
  credentials,
  region,
  clock,
  endpoint,
}: S3ReportsOptions): Pick<ReportStore, 'put'> {
  return {
    async put(name, html) {
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
          method: 'PUT',
          protocol: url.protocol,
          hostname: url.hostname,
          ...(url.port !== '' && { port: Number(url.port) }),
          path: url.pathname,
          headers: { host: url.host, 'content-type': 'text/html; charset=utf-8' },
          body: html,
        },
        { signingDate: new Date(clock.now()) },
      );
      const dispatcher = createAgent();
      const answer = await boundedRequest({
        url: url.href,
        method: 'PUT',
        headers: signed.headers,
        body: html,
        dispatcher,
        deadlineMs: DEADLINE_MS,
        fresh: true,
      }).finally(() => dispatcher.destroy());
      if (answer.kind !== 'answer') throw new Error(`S3 could not be reached: ${answer.detail}`);
      if (answer.status !== 200)
        throw new Error(`S3 answered ${answer.status} ${codeOf(answer.body)}`.trim());
    },
  };
}

function placeOf(bucket: string, region: string, name: string, endpoint: string | null): URL {
  const key = encodeURIComponent(name);
  if (endpoint !== null) return new URL(`${endpoint.replace(/\/$/, '')}/${bucket}/${key}`);
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return new URL(`https://${bucket}.s3.${region}.${domain}/${key}`);
}

/** `AccessDenied`: the code says enough. */
const codeOf = (xml: string): string => /<Code>(\w{1,60})<\/Code>/.exec(xml)?.[1] ?? '';
