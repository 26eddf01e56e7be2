import { expect, test } from '@jest/globals';
import { eksToken } from '../../../functions/adapters/aws/eks-token.ts';
import { createRdsToken } from '../../../functions/adapters/aws/rds-token.ts';

const KEYS = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret', sessionToken: 'session/+=' };
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

test.each([
  ['eu-west-1', 'sts.eu-west-1.amazonaws.com'],
  ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
  ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
  ['us-iso-east-1', 'sts.us-iso-east-1.c2s.ic.gov'],
  ['us-isob-east-1', 'sts.us-isob-east-1.sc2s.sgov.gov'],
  ['eu-isoe-west-1', 'sts.eu-isoe-west-1.cloud.adc-e.uk'],
  ['us-isof-south-1', 'sts.us-isof-south-1.csp.hci.ic.gov'],
  ['eusc-de-east-1', 'sts.eusc-de-east-1.amazonaws.eu'],
])('an EKS token for %s asks %s, signed for the cluster, without padding', async (region, host) => {
  const token = await eksToken({ cluster: 'prod', region, credentials: async () => KEYS, now: NOW });
  expect(token).toMatch(/^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
  const url = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString('utf8'));
  expect(url.host).toBe(host);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    Action: 'GetCallerIdentity',
    'X-Amz-Credential': `AKIATEST/20260102/${region}/sts/aws4_request`,
    'X-Amz-Date': '20260102T030405Z',
    'X-Amz-Expires': '60',
    'X-Amz-Security-Token': 'session/+=',
    'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
  });
});

test.each([
  ['db.abc.eu-west-1.rds.amazonaws.com', 'eu-west-1'],
  ['db.cluster-ro-abc.cn-north-1.rds.amazonaws.com.cn', 'cn-north-1'],
  ['airflow-db.example.com', 'ap-south-1'],
])('an RDS login for %s is signed for %s, good for 15 minutes', async (host, region) => {
  const tokenFor = createRdsToken({
    credentials: async () => KEYS,
    region: async () => 'ap-south-1',
    clock: { now: () => NOW },
  });
  const token = await tokenFor({ host, port: 5432, user: 'scheduler_watchdog' });
  const url = new URL(`https://${token}`);
  expect(url.host).toBe(`${host}:5432`);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    Action: 'connect',
    DBUser: 'scheduler_watchdog',
    'X-Amz-Credential': `AKIATEST/20260102/${region}/rds-db/aws4_request`,
    'X-Amz-Expires': '900',
    'X-Amz-SignedHeaders': 'host',
  });
});
