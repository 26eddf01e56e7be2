import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { describeBadDocument } from '../../functions/config/describe.ts';
import { isBad } from '../../functions/config/parse.ts';
import { parseChannel, parseChannelFile, parseTarget } from '../../functions/config/parse-text.ts';
import { EVERYTHING } from '../../functions/core/channel.ts';
import { DEFAULT_POLICY } from '../../functions/core/policy.ts';
import { badFiles, badOf, FIXTURES, originOf, targetFrom } from './documents.ts';

const MESSAGES = new URL('messages.txt', FIXTURES);
const sections = badFiles().map((name) => ({ name, text: describeBadDocument(badOf(name)) }));
if (process.env.UPDATE_GOLDEN === '1') {
  writeFileSync(MESSAGES, sections.map(({ text }) => `${text}\n`).join('\n'));
}

describe('every problem of a bad document, in plain words', () => {
  const expected = readFileSync(MESSAGES, 'utf8').trimEnd().split('\n\n');

  test('each file has its messages', () => expect(expected).toHaveLength(sections.length));

  test.each(sections)('$name', ({ name, text }) => {
    expect(text).toBe(expected.find((section) => section.startsWith(`${name}:`))?.trimEnd());
  });

  test.each(sections)('$name shows no secret', ({ text }) => {
    expect(text).not.toMatch(/hunter2/);
  });
});

describe('a good document', () => {
  test('says little and gets the defaults', () => {
    expect(targetFrom('namespace: airflow\nhealth: { podPort: 8974 }\n')).toEqual({
      id: 'prod',
      cluster: { kind: 'kubeconfig', path: null, context: null },
      namespace: 'airflow',
      components: [{ name: 'scheduler', selector: 'component=scheduler', container: null }],
      health: [{ kind: 'pod', port: 8974, path: '/health' }],
      database: null,
      policy: DEFAULT_POLICY,
      channels: null,
    });
  });

  test('may set every key of the policy', () => {
    const text = `namespace: airflow
health: { podPort: 8974 }
policy:
  mode: remediate
  watchSeverity: critical
  failures: 20
  heartbeatLimit: 15s
  stallLimit: 1m30s
  unreachableLimit: 90s
  startupGrace: 1.5h
  databaseGrace: 500ms
  recoveryLimit: 30d
  cooldown: 1h
  budget: { per: 1d }
  tasksRunning: hold
  memory: { restartAbove: 90%, when: quiet }
  starving: remove
  allowUnsafe: true
`;
    expect(targetFrom(text).policy).toEqual({
      mode: 'remediate',
      watchSeverity: 'critical',
      failures: 20,
      heartbeatLimitMs: 15_000,
      stallLimitMs: 90_000,
      unreachableLimitMs: 90_000,
      startupGraceMs: 5_400_000,
      databaseGraceMs: 500,
      recoveryLimitMs: 2_592_000_000,
      cooldownMs: 3_600_000,
      budget: { removals: 2, perMs: 86_400_000 },
      tasksRunning: 'hold',
      memory: { restartAbove: 0.9, when: 'quiet' },
      starving: 'remove',
      nodeSick: 'alert',
      allowUnsafe: true,
    });
  });

  test('in JSON may name its schema', () => {
    const text =
      '{"$schema": "x", "namespace": "airflow", "database": {"engine": "mysql", "secret": "env:DB"}}';
    expect(targetFrom(text, 'prod.json').database).toEqual({
      engine: 'mysql',
      secret: { scheme: 'env', name: 'DB' },
      auth: 'password',
    });
  });

  test('resolves its paths through the caller', () => {
    const text = `namespace: airflow
cluster: { kubeconfig: ./kubeconfig, context: kind }
database: { engine: postgres, secret: "file:db.url" }
`;
    const parsed = parseTarget(text, { ...originOf('prod.yaml'), resolvePath: (path) => `<${path}>` });
    expect(parsed).toMatchObject({
      cluster: { kind: 'kubeconfig', path: '<./kubeconfig>', context: 'kind' },
      database: { secret: { scheme: 'file', name: '<db.url>' } },
    });
  });

  test.each([
    'component=scheduler,release=airflow',
    'app.kubernetes.io/name==airflow, tier != web',
    'component in (scheduler, standalone),!canary',
    'component',
  ])('may select pods by %s', (selector) => {
    const text = JSON.stringify({
      namespace: 'a',
      health: { podPort: 1 },
      components: { scheduler: { selector } },
    });
    expect(targetFrom(text).components).toEqual([{ name: 'scheduler', selector, container: null }]);
  });

  test('needs an id of its own when its file has a name that is none', () => {
    const parsed = parseTarget('namespace: a\nhealth: { podPort: 1 }', {
      ...originOf('x.yaml'),
      defaultId: 'My File',
    });
    expect(isBad(parsed) && describeBadDocument(parsed)).toBe(
      'x.yaml: id: found nothing, and the name of the document is "My File"; ' +
        'expected an id: lower-case letters, digits and hyphens, at most 63, such as prod-airflow',
    );
  });
});

describe('channels', () => {
  test('good ones survive the bad ones beside them', () => {
    const text = readFileSync(new URL('bad-channels.yaml', FIXTURES), 'utf8');
    expect(parseChannelFile(text, originOf('bad-channels.yaml')).channels).toEqual([
      {
        name: 'fine',
        type: 'slack',
        settings: { webhook: { scheme: 'env', name: 'SLACK_WEBHOOK' } },
        endpoint: null,
        rules: EVERYTHING,
      },
    ]);
  });

  test('may hold their secrets themselves, over http only on this machine', () => {
    const text = `channels:
  a: { type: slack, webhook: "http://127.0.0.1:8080/services/T/B/x", endpoint: "http://proxy:3128" }
  b: { type: slack, webhook: "https://hooks.slack.com/services/T/B/x" }
  c: { type: pagerduty, routingKey: 0123456789abcdef0123456789ABCDEF, endpoint: "https://events.eu.pagerduty.com" }
`;
    expect(parseChannelFile(text, originOf('channels.yaml'))).toEqual({
      channels: [
        {
          name: 'a',
          type: 'slack',
          settings: { webhook: 'http://127.0.0.1:8080/services/T/B/x' },
          endpoint: 'http://proxy:3128',
          rules: EVERYTHING,
        },
        {
          name: 'b',
          type: 'slack',
          settings: { webhook: 'https://hooks.slack.com/services/T/B/x' },
          endpoint: null,
          rules: EVERYTHING,
        },
        {
          name: 'c',
          type: 'pagerduty',
          settings: { routingKey: '0123456789abcdef0123456789ABCDEF' },
          rules: EVERYTHING,
          endpoint: 'https://events.eu.pagerduty.com',
        },
      ],
      bad: null,
    });
  });

  test('may come one by one, named by their parameter', () => {
    const origin = { format: 'json' as const, source: '/watchdog/channels/oncall', defaultId: 'oncall' };
    expect(parseChannel('{"type":"pagerduty","routingKey":"ssm:/pd"}', origin).channels).toEqual([
      {
        name: 'oncall',
        type: 'pagerduty',
        settings: { routingKey: { scheme: 'ssm', name: '/pd' } },
        endpoint: null,
        rules: EVERYTHING,
      },
    ]);
    expect(parseChannel('{"type":"pigeon"}', origin).bad?.problems).toEqual([
      {
        path: 'channels.oncall.type',
        found: '"pigeon"',
        expected: 'one of slack, pagerduty, teams, email, sns, eventbridge, alertmanager, webhook',
        didYouMean: null,
      },
    ]);
  });
});
