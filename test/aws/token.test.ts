import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createAwsConnections } from '../../functions/adapters/aws/connections.ts';
import { createEksSessions, type EksRef } from '../../functions/adapters/aws/eks-sessions.ts';
import { eksToken } from '../../functions/adapters/aws/eks-token.ts';
import { type Authenticator, startAuthenticator } from '../rig/aws/authenticator.ts';
import { type EksStub, startEksStub } from '../stubs/eks.ts';
import { type StsStub, startStsStub } from '../stubs/sts.ts';

/** Our tokens before aws-iam-authenticator, which is what EKS runs; STS is a stand-in that checks signatures. */
const ROLE = 'arn:aws:iam::123456789012:role/watchdog';
const OTHER_ROLE = 'arn:aws:iam::210987654321:role/reader';
const MINUTE_MS = 60_000;
const KEYS = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret-of-the-function' };
let folder: string;
let sts: StsStub;
let eks: EksStub;
let authenticator: Authenticator;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-token-'));
  const arn = 'arn:aws:sts::123456789012:assumed-role/watchdog/session';
  sts = await startStsStub({
    folder,
    keys: { [KEYS.accessKeyId]: { secret: KEYS.secretAccessKey, arn } },
    roles: { [OTHER_ROLE]: 'the-external-id' },
  });
  eks = await startEksStub({ clusters: { prod: { endpoint: 'https://127.0.0.1:1', ca: '' } } });
  authenticator = await startAuthenticator({
    sts,
    clusterId: 'prod',
    folder: join(folder, 'authenticator'),
    roles: [
      { roleArn: ROLE, username: 'watchdog', groups: ['scheduler-watchdog'] },
      { roleArn: OTHER_ROLE, username: 'reader', groups: ['scheduler-watchdog'] },
    ],
  });
  process.env.AWS_ACCESS_KEY_ID = KEYS.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = KEYS.secretAccessKey;
  process.env.AWS_ENDPOINT_URL_EKS = eks.url;
  process.env.AWS_ENDPOINT_URL_STS = sts.endpointUrl;
});

afterAll(async () => {
  await Promise.all([authenticator.close(), sts.close(), eks.close()]);
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  sts.mode = 'normal';
});

/** The API server's question about a token, and what the verifier says. */
async function review(token: string) {
  const { status, authenticated, username } = await authenticator.tokenReview(token);
  return { http: status, user: authenticated ? username : null };
}

const tokenOf = (change: Partial<Parameters<typeof eksToken>[0]> = {}) =>
  eksToken({
    cluster: 'prod',
    region: 'eu-central-1',
    credentials: async () => KEYS,
    now: Date.now(),
    ...change,
  });

test.each<[string, () => Promise<string>, string | null]>([
  ['a fresh token', () => tokenOf(), 'watchdog'],
  [
    'a token of 14 minutes, when it is renewed',
    () => tokenOf({ now: Date.now() - 14 * MINUTE_MS }),
    'watchdog',
  ],
  ['a token of 16 minutes', () => tokenOf({ now: Date.now() - 16 * MINUTE_MS }), null],
  ['a token of a clock that is 16 minutes ahead', () => tokenOf({ now: Date.now() + 16 * MINUTE_MS }), null],
  ['a token for another cluster', () => tokenOf({ cluster: 'staging' }), null],
  ['a token of another region of this partition', () => tokenOf({ region: 'us-east-1' }), 'watchdog'],
  [
    'a token of unknown keys',
    () => tokenOf({ credentials: async () => ({ ...KEYS, accessKeyId: 'AKIANOBODY' }) }),
    null,
  ],
  [
    'a token of a wrong secret',
    () => tokenOf({ credentials: async () => ({ ...KEYS, secretAccessKey: 'wrong' }) }),
    null,
  ],
  [
    'a token with one character of its signature changed',
    async () => (await tokenOf()).replace(/.(?=.{8}$)/, (one) => (one === 'A' ? 'E' : 'A')),
    null,
  ],
])('%s', async (_name, token, user) => {
  expect((await review(await token())).user).toBe(user);
});

test.each(['throttled', 'down'] as const)(
  'while STS is %s nobody is let in, and afterwards again',
  async (mode) => {
    sts.mode = mode;
    expect((await review(await tokenOf())).user).toBeNull();
    sts.mode = 'normal';
    expect((await review(await tokenOf())).user).toBe('watchdog');
  },
);

test('a session of another account: the role is assumed once, with its external id, and the verifier knows it', async () => {
  const sessions = createEksSessions({ clock: { now: Date.now }, settings: createAwsConnections().settings });
  const ref: EksRef = {
    kind: 'eks',
    name: 'prod',
    region: 'eu-central-1',
    roleArn: OTHER_ROLE,
    externalId: 'the-external-id',
  };
  const session = await sessions.open(ref);
  const { authorization = '' } = await session.headers();
  expect(await review(authorization.replace('Bearer ', ''))).toEqual({ http: 200, user: 'reader' });
  await session.headers(true);
  const assumed = sts.calls.filter(({ action }) => action === 'AssumeRole');
  expect(assumed).toEqual([{ action: 'AssumeRole', externalId: 'the-external-id' }]);
  await expect(sessions.open({ ...ref, externalId: 'wrong' })).rejects.toThrow(
    /WD_EKS.*cannot be assumed.*AccessDenied.*external id/s,
  );
  await expect(sessions.open({ ...ref, name: 'absent' })).rejects.toThrow(/WD_EKS.*absent.*list-clusters/s);
  await sessions.close();
});
