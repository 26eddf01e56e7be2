import { describe, expect, test } from '@jest/globals';
import type { Request } from '../../../functions/adapters/alerts/post.ts';
import { cannedRequest, opened } from './samples.ts';
import { missing, NEW, notifierOf, OLD, pager, secretsOf, slack, slackKnowing } from './secret-rig.ts';

const delivered = { kind: 'delivered' };

describe('a refusal that smells of credentials', () => {
  test('fetches the secret again, and a rotated one delivers in the same breath', async () => {
    const secrets = secretsOf(OLD, NEW);
    const { request, asked } = slackKnowing(NEW);
    const notifier = notifierOf(slack, secrets, request);
    expect(await notifier.send(opened)).toEqual(delivered);
    expect(await notifier.send(opened)).toEqual(delivered);
    expect(secrets.asked).toHaveLength(2);
    expect(asked).toEqual([OLD, NEW, NEW]);
  });

  test('is passed on when the secret is the same, after one request', async () => {
    const secrets = secretsOf(OLD);
    const { request, asked } = slackKnowing(NEW);
    const notifier = notifierOf(slack, secrets, request);
    expect(await notifier.send(opened)).toEqual({
      kind: 'refused',
      detail: expect.stringMatching(/no_service/),
    });
    expect(asked).toEqual([OLD]);
    expect(secrets.asked).toHaveLength(2);
  });

  test('is passed on when the new secret is refused, too', async () => {
    const { request, asked } = slackKnowing();
    const notifier = notifierOf(slack, secretsOf(OLD, NEW, 'https://x/3'), request);
    expect(await notifier.send(opened)).toMatchObject({ kind: 'refused' });
    expect(asked).toEqual([OLD, NEW]);
  });

  test('waits when the secret cannot be read any more: it may have been rotated', async () => {
    const notifier = notifierOf(slack, secretsOf(OLD, missing), slackKnowing().request);
    expect(await notifier.send(opened)).toMatchObject({
      kind: 'later',
      detail: expect.stringMatching(/not set/),
    });
  });

  test('refreshes a rotated routing key as well', async () => {
    const [old, renewed] = ['a'.repeat(32), 'b'.repeat(32)];
    const sent: string[] = [];
    const request: Request = async ({ body = '' }) => {
      const key = JSON.parse(body).routing_key;
      sent.push(key);
      const answer =
        key === renewed
          ? { status: 202, body: '{"status":"success"}' }
          : { status: 400, body: '{"errors":["Invalid routing key"]}' };
      return { kind: 'answer', headers: {}, truncated: false, ...answer };
    };
    const notifier = notifierOf(pager, secretsOf(old, renewed), request);
    expect(await notifier.send(opened)).toEqual(delivered);
    expect(sent).toEqual([old, renewed]);
  });

  test('any other refusal asks for no secret', async () => {
    const secrets = secretsOf(OLD, NEW);
    const notifier = notifierOf(slack, secrets, cannedRequest(400, 'invalid_payload').request);
    expect(await notifier.send(opened)).toMatchObject({ kind: 'refused' });
    expect(secrets.asked).toEqual(['HOOK']);
  });
});
