import { describe, expect, test } from '@jest/globals';
import { cannedRequest, opened } from './samples.ts';
import { slackNotifier } from './senders.ts';

const WEBHOOK = 'https://hooks.slack.com/services/T0/B0/aSecretNobodyMaySee';

describe('the address', () => {
  test.each([
    { name: 'the webhook itself', webhook: WEBHOOK, endpoint: null, want: WEBHOOK },
    {
      name: 'a line end from a file is no part of it',
      webhook: `${WEBHOOK}\n`,
      endpoint: null,
      want: WEBHOOK,
    },
    {
      name: 'an endpoint replaces scheme and host',
      webhook: WEBHOOK,
      endpoint: 'http://127.0.0.1:99/',
      want: 'http://127.0.0.1:99/services/T0/B0/aSecretNobodyMaySee',
    },
    {
      name: 'an endpoint may have a path',
      webhook: WEBHOOK,
      endpoint: 'http://proxy/slack',
      want: 'http://proxy/slack/services/T0/B0/aSecretNobodyMaySee',
    },
  ])('$name', async ({ webhook, endpoint, want }) => {
    const urls: string[] = [];
    const request = (wanted: { url: string }) => {
      urls.push(wanted.url);
      return cannedRequest(200, 'ok').request({ url: '', deadlineMs: 0 });
    };
    await slackNotifier({ webhook, endpoint, request }).send(opened);
    expect(urls).toEqual([want]);
  });

  test.each(['not a url', 'file:///etc/passwd', 'T0/B0/x'])(
    '"%s" is no webhook: the alert waits',
    async (webhook) => {
      const { request, bodies } = cannedRequest(200, 'ok');
      expect(await slackNotifier({ webhook, endpoint: null, request }).send(opened)).toEqual({
        kind: 'later',
        afterMs: 30_000,
        detail: expect.stringMatching(/holds no web address/),
        credentials: true,
      });
      expect(bodies).toEqual([]);
    },
  );
});
