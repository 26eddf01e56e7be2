/** Documents of somebody who may write parameters below the prefix and wants more; and what becomes of each. */
export interface ThiefDocument {
  readonly attempt: string;
  readonly name: `targets/${string}` | `channels/${string}`;
  readonly document: object | string;
  readonly expected: string;
}

export const THIEF = 'https://collector.thief.example';
const CLUSTER = { eks: 'prod', region: 'eu-west-1' };

type Row = readonly [attempt: string, fields: object | string, expected: string];

const target = ([attempt, fields, expected]: Row): ThiefDocument => ({
  attempt,
  name: 'targets/thief',
  document: typeof fields === 'string' ? fields : { namespace: 'airflow', cluster: CLUSTER, ...fields },
  expected,
});
const channel = ([attempt, document, expected]: Row): ThiefDocument => ({
  attempt,
  name: 'channels/thief',
  document,
  expected,
});
const asked = ([attempt, url, expected]: readonly [string, string, string]): ThiefDocument =>
  target([attempt, { health: { url } }, expected]);

const HEALTH = { health: { podPort: 8974 } };
const KEY = 'ssm:/w/secrets/pagerduty';
const HOOK = 'ssm:/w/secrets/slack';
const DATABASE = 'ssm:/w/secrets/airflow-db';

export const THIEF_DOCUMENTS: readonly ThiefDocument[] = [
  ...(
    [
      [
        'the role’s secret key to the thief’s "PagerDuty"',
        { type: 'pagerduty', routingKey: 'env:AWS_SECRET_ACCESS_KEY', endpoint: THIEF },
        'refused: channels.thief.routingKey, channels.thief.endpoint',
      ],
      [
        'a variable of the function as a webhook',
        { type: 'slack', webhook: 'env:AWS_SESSION_TOKEN' },
        'refused: channels.thief.webhook',
      ],
      [
        'a file of the function as a webhook',
        { type: 'slack', webhook: 'file:/proc/self/environ' },
        'refused: channels.thief.webhook',
      ],
      [
        'a file of the function as a routing key',
        { type: 'pagerduty', routingKey: 'file:/var/task/dist/check.mjs' },
        'refused: channels.thief.routingKey',
      ],
      [
        'somebody’s webhook to the thief’s host',
        { type: 'slack', webhook: HOOK, endpoint: THIEF },
        'refused: channels.thief.endpoint',
      ],
      [
        'somebody’s routing key to the thief’s host',
        { type: 'pagerduty', routingKey: KEY, endpoint: THIEF },
        'refused: channels.thief.endpoint',
      ],
      [
        'a webhook that is the thief’s host itself',
        { type: 'slack', webhook: `${THIEF}/services/T/B/x` },
        'refused: channels.thief.webhook',
      ],
      [
        'a host that begins like Slack’s',
        { type: 'slack', webhook: HOOK, endpoint: 'https://hooks.slack.com.thief.example' },
        'refused: channels.thief.endpoint',
      ],
      [
        'Slack’s host as a user name',
        { type: 'slack', webhook: HOOK, endpoint: 'https://hooks.slack.com@collector.thief.example' },
        'refused: channels.thief.endpoint',
      ],
      [
        'instance metadata as an endpoint',
        { type: 'pagerduty', routingKey: KEY, endpoint: 'http://169.254.169.254/' },
        'refused: channels.thief.endpoint',
      ],
      [
        'the function’s own machine as an endpoint',
        { type: 'slack', webhook: HOOK, endpoint: 'http://127.0.0.1:9001/' },
        'refused: channels.thief.endpoint',
      ],
      [
        'PagerDuty’s key to Slack’s host',
        { type: 'pagerduty', routingKey: KEY, endpoint: 'https://hooks.slack.com' },
        'refused: channels.thief.endpoint',
      ],
      [
        'a channel that posts anywhere',
        { type: 'webhook', url: THIEF, secret: 'ssm:/w/secrets/pagerduty' },
        'refused: channels.thief.url',
      ],
      [
        'an Alertmanager of the thief’s',
        { type: 'alertmanager', url: THIEF, token: KEY },
        'refused: channels.thief.url',
      ],
      [
        'a mail server of the thief’s',
        {
          type: 'email',
          smtp: THIEF.replace('https:', 'smtps:'),
          from: 'a@example.com',
          to: ['b@example.com'],
        },
        'refused: channels.thief.smtp',
      ],
      [
        'a topic behind the thief’s endpoint',
        { type: 'sns', topicArn: 'arn:aws:sns:eu-west-1:123456789012:oncall', endpoint: THIEF },
        'refused: channels.thief.endpoint',
      ],
      [
        'a bot’s messages through the thief’s endpoint',
        { type: 'slack', token: HOOK, channel: 'C0123ABCDEF', endpoint: THIEF },
        'refused: channels.thief.endpoint',
      ],
      [
        'Slack’s webhook as one of Teams',
        { type: 'teams', webhook: HOOK },
        'not sent: it is an address on a host that channels may not call',
      ],
      [
        'two values of one key, of which the second counts',
        '{"type":"slack","webhook":"ssm:/w/secrets/slack","webhook":"env:HOME"}',
        'refused: line 1',
      ],
      [
        'the database’s password as a webhook',
        { type: 'slack', webhook: DATABASE },
        'not sent: it is no web address of a Slack webhook',
      ],
      [
        'the database’s password as a routing key',
        { type: 'pagerduty', routingKey: DATABASE },
        'not sent: it is no routing key',
      ],
      [
        'a secret that names the thief’s host',
        { type: 'slack', webhook: 'ssm:/w/secrets/thiefs-hook' },
        'not sent: it is an address on a host that channels may not call',
      ],
      [
        'a secret that names Slack’s API instead of a webhook',
        { type: 'slack', webhook: 'ssm:/w/secrets/slack-api' },
        'not sent: it is no web address of a Slack webhook',
      ],
      [
        'a parameter beside the prefix',
        { type: 'slack', webhook: 'ssm:/payroll/webhook' },
        'not sent: it cannot be read (AccessDeniedException)',
      ],
      [
        'a secret that the role was not given',
        { type: 'slack', webhook: 'secretsmanager:payroll' },
        'not sent: it cannot be read (AccessDeniedException)',
      ],
    ] satisfies Row[]
  ).map(channel),
  ...(
    [
      [
        'a variable of the function as the database’s password',
        { database: { engine: 'postgres', secret: 'env:AWS_SECRET_ACCESS_KEY' } },
        'refused: database.secret',
      ],
      [
        'a file of the function as the database’s password',
        { database: { engine: 'mysql', secret: 'file:/proc/self/environ' } },
        'refused: database.secret',
      ],
      [
        'a database of the thief’s, in the document',
        { database: { engine: 'postgres', secret: 'postgresql://w:w@collector.thief.example/a' } },
        'refused: database.secret',
      ],
      [
        'the database’s password to a host in the document',
        { database: { engine: 'postgres', secret: DATABASE, host: 'collector.thief.example' } },
        'refused: database.host',
      ],
      [
        'a webhook as the database’s password',
        { database: { engine: 'postgres', secret: HOOK } },
        'not asked: it is for no engine, the target says postgres',
      ],
      [
        'a kubeconfig, whose user may be a program',
        { ...HEALTH, cluster: { kubeconfig: '/tmp/kubeconfig' } },
        'refused: cluster.kubeconfig',
      ],
      ['the kubeconfig that the function might have', { ...HEALTH, cluster: undefined }, 'refused: cluster'],
      ['another context of it', { ...HEALTH, cluster: { context: 'admin' } }, 'refused: cluster.context'],
      [
        'an API server of the thief’s, to get a token',
        { ...HEALTH, cluster: { ...CLUSTER, endpoint: THIEF } },
        'refused: cluster.endpoint',
      ],
      [
        'a limit that calls every scheduler dead',
        { ...HEALTH, policy: { mode: 'remediate', heartbeatLimit: '1s' } },
        'refused: policy.heartbeatLimit',
      ],
    ] satisfies Row[]
  ).map(target),
  ...(
    [
      ['a file as a health page', 'file:///proc/self/environ', 'refused: health.url'],
      ['credentials in a health URL', 'http://a:b@collector.thief.example/', 'refused: health.url'],
      [
        'the role’s credentials of instance metadata',
        'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
        'not asked: link-local',
      ],
      ['the same as one number', 'http://2852039166/', 'not asked: link-local'],
      ['the same inside IPv6', 'http://[::ffff:169.254.169.254]/', 'not asked: link-local'],
      ['the same behind NAT64', 'http://[64:ff9b::a9fe:a9fe]/', 'not asked: link-local'],
      ['metadata over IPv6', 'http://[fd00:ec2::254]/', 'not asked: metadata of AWS'],
      ['credentials of a container', 'http://169.254.170.2/v2/credentials', 'not asked: link-local'],
      [
        'Lambda’s runtime API',
        'http://127.0.0.1:9001/2018-06-01/runtime/invocation/next',
        'not asked: loopback',
      ],
      ['the same by name', 'http://localhost:9001/2018-06-01/runtime/invocation/next', 'not asked: loopback'],
      ['the same by the address that is any', 'http://0.0.0.0:9001/', 'not asked: this machine'],
      ['the same over IPv6', 'http://[::1]:9001/', 'not asked: loopback'],
    ] satisfies (readonly [string, string, string])[]
  ).map(asked),
];
