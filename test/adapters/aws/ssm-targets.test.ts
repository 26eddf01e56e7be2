import { expect, test } from '@jest/globals';
import { createSsmTargets, LAST_GOOD_KEY } from '../../../functions/adapters/aws/ssm-targets.ts';
import { createMemoryState } from '../../../functions/adapters/local/memory-state.ts';
import { WatchdogError } from '../../../functions/core/errors.ts';
import { HOUR_MS } from '../../../functions/core/time.ts';
import type { DocumentStore, StoredDocument } from '../../../functions/ports.ts';

const TARGET = {
  cluster: { eks: 'prod', region: 'eu-west-1' },
  namespace: 'airflow',
  health: { podPort: 8974 },
};
const document = (name: string, value: object | string): StoredDocument => ({
  name,
  text: typeof value === 'string' ? value : JSON.stringify(value),
  secret: false,
});

function scene(given: readonly StoredDocument[], channelHosts: readonly string[] = []) {
  const world = { documents: given, isDown: false, now: 1_000_000_000_000 };
  const state = createMemoryState();
  const documents: Pick<DocumentStore, 'list' | 'placeOf'> = {
    placeOf: (name) => `ssm:/w/${name}`,
    async list() {
      if (!world.isDown) return world.documents;
      throw new WatchdogError({
        code: 'WD_TARGETS_UNREADABLE',
        what: 'SSM is away',
        notDone: 'no',
        run: 'wait',
      });
    },
  };
  /** A function that has just started: only the state is remembered. */
  const start = () =>
    createSsmTargets({
      documents: documents as DocumentStore,
      clock: { now: () => world.now },
      state,
      channelHosts,
    });
  return { world, state, start };
}

const ids = (list: { readonly targets: readonly { readonly id: string }[] }) =>
  list.targets.map(({ id }) => id);

test('the name of the parameter is the id, and one broken document leaves the others alone', async () => {
  const { start } = scene([
    document('targets/good', TARGET),
    document('targets/typo', { ...TARGET, polices: {} }),
    document('targets/double', '{"namespace":"a","namespace":"b"}'),
    document('targets/broken', '{'),
  ]);
  const list = await start().load();
  expect(ids(list)).toEqual(['good']);
  expect(list.bad.map(({ source, problems }) => [source, problems[0]?.path])).toEqual([
    ['ssm:/w/targets/typo', 'polices'],
    ['ssm:/w/targets/double', 'line 1'],
    ['ssm:/w/targets/broken', 'line 1'],
  ]);
  expect(list.stale).toBeUndefined();
});

test.each([
  { name: 'the same function', isCold: false },
  { name: 'one that has just started', isCold: true },
])('while SSM is away the last good list is used by $name, and says so', async ({ isCold }) => {
  const { world, start } = scene([document('targets/a', TARGET)]);
  const source = start();
  await source.load();
  world.isDown = true;
  world.now += 23 * HOUR_MS;
  const list = await (isCold ? start() : source).load();
  expect([ids(list), list.stale]).toEqual([['a'], { readAt: world.now - 23 * HOUR_MS, why: 'SSM is away' }]);
});

test('a list older than a day is none', async () => {
  const { world, start } = scene([document('targets/a', TARGET)]);
  const source = start();
  await source.load();
  world.isDown = true;
  world.now += 25 * HOUR_MS;
  await expect(source.load()).rejects.toThrow('SSM is away');
  await expect(start().load()).rejects.toThrow('SSM is away');
});

test('without a list that was ever read there is an error, not an empty list', async () => {
  const { world, start } = scene([]);
  world.isDown = true;
  await expect(start().load()).rejects.toThrow('SSM is away');
});

test('an empty list does not replace the memory of a full one', async () => {
  const { world, start } = scene([document('targets/a', TARGET)]);
  await start().load();
  world.documents = [];
  const emptied = start();
  expect(ids(await emptied.load())).toEqual([]);
  world.isDown = true;
  expect(ids(await start().load())).toEqual(['a']);
});

test('the state never gets a literal secret, nor a document that may hide one', async () => {
  const { world, state, start } = scene([
    document('targets/a', TARGET),
    document('targets/bad', { ...TARGET, webhook: 'https://hooks.slack.com/services/T0/B0/very-secret' }),
    document('channels/literal', {
      type: 'slack',
      webhook: 'https://hooks.slack.com/services/T0/B0/very-secret',
    }),
    document('channels/named', { type: 'slack', webhook: 'ssm:/w/secrets/slack' }),
  ]);
  await start().load();
  const { gunzipSync } = await import('node:zlib');
  const stored = (await state.load(LAST_GOOD_KEY))?.body as unknown as { readonly text: string };
  const kept = gunzipSync(Buffer.from(stored.text, 'base64')).toString('utf8');
  expect(kept).not.toContain('very-secret');
  world.isDown = true;
  const list = await start().load();
  expect([ids(list), list.channels.map(({ name }) => name)]).toEqual([['a'], ['named']]);
});

test('a target that is taken out of SSM is gone at the next read', async () => {
  const { world, start } = scene([document('targets/a', TARGET), document('targets/b', TARGET)]);
  const source = start();
  await source.load();
  world.documents = world.documents.slice(0, 1);
  expect(ids(await source.load())).toEqual(['a']);
});

test.each([
  {
    name: 'a target whose secret is a variable of the function',
    given: document('targets/a', {
      ...TARGET,
      database: { engine: 'postgres', secret: 'env:AWS_SECRET_ACCESS_KEY' },
    }),
    problem: {
      path: 'database.secret',
      found: '"env:AWS_SECRET_ACCESS_KEY"',
      expected: expect.stringContaining('ssm:NAME'),
    },
  },
  {
    name: 'a target whose secret is a file of the function',
    given: document('targets/a', {
      ...TARGET,
      database: { engine: 'mysql', secret: 'file:/proc/self/environ' },
    }),
    problem: { path: 'database.secret', found: '"file:/proc/self/environ"' },
  },
  {
    name: 'a target with a kubeconfig',
    given: document('targets/a', { ...TARGET, cluster: { kubeconfig: '/etc/kubeconfig' } }),
    problem: {
      path: 'cluster.kubeconfig',
      found: '"/etc/kubeconfig"',
      expected: expect.stringContaining('eks'),
    },
  },
  {
    name: 'a target with a context alone',
    given: document('targets/a', { ...TARGET, cluster: { context: 'prod' } }),
    problem: { path: 'cluster.context', found: '"prod"' },
  },
  {
    name: 'a target without a cluster',
    given: document('targets/a', { namespace: 'airflow', health: { podPort: 8974 } }),
    problem: { path: 'cluster', found: 'nothing' },
  },
  {
    name: 'a target in YAML',
    given: document('targets/a', 'namespace: a\nhealth: { podPort: 1 }\ncluster: { kubeconfig: ./k }\n'),
    problem: { path: 'cluster.kubeconfig', found: '"./k"' },
  },
  {
    name: 'a routing key that is a variable of the function',
    given: document('channels/a', { type: 'pagerduty', routingKey: 'env:AWS_SECRET_ACCESS_KEY' }),
    problem: { path: 'channels.a.routingKey', found: '"env:AWS_SECRET_ACCESS_KEY"' },
  },
  {
    name: 'a webhook that is a file of the function',
    given: document('channels/a', { type: 'slack', webhook: 'file:/proc/self/environ' }),
    problem: { path: 'channels.a.webhook', found: '"file:/proc/self/environ"' },
  },
  {
    name: "an endpoint that is not the vendor's",
    given: document('channels/a', {
      type: 'pagerduty',
      routingKey: 'ssm:/k',
      endpoint: 'https://evil.example.com/x',
    }),
    problem: {
      path: 'channels.a.endpoint',
      found: 'an address on "https://evil.example.com"',
      expected: expect.stringContaining('events.pagerduty.com'),
    },
  },
  {
    name: 'an endpoint that only looks like the vendor',
    given: document('channels/a', {
      type: 'slack',
      webhook: 'ssm:/k',
      endpoint: 'https://hooks.slack.com.evil.example',
    }),
    problem: { path: 'channels.a.endpoint' },
  },
  {
    name: "the other vendor's endpoint",
    given: document('channels/a', {
      type: 'slack',
      webhook: 'ssm:/k',
      endpoint: 'https://events.pagerduty.com',
    }),
    problem: { path: 'channels.a.endpoint' },
  },
  {
    name: 'an endpoint over http',
    given: document('channels/a', { type: 'slack', webhook: 'ssm:/k', endpoint: 'http://hooks.slack.com' }),
    problem: { path: 'channels.a.endpoint', found: 'an address on "http://hooks.slack.com"' },
  },
  {
    name: 'a literal webhook elsewhere',
    given: document('channels/a', {
      type: 'slack',
      webhook: 'https://evil.example.com/services/T/B/very-secret',
    }),
    problem: { path: 'channels.a.webhook', found: 'an address on "https://evil.example.com"' },
  },
])('$name is refused when it comes from SSM', async ({ given, problem }) => {
  const list = await scene([given, document('targets/other', TARGET)])
    .start()
    .load();
  expect([ids(list), list.channels]).toEqual([['other'], []]);
  expect(list.bad.flatMap(({ problems }) => problems)).toEqual([expect.objectContaining(problem)]);
  expect(JSON.stringify(list.bad)).not.toContain('very-secret');
});

test("the vendors' hosts and those that the operator names are taken", async () => {
  const given = [
    document('channels/eu', {
      type: 'pagerduty',
      routingKey: 'ssm:/k',
      endpoint: 'https://events.eu.pagerduty.com',
    }),
    document('channels/gov', { type: 'slack', webhook: 'https://hooks.slack-gov.com/services/T/B/x' }),
    document('channels/proxy', {
      type: 'slack',
      webhook: 'ssm:/k',
      endpoint: 'https://proxy.example.com:8443/slack',
    }),
    document('channels/port', { type: 'slack', webhook: 'ssm:/k', endpoint: 'http://127.0.0.1:9000' }),
  ];
  const list = await scene(given, ['proxy.example.com', '127.0.0.1:9000']).start().load();
  expect([list.channels.map(({ name }) => name), list.bad]).toEqual([['eu', 'gov', 'proxy', 'port'], []]);
});
