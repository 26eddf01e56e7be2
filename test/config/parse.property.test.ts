import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { describeBadDocument } from '../../functions/config/describe.ts';
import { isBad, targetOf } from '../../functions/config/parse.ts';
import { parseChannelFile, parseTarget } from '../../functions/config/parse-text.ts';
import { originOf, targetFrom } from './documents.ts';
import { printTarget } from './print-target.ts';

const FORMATS = ['prod.yaml', 'prod.json'];
const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const variable = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,12}$/);
const reference = fc.oneof(
  variable.map((v) => `env:${v}`),
  name.map((v) => `file:/run/${v}`),
  name.map((v) => `ssm:/${v}`),
);
const duration = (leastMs: number) =>
  fc
    .tuple(fc.integer({ min: leastMs, max: 86_400_000 }), fc.constantFrom('ms', 's', 'mixed'))
    .map(([ms, form]) => {
      if (form === 'ms') return `${ms}ms`;
      return form === 's' ? `${ms / 1_000}s` : `${Math.floor(ms / 60_000)}m${(ms % 60_000) / 1_000}s`;
    })
    .filter((text) => !/^0m0s$/.test(text) && !text.includes('e'));
const optional = { requiredKeys: [] };

const policy = fc.record(
  {
    mode: fc.constantFrom('watch', 'remediate'),
    failures: fc.integer({ min: 1, max: 20 }),
    heartbeatLimit: fc.oneof(fc.constant('auto'), duration(15_000)),
    stallLimit: duration(1),
    cooldown: duration(1),
    budget: fc.record({ removals: fc.integer({ min: 1, max: 100 }), per: duration(1) }, optional),
    tasksRunning: fc.constantFrom('ignore', 'hold'),
    memory: fc.record({ restartAbove: fc.integer({ min: 50, max: 99 }).map((share) => `${share}%`) }, {}),
    starving: fc.constantFrom('alert', 'remove'),
    // Without it the floors of the policy refuse what a document may otherwise say.
    allowUnsafe: fc.constant(true),
  },
  { requiredKeys: ['allowUnsafe'] },
);
const component = fc.record(
  { selector: name.map((v) => `component=${v}`), container: name },
  { requiredKeys: ['selector'] },
);
const endpoint = fc.oneof(
  fc.record(
    { podPort: fc.integer({ min: 1, max: 65_535 }), path: name.map((v) => `/${v}`) },
    { requiredKeys: ['podPort'] },
  ),
  fc.record({ url: fc.webUrl() }),
);
const good = fc.record(
  {
    id: name,
    cluster: fc.oneof(
      fc.record({ kubeconfig: name, context: name }, optional),
      fc.record(
        { eks: name, region: fc.constant('eu-west-1'), externalId: variable.map((v) => `x${v}`) },
        { requiredKeys: ['eks', 'region'] },
      ),
    ),
    namespace: name,
    components: fc
      .record({ scheduler: component, triggerer: component, 'dag-processor': component }, optional)
      .filter((map) => Object.keys(map).length > 0),
    health: fc.oneof(endpoint, fc.array(endpoint, { minLength: 1, maxLength: 3 })),
    database: fc.record({ engine: fc.constantFrom('postgres', 'mysql'), secret: reference }),
    policy,
    channels: fc.uniqueArray(name, { maxLength: 3 }),
  },
  { requiredKeys: ['namespace', 'health'] },
);

test('every accepted document survives print and parse', () => {
  fc.assert(
    fc.property(good, fc.constantFrom(...FORMATS), (document, file) => {
      const isJson = file.endsWith('.json');
      const parsed = targetFrom(isJson ? JSON.stringify(document) : stringify(document), file);
      expect(targetFrom(printTarget(parsed, isJson ? 'json' : 'yaml'), file)).toEqual(parsed);
    }),
  );
});

test('junk text never throws: it parses or says what is wrong', () => {
  const bits = fc.constantFrom(
    'namespace: a',
    'health:',
    '  podPort: 1',
    '\t',
    '---',
    '&a',
    '*a',
    '[',
    '{',
    '"',
    ': ',
    '\n',
    '<<',
    '!!x',
    '%',
    '|',
  );
  const junk = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.array(bits).map((parts) => parts.join('\n')),
  );
  fc.assert(
    fc.property(junk, fc.constantFrom(...FORMATS), (text, file) => {
      const parsed = parseTarget(text, originOf(file));
      if (isBad(parsed)) expect(describeBadDocument(parsed)).not.toBe('');
      const { channels, bad } = parseChannelFile(text, originOf(file));
      expect(channels.length > 0 || bad !== null || /channels/.test(text)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

/** A good document with one place replaced by anything. */
const broken = fc
  .tuple(good, fc.anything({ withNullPrototype: false, maxDepth: 2 }), fc.nat())
  .map(([document, value, at]) => {
    const keys = [...Object.keys(document), 'surprise'];
    return { ...document, [keys[at % keys.length] ?? 'surprise']: value };
  });

test('a document with one wrong place never throws, and is refused with a reason', () => {
  fc.assert(
    fc.property(broken, (document) => {
      const parsed = targetOf(document, originOf('prod.yaml'));
      if (isBad(parsed)) expect(parsed.problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

test('no secret shows up in what is said about a document', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9@/:._!-]{8,40}$/).map((tail) => `S3CR${tail}`);
  const place = fc.constantFrom('secret', 'database', 'password', 'externalId');
  fc.assert(
    fc.property(secret, place, (value, key) => {
      const documents: Record<string, unknown> = {
        secret: { database: { engine: 'x', secret: value } },
        database: { database: `postgres://u:${value}@h/db` },
        password: { database: { engine: 'postgres', password: value }, health: { password: value } },
        externalId: { cluster: { eks: 'a', externalId: `${value} ` } },
      };
      const parsed = targetOf(documents[key], originOf('prod.yaml'));
      expect(isBad(parsed) && describeBadDocument(parsed)).not.toContain(value);
    }),
  );
  fc.assert(
    fc.property(
      secret,
      fc.constantFrom('webhook', 'routingKey', 'endpoint', 'token', 'type'),
      (value, key) => {
        const channels = {
          a: { type: 'slack', [key]: value },
          b: { type: 'pagerduty', [key]: value },
          c: value,
          d: { type: 'slack', [value.padEnd(32, '0')]: null },
          e: [value],
          // Short names are names; what is as long as a key may be one.
          [value.padEnd(32, '0')]: { type: 'slack' },
        };
        const { bad } = parseChannelFile(stringify({ channels }), originOf('channels.yaml'));
        expect(bad && describeBadDocument(bad)).not.toContain(value);
      },
    ),
  );
});
